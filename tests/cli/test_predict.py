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
