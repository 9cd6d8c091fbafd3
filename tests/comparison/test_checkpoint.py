"""A folder of finished fits: whatever ends a race, a later call goes on from there."""

import json
import os
from dataclasses import fields, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import make_scorer

import rnnselect.advisor
from rnnselect import RNNAdvisor, RNNClassifier
from rnnselect.comparison import checkpoint
from rnnselect.exceptions import CheckpointWarning

SETTLED = {"random_state": 0, "min_gain": 0.0, "cv": 3, "baseline": False}
MEASURED = {"predicted_seconds", "actual_seconds", "cell_seconds", "plan", "pairs"}
ERRORS = (0.3, 0.28)
GRID = {"errors": [(0.05, 0.06), (0.3, 0.3)]}


@pytest.fixture
def make(stub, monkeypatch, tmp_path):
    monkeypatch.setattr(rnnselect.advisor, "time", stub.time)

    def make(estimator=None, **parameters):
        estimator = stub.Classifier(errors=ERRORS) if estimator is None else estimator
        return RNNAdvisor(estimator, **{"checkpoint": tmp_path / "kept", **SETTLED, **parameters})

    return make


def files(folder):
    return sorted(folder.glob("*.fit.json"))


def same(first, second):
    """Compare all of two recommendations but what a clock has measured."""
    for field in fields(first):
        if field.compare and field.name not in MEASURED:
            assert getattr(first, field.name) == getattr(second, field.name), field.name
    zero = dict.fromkeys(first.cells, 0.0)
    assert [replace(pair, seconds=zero) for pair in first.pairs] == [
        replace(pair, seconds=zero) for pair in second.pairs
    ]


# --- going on ------------------------------------------------------------------------------------


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("grid", [None, GRID])
def test_after_an_interruption_it_goes_on_and_says_the_same(make, stub, monkeypatch, grid, n_jobs):
    X, y = stub.data(120)
    undisturbed = make(checkpoint=None, param_grid=grid, n_jobs=n_jobs).recommend(X, y)
    n_fits = len(stub.fits)
    stub.fits.clear()
    monkeypatch.setattr(stub.Base, "interrupt_at", 5)
    first = make(param_grid=grid, n_jobs=n_jobs)
    first.recommend(X, y)
    assert first.recommendation_.stop_reason == "interrupted"

    monkeypatch.setattr(stub.Base, "interrupt_at", None)
    stub.fits.clear()
    found = make(param_grid=grid, n_jobs=n_jobs).recommend(X, y)

    same(found, undisturbed)
    assert len(stub.fits) <= n_fits - 4  # those of complete rounds at the least


def test_all_is_kept_and_nothing_runs_twice(make, stub, tmp_path, capsys):
    X, y = stub.data(120)
    first = make().fit(X, y)
    assert len(files(tmp_path / "kept")) == 6
    assert len(stub.fits) == 7  # the last one on all data
    again = make(verbose=1).fit(X, y)
    assert len(stub.fits) == 8
    same(again.recommendation_, first.recommendation_)
    assert f"finished fits found in {tmp_path / 'kept'}: 6" in capsys.readouterr().out
    for name in ("mean_test_score", "mean_fit_time", "std_score_time"):
        assert again.cv_results_[name].tolist() == first.cv_results_[name].tolist()


def test_under_a_budget_kept_pairs_are_free(make, stub):
    X, y = stub.data(120)
    slow = stub.Classifier(errors=ERRORS, seconds=(30.0, 30.0))
    found = make(slow, budget=130.0, cv=5).recommend(X, y)
    assert (len(found.pairs), found.stop_reason) == (2, "budget")

    found = make(slow, budget=130.0, cv=5).recommend(X, y)
    assert len(found.pairs) == 4
    assert found.cell_seconds == {"gru": 30.0, "lstm": 30.0}
    assert found.actual_seconds == 120.0

    n_fits = len(stub.fits)
    assert len(make(slow, budget=1.0, cv=5).recommend(X, y).pairs) == 4
    assert len(stub.fits) == n_fits


def test_rounds_of_a_tournament_are_free_as_well(make, stub):
    X, y = stub.data(120)
    grid = {"errors": [ERRORS, ERRORS[::-1]]}
    slow = stub.Classifier(seconds=(30.0, 30.0))
    make(slow, param_grid=grid, budget=150.0).recommend(X, y)
    assert len(stub.fits) == 4
    found = make(slow, param_grid=grid, budget=5.0).recommend(X, y)
    assert len(stub.fits) == 4
    assert len(found.pairs) == 1


def test_a_fit_that_the_deadline_cut_is_not_kept(make, stub, tmp_path):
    cut = stub.Classifier(errors=ERRORS, stop_reason="deadline")
    make(cut, budget=1000.0).recommend(*stub.data(120))
    assert files(tmp_path / "kept") == []


@pytest.mark.parametrize("dtype", [str, object])
def test_text_labels_and_other_scorers(make, stub, dtype):
    X, y = stub.data(120, 3)
    y = np.array(["no", "yes", "perhaps"], dtype=dtype)[y]
    first = make(cv=2).recommend(X, y)
    same(make(cv=2).recommend(X, y), first)
    scorer = make_scorer(lambda y, proba: proba.max(axis=1).mean(), response_method="predict_proba")
    other = make(cv=2, scoring=scorer).recommend(X, y)  # of the same predictions
    assert len(stub.fits) == 4
    same(other, make(cv=2, scoring=scorer, checkpoint=None).recommend(X, y))


def test_a_regression(make, stub):
    X, y = stub.data(100)
    first = make(stub.Regressor(errors=ERRORS), cv=2).recommend(X, y + 0.5)
    same(make(stub.Regressor(errors=ERRORS), cv=2).recommend(X, y + 0.5), first)
    assert len(stub.fits) == 4


def test_a_diverged_fit_is_kept_as_any_other(make, stub):
    class Diverging(stub.Classifier):
        def predict(self, X):
            return np.full(len(X), np.nan) if self.cell == "gru" else super().predict(X)

    def metric(y, predicted):
        return np.mean(y == predicted) if np.isfinite(predicted).all() else np.nan

    X, y = stub.data(120)
    first, again = (
        make(Diverging(errors=ERRORS), scoring=make_scorer(metric)).recommend(X, y) for _ in "12"
    )
    assert len(stub.fits) == 6
    assert np.isnan(first.scores["gru"]).all()
    assert again.scores["lstm"] == first.scores["lstm"]
    assert (again.cell, again.verdict, again.beliefs) == ("lstm", first.verdict, first.beliefs)


# --- what decides a fit --------------------------------------------------------------------------


def with_first(values, value):
    values = np.array(values)
    values[0] = value
    return values


OTHERS = {
    "a value": lambda X, y: {"X": with_first(X, [0, 0.5, 0])},
    "a target": lambda X, y: {"y": with_first(y, 1 - y[0])},
    "the order": lambda X, y: {"X": X[::-1], "y": y[::-1]},
    "weights": lambda X, y: {"sample_weight": np.ones(len(y))},
    "the seed": lambda X, y: {"random_state": 1},
    "the folds": lambda X, y: {"cv": 4},
    "a parameter": lambda X, y: {"seconds": (1.0, 2.0)},
}


@pytest.mark.parametrize("other", OTHERS)
def test_of_anything_else_nothing_is_taken(make, stub, other):
    X, y = stub.data(120)
    make().recommend(X, y)
    stub.fits.clear()
    changed = OTHERS[other](X, y)
    data = {name: changed.pop(name) for name in ("X", "y", "sample_weight") if name in changed}
    parameters = {name: changed.pop(name) for name in ("seconds",) if name in changed}
    advisor = make(stub.Classifier(errors=ERRORS, **parameters), **changed)
    advisor.recommend(**{"X": X, "y": y, **data})
    assert len(stub.fits) == 2 * advisor.recommendation_.rules.max_pairs


@pytest.mark.parametrize(
    "parameters",
    [{"n_jobs": 2}, {"rope": 0.5}, {"confidence": 0.6}, {"baseline": False}, {"budget": 1e6}],
)
def test_what_decides_no_fit_may_change(make, stub, parameters):
    X, y = stub.data(120)
    make().recommend(X, y)
    make(**parameters).recommend(X, y)
    assert len(stub.fits) == 6


def test_further_candidates_take_what_is_there(make, stub):
    X, y = stub.data(120)
    make(param_grid={"errors": [(0.05, 0.06)]}).recommend(X, y)
    make(param_grid=GRID).recommend(X, y)
    assert [cell for cell, *_ in stub.fits].count("gru") == 6


def test_without_a_fixed_seed_there_is_nothing_to_go_on_from(make, stub, tmp_path):
    with pytest.raises(ValueError, match=r"needs a fixed random_state.*Give random_state=0"):
        make(random_state=None).recommend(*stub.data(100))
    assert stub.fits == []
    assert not (tmp_path / "kept").exists()


def test_what_cannot_be_recognised_is_refused(make, stub):
    X, y = stub.data(100)

    class Scorer:
        def __init__(self):
            self.log = open(os.devnull)  # noqa: SIM115

        def __call__(self, estimator, X, y):
            return estimator.score(X, y)

    scorer = Scorer()
    with scorer.log, pytest.raises(ValueError, match=r"same scoring: .* cannot be pickled"):
        make(scoring=scorer).recommend(X, y)
    assert stub.fits == []


# --- scorers that fail ---------------------------------------------------------------------------


def test_a_mended_scorer_goes_on_with_kept_predictions(make, stub, tmp_path):
    """It fails in the second pair; fits that had finished are scored anew."""
    X, y = stub.data(100)

    def metric(y, predicted):
        if len(stub.fits) > 3:
            raise RuntimeError("mine")
        return np.mean(y == predicted)

    with pytest.raises(RuntimeError, match="mine") as caught:
        make(scoring=make_scorer(metric)).recommend(X, y)
    assert caught.value.__notes__ == ["In the fit of GRU on split 2 of 3."]
    assert len(files(tmp_path / "kept")) == 3

    def metric(y, predicted):
        return np.mean(y != predicted)

    mended = make_scorer(metric)
    stub.fits.clear()
    found = make(scoring=mended).recommend(X, y)
    assert len(stub.fits) == 3
    same(found, make(scoring=mended, checkpoint=None).recommend(X, y))


def test_a_callable_may_look_at_more_than_predictions(make, stub):
    X, y = stub.data(120)
    make(scoring=lambda estimator, X, y: estimator.score(X, y)).recommend(X, y)
    make(scoring=lambda estimator, X, y: estimator.score(X, y)).recommend(X, y)
    assert len(stub.fits) == 6
    found = make(scoring=lambda estimator, X, y: -estimator.score(X, y)).recommend(X, y)
    assert len(stub.fits) == 12
    assert all(score < 0 for score in found.scores["gru"])


# --- files that are not what they should be ------------------------------------------------------


def changed(*where, to):
    def damage(path):
        document = json.loads(path.read_text())
        part = document
        for name in where[:-1]:
            part = part[name]
        part[where[-1]] = to
        fit = json.dumps(document["fit"], indent=1).encode("ascii")
        document["sha256"] = sha256(fit).hexdigest()
        path.write_text(json.dumps(document, indent=1))

    return damage


def holding(content):
    return lambda path: path.write_bytes(content)


def cut_off(path):
    os.truncate(path, path.stat().st_size // 2)


def one_bit(path):
    content = bytearray(path.read_bytes())
    content[content.index(b'"base64": "') + 30] ^= 1
    path.write_bytes(content)


def another_fit(path):
    other = next(each for each in files(path.parent) if each != path)
    path.write_bytes(other.read_bytes())


def a_pipe(path):
    path.unlink()
    os.mkfifo(path)


PREDICTED = ("fit", "answers", "predict")
DAMAGES = {
    "empty": holding(b""),
    "cut off": cut_off,
    "one bit": one_bit,
    "no JSON": holding(b"\x80\x04K\x01."),
    "deep": holding(b"[" * 100_000),
    "null": holding(b"null"),
    "a number for all": changed("fit", "answers", to=5),
    "another version": changed("version", to=2),
    "another program's": changed("format", to="mine"),
    "another fit's": another_fit,
    "no score": changed("fit", "score", to="0.9"),
    "an infinite score": changed("fit", "score", to={"float": "inf"}),
    "negative seconds": changed("fit", "seconds", to=-1),
    "absurd seconds": changed("fit", "seconds", to=1e300),
    "a truth for epochs": changed("fit", "n_epochs", to=True),
    "texts as losses": changed("fit", "history", to={"loss": ["a"]}),
    "a further field": changed("fit", "code", to="import os"),
    "fewer samples": changed(*PREDICTED, "shape", to=[3]),
    "a huge shape": changed(*PREDICTED, "shape", to=[40, 10**9]),
    "a negative shape": changed(*PREDICTED, "shape", to=[-1]),
    "an object dtype": changed(*PREDICTED, "dtype", to="object"),
    "a record dtype": changed(*PREDICTED, "dtype", to="i4,f8"),
    "no base64": changed(*PREDICTED, "base64", to="!!"),
    "texts of huge width": changed(
        *PREDICTED, to={"dtype": "str", "shape": [40], "texts": ["a" * 4_000_000] + ["b"] * 39}
    ),
    "another question": changed("fit", "answers", to={"__class__": None}),
    "no predictions": changed("fit", "answers", to=None),
    "a pipe": a_pipe,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_file_that_is_no_fit_is_named_and_its_fit_runs_again(make, stub, tmp_path, damage):
    X, y = stub.data(120)
    first = make().recommend(X, y)
    path = files(tmp_path / "kept")[2]
    DAMAGES[damage](path)
    stub.fits.clear()
    with pytest.warns(CheckpointWarning, match=rf"1 file\(s\) cannot be used, .*{path.name}") as w:
        found = make().recommend(X, y)
    assert len(stub.fits) == 1
    assert len(str(w[0].message)) < 600
    same(found, first)


def test_the_file_is_mended(make, stub, tmp_path):
    X, y = stub.data(120)
    make().recommend(X, y)
    whole = {path: json.loads(path.read_text())["fit"] for path in files(tmp_path / "kept")}
    cut_off(next(iter(whole)))
    with pytest.warns(CheckpointWarning):
        make().recommend(X, y)
    for path, fit in whole.items():
        assert json.loads(path.read_text())["fit"] == fit
    assert len(list((tmp_path / "kept").iterdir())) == 6


def test_a_folder_in_the_place_of_a_file(make, stub, tmp_path):
    X, y = stub.data(120)
    make().recommend(X, y)
    path = files(tmp_path / "kept")[0]
    path.unlink()
    path.mkdir()
    with pytest.warns(CheckpointWarning) as caught:
        make().recommend(X, y)
    read, written = (str(each.message) for each in caught)
    assert f"{path.name} (it is no file)" in read
    assert "cannot be kept (Is a directory)" in written
    assert path.is_dir()


def test_many_damaged_files_give_one_warning(make, stub, tmp_path):
    X, y = stub.data(120)
    make().recommend(X, y)
    for path in files(tmp_path / "kept"):
        path.write_bytes(b"")
    with pytest.warns(CheckpointWarning, match=r"6 file\(s\) .*; \.\.\.") as caught:
        make().recommend(X, y)
    assert len(caught) == 1
    assert caught[0].filename == __file__


def test_what_a_kill_left_half_written_is_never_read(make, stub, tmp_path):
    X, y = stub.data(120)
    first = make().recommend(X, y)
    path = files(tmp_path / "kept")[0]
    path.rename(path.with_name(f".{path.name}.0123456789abcdef.tmp"))
    stub.fits.clear()
    same(make().recommend(X, y), first)
    assert len(stub.fits) == 1


# --- folders that take nothing -------------------------------------------------------------------


def test_a_folder_that_cannot_be_made_is_refused_before_any_fit(make, stub, tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OSError, match="finished fits cannot be kept there"):
        make(checkpoint=tmp_path / "file").recommend(*stub.data(100))
    with pytest.raises(NotADirectoryError, match="give a folder that may be written to"):
        make(checkpoint=tmp_path / "file" / "below").recommend(*stub.data(100))
    assert stub.fits == []
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs Linux")
def test_a_folder_that_takes_no_files_is_refused_before_any_fit(make, stub):
    """Nobody, whatever his rights, can make a file there."""
    with pytest.raises(OSError, match="finished fits cannot be kept there"):
        make(checkpoint="/proc").recommend(*stub.data(100))
    assert stub.fits == []


def test_a_folder_that_vanishes_in_mid_race(make, stub, tmp_path, monkeypatch):
    write = checkpoint._write

    def vanish(path, content):
        if len(files(path.parent)) == 2:
            for each in path.parent.iterdir():
                each.unlink()
            path.parent.rmdir()
        write(path, content)

    monkeypatch.setattr(checkpoint, "_write", vanish)
    X, y = stub.data(120)
    with pytest.warns(CheckpointWarning, match=r"cannot be kept \(No such file") as caught:
        found = make().recommend(X, y)
    assert len(caught) == 1  # nothing is tried after that
    same(found, make(checkpoint=None).recommend(X, y))


def test_a_full_disk_in_mid_race(make, stub, tmp_path, monkeypatch, full_disk):
    write = checkpoint._write

    def write_until_full(path, content):
        if len(files(path.parent)) < 3:
            write(path, content)
        else:
            with full_disk():
                write(path, content)

    X, y = stub.data(120)
    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "_write", write_until_full)
        with pytest.warns(CheckpointWarning, match=r"\(File too large\)\. The comp") as caught:
            found = make().recommend(X, y)
    assert len(caught) == 1
    assert len(list((tmp_path / "kept").iterdir())) == 3  # whole ones, and no half
    stub.fits.clear()
    same(make().recommend(X, y), found)
    assert len(stub.fits) == 3


def test_a_disk_that_is_full_from_the_start(make, stub, tmp_path, full_disk):
    with full_disk(), pytest.raises(OSError, match=r"cannot be kept there .*has room"):
        make().recommend(*stub.data(120))
    assert stub.fits == []
    assert list((tmp_path / "kept").iterdir()) == []


def test_predictions_that_no_file_can_hold(make, stub, tmp_path):
    class Dates(stub.Classifier):
        def predict(self, X):
            return super().predict(X).astype("datetime64[D]")

    X, y = stub.data(120)
    with pytest.warns(CheckpointWarning, match="dtype datetime64.* neither numbers nor texts"):
        found = make(Dates(errors=ERRORS), scoring=make_scorer(lambda y, p: 0.5)).recommend(X, y)
    assert len(found.pairs) == 3
    assert files(tmp_path / "kept") == []


# --- with real networks --------------------------------------------------------------------------


def test_networks_go_on_to_the_same_bits(data, tmp_path, monkeypatch):
    fit, fits = RNNClassifier.fit, []

    def fit_and_count(self, *args, **kwargs):
        fits.append(self.cell)
        if len(fits) == interrupted_at:
            raise KeyboardInterrupt
        return fit(self, *args, **kwargs)

    def recommend(folder):
        advisor = RNNAdvisor(RNNClassifier(units=4, epochs=2), checkpoint=folder, **SETTLED)
        return advisor.recommend(data.panel, data.classes)

    monkeypatch.setattr(RNNClassifier, "fit", fit_and_count)
    interrupted_at = None
    undisturbed = recommend(None)
    fits.clear()
    interrupted_at = 4
    assert len(recommend(tmp_path).pairs) == 1
    fits.clear()
    same(recommend(tmp_path), undisturbed)
    assert len(fits) == 3
