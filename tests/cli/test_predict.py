import numpy as np
import polars as pl
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

from rnnselect.cli.reading import Reading


class Sum(RegressorMixin, BaseEstimator):
    """Predicts the sum of all values of a sequence."""

    def predict(self, X):
        return np.array([np.asarray(x).sum() for x in X])


class Sign(ClassifierMixin, BaseEstimator):
    """Predicts whether that sum is positive."""

    classes_ = np.array(["down", "up"])

    def predict_proba(self, X):
        up = (Sum().predict(X) > 0) * 0.5 + 0.25
        return np.column_stack([1 - up, up])

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


@pytest.fixture
def model(kept, tmp_path):
    """Put a model where the command finds it."""

    def keep(estimator, reading=None):
        path = tmp_path / "model"
        path.write_text("a model")
        kept[path] = estimator, {} if reading is None else {"reading": reading.to_dict()}
        return path

    return keep


@pytest.fixture
def long(tmp_path):
    path = tmp_path / "new.csv"
    path.write_text("case,time,extra,a\nq,1,9,2\nq,0,9,-1\nr,0,9,-4\n")
    return path


LONG = Reading("long", "label", "case", "time", ("a",))


def test_a_table_is_read_as_the_training_data_were(run, model, long):
    result = run("predict", model(Sign(), LONG), long)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "case,prediction,probability_down,probability_up",
        "q,up,0.250000,0.750000",
        "r,down,0.750000,0.250000",
    ]
    assert result.stderr == ""


@pytest.mark.parametrize(
    ("labels", "told"),
    [(("up", "up", "up"), "accuracy 0.500 on these 2"), (("up", "up", None), "")],
    ids=["known", "partly known"],
)
def test_the_score_is_told_where_the_target_is_known(run, model, long, labels, told):
    table = pl.read_csv(long).with_columns(label=pl.Series(labels))
    table.write_csv(long)
    result = run("predict", model(Sign(), LONG), long)
    assert result.exit_code == 0
    assert told in result.stderr
    assert bool(told) == bool(result.stderr)
    assert run("predict", model(Sign(), LONG), long, "--quiet").stderr == ""


def test_values(run, model, tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, X=np.arange(6.0).reshape(2, 3), y=[3.0, 12.0])
    out = tmp_path / "out.csv"
    result = run("predict", model(Sum(), Reading("arrays")), path, "--out", out)
    assert out.read_text() == "row,prediction\n0,3.0\n1,12.0\n"
    assert result.stdout == ""
    assert "R2 1.000 on these 2 sequences" in result.stderr


def test_several_outputs(run, model, tmp_path):
    class Twice(Sum):
        def predict(self, X):
            return np.column_stack([super().predict(X)] * 2)

    path = tmp_path / "a.npz"
    np.savez(path, X=np.ones((1, 3)))
    result = run("predict", model(Twice(), Reading("arrays")), path)
    assert result.stdout == "row,prediction_0,prediction_1\n0,3.0,3.0\n"


def test_a_model_that_does_not_say_how_its_data_were_read(run, model, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("t0,t1,t2\n1,2,3\n")
    result = run("predict", model(Sum()), path)
    assert result.stdout == "row,prediction\n0,6.0\n"
    assert "does not say how its data were read" in result.stderr


@pytest.mark.parametrize(
    ("file", "reading", "words"),
    [
        ("arrays.npz", LONG, "was trained on a table"),
        ("wide.csv", Reading("arrays"), "was trained on arrays"),
        ("wide.csv", LONG, "has no column 'case', which the model was trained on; it has id, t0"),
    ],
)
def test_data_of_another_form(run, model, tables, file, reading, words):
    result = run("predict", model(Sum(), reading), tables[file])
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert words in line


def test_the_data_are_not_written_over(run, model, long):
    result = run("predict", model(Sign(), LONG), long, "--out", long)
    assert result.exit_code == 2
    assert "would be lost" in result.stderr


# --- what cannot be predicted has its line all the same -------------------------------------------


def test_a_sequence_that_cannot_be_used_has_an_empty_prediction(run, model, tmp_path):
    path = tmp_path / "new.csv"
    rows = ["q,2024-01-02,2", "r,later,1", "q,2024-01-01,-1", "s,2024-01-01,5"]
    rows += [f"z{k},2024-01-01,1" for k in range(20)]  # or the column would not be one of times
    path.write_text("\n".join(["case,time,a", *rows]))
    result = run("predict", model(Sum(), LONG), path)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[1:4] == ["q,1.0", "r,", "s,5.0"]
    assert "1 sequence with a time that cannot be read (r; line 3)" in result.stderr


class Careful(Sum):
    """Like a network that was trained without missing cells."""

    missing = "error"

    def predict(self, X):
        assert not any(np.isnan(x).any() for x in X)
        return super().predict(X)


def test_missing_cells_that_the_model_has_not_learnt(run, model, tmp_path):
    path = tmp_path / "new.csv"
    path.write_text("case,time,a\nq,0,2\nq,1,-\nr,0,4\n")
    result = run("predict", model(Careful(), LONG), path)
    assert result.stdout.splitlines()[1:] == ["q,", "r,4.0"]
    assert "with missing cells, which the model was trained without" in result.stderr
    result = run("predict", model(Careful(), LONG), path, "--missing", "mask")
    assert result.exit_code == 2
    assert "train it by 'recommend --missing mask'" in result.stderr


@pytest.mark.parametrize("labelled", [True, False])
def test_a_file_without_names_with_and_without_its_labels(run, model, tmp_path, labelled):
    reading = Reading("columns", "c1", values=("c2", "c3", "c4"), header=False)
    path = tmp_path / "new.tsv"
    rows = [["1", "0.5", "1.5", "2.5"], ["2", "0.25", "3.5", "4.5"]]
    path.write_text("\n".join("\t".join(row[not labelled :]) for row in rows))
    result = run("predict", model(Sum(), reading), path, "--quiet")
    assert result.stdout == "row,prediction\n0,4.5\n1,8.25\n"


def test_a_series_is_continued_from_its_end(run, model, tmp_path):
    class Last(Sum):
        def predict(self, X):
            (window,) = np.asarray(X)
            assert window.shape == (3, 2)
            return window[-2:, :1].T + 10

    reading = Reading("series", "sales", time="day", values=("temp",), window=3, horizon=2)
    path = tmp_path / "new.csv"
    days = [4, 2, 1, 3, 5]
    path.write_text("day,sales,temp\n" + "".join(f"2024-01-0{d},{d},0.5\n" for d in days))
    result = run("predict", model(Last(), reading), path)
    assert result.stdout == "day,prediction\n2024-01-06,14.0\n2024-01-07,15.0\n"
    path.write_text("day,sales,temp\n2024-01-01,1,0.5\n")
    assert "takes 3; give a longer series" in run("predict", model(Last(), reading), path).stderr


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (None, ["1", "2"]),
        ([10, 12, 14], ["16", "18"]),
        (["2024-01-01 22:00", "2024-01-01 23:00", "2024-01-02 00:00"],
         ["2024-01-02 01:00", "2024-01-02 02:00"]),
        (["2023-11", "2023-12", "2024-01"], ["2024-02-01", "2024-03-01"]),
        (["2023-07-15", "2023-10-15", "2024-01-15"], ["2024-04-15", "2024-07-15"]),
        (["2024-01-01 10:00:30", "2024-01-01 10:00:45", "2024-01-01 10:01:00"],
         ["2024-01-01 10:01:15", "2024-01-01 10:01:30"]),
    ],
)  # fmt: skip
def test_a_forecast_names_the_times_that_follow(run, model, tmp_path, times, expected):
    class Last(Sum):
        def predict(self, X):
            return np.array([[1.0, 2.0]])

    reading = Reading("series", "v", time=None if times is None else "t", window=3, horizon=2)
    path = tmp_path / "new.csv"
    path.write_text("t,v\n" + "".join(f"{t},{k}\n" for k, t in enumerate(times or "abc")))
    lines = run("predict", model(Last(), reading), path).stdout.splitlines()
    assert lines[0] == f"{'step' if times is None else 't'},prediction"
    assert [line.split(",")[0] for line in lines[1:]] == expected


@pytest.mark.parametrize("name", ["notes.txt", "model"])
def test_models_and_other_files_are_not_written_over(run, model, long, tmp_path, name):
    path, other = model(Sign(), LONG), tmp_path / name
    other.touch()
    result = run("predict", path, long, "--out", other)
    assert result.exit_code == 2
    assert "choose another name" in result.stderr
