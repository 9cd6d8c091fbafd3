"""`RNNAdvisor(evidence_path=...)`, with estimators that learn nothing and cost nothing."""

import json
import pickle
import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.model_selection import KFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from rnnselect import RNNAdvisor, RNNClassifier
from rnnselect.advice.history import History
from rnnselect.advice.points import score_scale
from rnnselect.advice.posterior import NoisePrior, pair_statistics, update
from rnnselect.advice.study import prior_for
from rnnselect.advice.verdict import Verdict
from rnnselect.comparison.candidates import make_candidates
from rnnselect.comparison.memory import circumstances_of
from rnnselect.exceptions import HistoryFileError, HistoryNotKeptWarning
from rnnselect.sequences.fingerprint import fingerprint
from rnnselect.sequences.profile import profile_sizes
from rnnselect.sequences.validation import read_sequences


class Guess(ClassifierMixin, BaseEstimator):
    """Errs on a share of the samples, of which its cell decides little."""

    def __init__(self, cell="gru", lead=0.0, random_state=None):
        self.cell = cell
        self.lead = lead
        self.random_state = random_state

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        share = 0.1 - self.lead * (self.cell == "lstm")
        wrong = np.modf(np.abs(X[:, 1]) * 1000)[0] < share
        return ((X[:, 0] > 0) ^ wrong).astype(int)


def problem(seed=0, n=2000):
    X = np.random.default_rng(seed).normal(size=(n, 6))
    return X, (X[:, 0] > 0).astype(int)


def advisor(path, **parameters):
    estimator = Guess(lead=parameters.pop("lead", 0.0))
    given = {"baseline": False, "random_state": 0, "evidence_path": path, **parameters}
    return RNNAdvisor(estimator, **given)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "races.db"


def remember(path, n, *, gap=0.0, sd=0.1, **parameters):
    """Race once, and fill the history with races like this one on other data."""
    if not path.exists():
        advisor(path, **parameters).recommend(*problem())
    (race, *_), history = races(path), History(path)
    for k in range(n):
        X = np.random.default_rng(1000 + k).normal(size=(50, 6))
        gaps = [gap - sd, gap + sd]
        pairs = pair_statistics(NoisePrior(sd**2, 10.0), gaps, n_folds=5)
        seen = fingerprint(read_sequences(X))
        history.add(replace(race, statistics=pairs, fingerprint=seen, verdict="safe"))
    return path


@pytest.fixture
def filled(path):
    """Enough races to do without a test."""
    return remember(path, 24)


def races(path):
    return History(Path(path)).races()


def reason(found):
    (sentence,) = [each.sentence for each in found.reasons if each.code == "history"]
    return sentence


def without_clock(found):
    record = json.loads(found.to_json())
    for name in (
        "actual_seconds",
        "cell_seconds",
        "baseline_seconds",
        "predicted_seconds",
        "plan",
        "pairs",
    ):
        del record[name]
    return record


def test_a_finished_race_is_kept(path):
    X, y = problem()
    found = advisor(str(path)).recommend(X, y)
    (race,) = races(path)

    differences = [pair.difference_points for pair in found.pairs]
    assert race.statistics.mean_points == pytest.approx(np.mean(differences))
    assert race.statistics.n_pairs == len(found.pairs)
    assert race.verdict == found.verdict.value
    facts = race.circumstances
    assert (facts.n_samples, facts.sequence_length, facts.n_outputs) == (2000, 6, 2)
    assert (facts.first_cell, facts.second_cell, facts.scorer) == ("gru", "lstm", "accuracy")
    assert set(json.loads(facts.settings)) == {"gru", "lstm"}
    assert {"keras", "numpy", "scikit-learn"} <= set(json.loads(race.versions))
    assert race.finished.utcoffset().total_seconds() == 0
    assert reason(found) == "The history has no races yet."


def test_the_same_data_never_feed_their_own_prior(path):
    X, y = problem()
    first, again = (advisor(path).recommend(X, y) for _ in range(2))
    shuffled = np.random.default_rng(1).permutation(len(X))
    other_order = advisor(path).plan(X[shuffled], y[shuffled])

    changed = {"reasons"}
    assert {name: value for name, value in without_clock(first).items() if name not in changed} == {
        name: value for name, value in without_clock(again).items() if name not in changed
    }
    assert "1 race; none can be used here (1 on the same or overlapping data left out)" in reason(
        again
    )
    assert "2 races; none can be used here (2 on" in reason(other_order)


def test_nested_cross_validation_leaks_nothing(path):
    """Five outer parts, scaled each in its own way: none learns from another."""
    pipeline = make_pipeline(StandardScaler(), advisor(path))
    done = cross_validate(pipeline, *problem(), cv=KFold(5), return_estimator=True)

    assert len(races(path)) == 5
    for k, fitted in enumerate(done["estimator"]):
        sentence = reason(fitted[-1].recommendation_)
        assert "no races yet" in sentence or f"none can be used here ({k} on the same" in sentence


class OneWord(BaseEstimator):
    """Knows one word, and makes everything else of the others look different in each call."""

    def fit(self, X, y=None):
        self.seed_ = len(X[0])
        return self

    def transform(self, X):
        right = [2.0 * text.startswith("up") - 1 for text in X]
        return np.column_stack([right, np.random.default_rng(self.seed_).random(len(X))])


def test_texts_are_recognised_whatever_a_pipeline_makes_of_them(path):
    X = np.array([f"{('up', 'down')[k % 2]} {k:0{3 + k // 300}d}" for k in range(1200)])
    pipeline = make_pipeline(OneWord(), Guess())
    for part in (slice(0, 800), slice(400, 1200)):
        given = {"baseline": False, "random_state": 0, "evidence_path": path}
        y = np.char.startswith(X[part], "up").astype(int)
        found = RNNAdvisor(pipeline, **given).recommend(X[part], y)

    assert "(1 on the same or overlapping data left out)" in reason(found)


def test_data_are_recognised_before_a_pipeline_scales_them(path):
    """Three time steps, each scaled on its own: of what the networks see, little remains."""
    X, y = problem(n=900)
    pipeline = make_pipeline(StandardScaler(), Guess())
    for part in (slice(0, 600), slice(300, 900)):
        given = {"baseline": False, "random_state": 0, "evidence_path": path}
        found = RNNAdvisor(pipeline, **given).recommend(X[part, :3], y[part])

    assert "(1 on the same or overlapping data left out)" in reason(found)


def test_a_history_pays(filled):
    """Similar data need no race any more, and the answer says why and how sure it is."""
    n_before = len(races(filled))
    found = advisor(filled).recommend(*problem(100))
    plan = advisor(filled).plan(n_samples=1500, sequence_length=9)

    assert found.verdict is Verdict.NOT_TESTED
    assert found.action == plan.action == "recommend"
    assert found.expected_regret_points < 0.1
    assert "That is enough to skip the comparison." in reason(found)
    assert reason(plan) == reason(found)
    assert "rows 1-" in found.plan.reasons[0].source
    assert len(races(filled)) == n_before  # untested, so nothing was added
    assert advisor(filled, min_gain=0).recommend(*problem(101)).action == "cross_validate"
    assert len(races(filled)) == n_before + 1


def test_other_data_and_settings_do_not_profit(filled):
    X, y = problem(100)
    small = advisor(filled).plan(X[:300], y[:300])
    other = RNNAdvisor(Guess(lead=0.001), evidence_path=filled).plan(X, y)
    other_scorer = advisor(filled, scoring="f1").plan(X, y)

    for plan, n_samples in ((small, 300), (other, 2000), (other_scorer, 2000)):
        assert "none can be used here" in reason(plan)
        before = update(
            prior_for(n_samples=n_samples), NoisePrior(1.0, 2.0), [], n_folds=5, rope_points=1.0
        )
        assert plan.expected_regret_points == pytest.approx(before.expected_regret_points)


def test_a_short_history_still_runs_a_first_pair(path):
    """Its prior alone would do without; that is not earned by eight races."""
    remember(path, 8, sd=0.02)
    X, y = problem(100)
    plan, found = advisor(path).plan(X, y), advisor(path).recommend(X, y)

    assert plan.rows[-1].value_points < 0.05
    assert (plan.n_pairs, len(found.pairs)) == (1, 1)
    assert "That is not enough to skip the comparison" in reason(found)


def test_an_untested_choice_follows_a_history_that_leans(path):
    remember(path, 45, gap=3.0, sd=0.3, lead=0.03)
    X, y = problem(100)
    straight = advisor(path, lead=0.03).recommend(X, y)
    mirrored = advisor(path, lead=0.03, cells=("lstm", "gru")).recommend(X, y)

    for found in (straight, mirrored):
        assert (found.verdict, found.cell) == (Verdict.NOT_TESTED, "lstm")
        assert "Not tested. Other data sets suggest" in found.headline
        assert "in favour of LSTM" in reason(found)
        assert not found.clock_decided
    assert advisor(path, lead=0.03).plan(X, y).cell == "lstm"
    assert mirrored.gap_points == pytest.approx(-straight.gap_points)


def test_the_same_file_gives_the_same_recommendation(path, tmp_path):
    remember(path, 3)
    content, found = path.read_bytes(), []
    for name in ("a.db", "b.db"):
        copy = tmp_path / name
        copy.write_bytes(content)
        found.append(advisor(copy).recommend(*problem(100)))
    first, second = (without_clock(each) for each in found)
    for each in (first, second):
        each["reasons"][-1].pop("source")  # the path
        each.pop("provenance")  # names it, too

    assert first == second


# --- what is not kept, and what cannot be ---------------------------------------------------------


def test_without_a_race_nothing_is_kept(path):
    found = advisor(path, budget=1e-6).recommend(*problem())
    advisor(path).plan(*problem())

    assert found.verdict is Verdict.NOT_TESTED
    assert not path.exists()


def test_interrupted_before_the_first_pair(path, monkeypatch):
    def interrupted(self, X, y):
        raise KeyboardInterrupt

    monkeypatch.setattr(Guess, "fit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        advisor(path).recommend(*problem())
    assert not path.exists()


@pytest.mark.parametrize("call", ["plan", "recommend", "fit"])
@pytest.mark.parametrize("damage", ["bytes", "other program", "folder", "no folder"])
def test_no_history_is_said_before_anything_is_trained(path, call, damage, monkeypatch):
    def trained(self, X, y):
        raise AssertionError

    monkeypatch.setattr(Guess, "fit", trained)
    if damage == "bytes":
        path.write_bytes(b"no database" * 1000)
    elif damage == "other program":
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE gru (lstm TEXT)")
        connection.close()
    else:
        path = path.parent if damage == "folder" else path / "races.db"

    with pytest.raises(HistoryFileError, match="evidence_path="):
        getattr(advisor(path), call)(*problem())


def test_a_recommendation_outlives_a_race_that_cannot_be_kept(path, monkeypatch):
    """The disk is full, the folder read-only: here, the folder vanishes in mid-race."""
    path = path.parent / "folder" / "races.db"
    path.parent.mkdir()
    fit = Guess.fit

    def vanishing(self, X, y):
        path.parent.rmdir() if path.parent.exists() else None
        return fit(self, X, y)

    monkeypatch.setattr(Guess, "fit", vanishing)
    with pytest.warns(HistoryNotKeptWarning, match=r"does not exist.*was not added") as caught:
        fitted = advisor(path).fit(*problem())

    assert caught[0].filename == __file__
    assert fitted.best_cell_ == fitted.recommendation_.cell
    assert fitted.recommendation_.pairs


@pytest.mark.parametrize("wrong", [3, b"races.db", ["races.db"]])
def test_no_path(wrong):
    with pytest.raises(ValueError, match="'evidence_path' parameter of RNNAdvisor"):
        advisor(wrong).recommend(*problem())


def test_a_path_is_cloned_and_pickled(path):
    made = advisor(path)

    assert clone(made).evidence_path == path
    assert pickle.loads(pickle.dumps(made)).evidence_path == path


# --- settings -------------------------------------------------------------------------------------


def circumstances(estimator, match="units", cells=("gru", "lstm"), grid=None):
    profile = profile_sizes(n_samples=100, sequence_length=5)
    candidates = make_candidates(estimator, cells, None, match, profile, grid)
    scale = score_scale(None, is_classifier=True)
    return circumstances_of(candidates, profile, scale, estimator, match)


def setting(*args, **kwargs):
    return circumstances(*args, **kwargs).setting_hash


def test_a_grid_of_one_setting_is_that_setting():
    of_a_grid = circumstances(RNNClassifier(), grid={"units": [16]})
    assert of_a_grid == circumstances(RNNClassifier(units=16))
    assert of_a_grid.first_cell == "gru"


@pytest.mark.parametrize(
    ("estimator", "same"),
    [
        (RNNClassifier(cell="lstm", random_state=3, verbose=1, engine="keras"), True),
        (RNNClassifier(units=np.int64(32)), True),
        (RNNClassifier(units=16), False),
        (RNNClassifier(learning_rate=0.5), False),
        (RNNClassifier(class_weight={0: 1.0, 1: 2.0}), False),
        (make_pipeline(StandardScaler(), RNNClassifier()), False),
    ],
)
def test_settings_are_the_same_where_results_are(estimator, same):
    assert (setting(estimator) == setting(RNNClassifier())) is same


def test_settings_know_arrays_objects_and_what_was_matched():
    vectors = [np.eye(4), np.eye(4) + 1e-9]
    embedded = [RNNClassifier(embedding_dim=4, embedding_weights=each) for each in vectors]
    folds = [RNNClassifier(validation_fraction=KFold(n)) for n in (2, 2, 3)]

    assert setting(embedded[0]) == setting(clone(embedded[0])) != setting(embedded[1])
    assert setting(folds[0]) == setting(folds[1])
    assert setting(RNNClassifier()) == setting(RNNClassifier(), cells=("lstm", "gru"))
    assert setting(RNNClassifier()) != setting(RNNClassifier(), match="parameters")
