"""What tests share: small data sets of every kind, and scripts run in a fresh interpreter."""

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from rnnselect.advice.baseline import DUMMY
from rnnselect.advice.cost import CostForecast, Interval
from rnnselect.advice.noise import bootstrap_scores
from rnnselect.advice.planner import make_plan
from rnnselect.advice.prior import NoisePrior, Prior
from rnnselect.advice.provenance import Provenance
from rnnselect.advice.race import PairOutcome, run_race
from rnnselect.advice.recommendation import conclude
from rnnselect.advice.rules import RaceRules
from rnnselect.sequences.profile import profile_sizes

PROJECT = Path(__file__).parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# All tests share these sizes, because every new shape compiles for about a second.
N_SAMPLES, N_TIMESTEPS, N_CHANNELS, N_CLASSES = 60, 8, 2, 3


@pytest.fixture(scope="session", autouse=True)
def few_trees_and_draws():
    """A hundred trees take 50 ms a fold, two hundred scores 100 ms; few tests are about them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rnnselect.advice.baseline.N_TREES", 5)
        patch.setitem(bootstrap_scores.__kwdefaults__, "n_draws", 50)
        yield


@pytest.fixture
def noise_of_the_trial(monkeypatch):
    """What was believed of a pair's noise where the rule was tried first."""
    trial = {"FACTOR_CLASSIFICATION": 1.25, "SHAPE_CLASSIFICATION": 10.0}
    trial |= {"FACTOR_REGRESSION": 2.0, "SHAPE_REGRESSION": 2.0}
    for name, value in trial.items():
        monkeypatch.setattr(f"rnnselect.advice.prior.NOISE_{name}", value)


def make_panel(seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(N_SAMPLES, N_TIMESTEPS, N_CHANNELS)).astype("float32")


def make_ragged(seed=0):
    panel = make_panel(seed)
    lengths = np.random.default_rng(seed + 1).integers(7, N_TIMESTEPS + 1, size=N_SAMPLES)
    lengths[:2] = 7, N_TIMESTEPS
    return [x[:length] for x, length in zip(panel, lengths, strict=True)]


def make_tokens(seed=0):
    rng = np.random.default_rng(seed)
    return [list(rng.integers(1, 6, size=length)) for length in rng.integers(7, 9, N_SAMPLES)]


def pad_with_nan(sequences, n_timesteps):
    block = np.full((len(sequences), n_timesteps, sequences[0].shape[1]), np.nan, "float32")
    for row, sequence in zip(block, sequences, strict=True):
        row[: len(sequence)] = sequence
    return block


@pytest.fixture(scope="session")
def data():
    """Sequences of every kind, with classes and values that can be learnt from them."""
    panel = make_panel()
    score = panel[:, :, 0].mean(axis=1)
    ragged = make_ragged()
    return SimpleNamespace(
        series=panel[:, :, 0].copy(),
        panel=panel,
        ragged=ragged,
        padded=pad_with_nan(ragged, N_TIMESTEPS),
        tokens=make_tokens(),
        classes=np.digitize(score, np.quantile(score, [1 / 3, 2 / 3])),
        values=score.astype("float64"),
    )


@pytest.fixture(scope="session")
def run_script():
    """Run code in a fresh interpreter that sees this very package; return what it printed."""

    def run(code, *arguments):
        finished = subprocess.run(
            [sys.executable, "-c", code, *map(str, arguments)],
            env={**os.environ, "PYTHONPATH": str(PROJECT), "TF_CPP_MIN_LOG_LEVEL": "3"},
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
        assert finished.returncode == 0, finished.stderr
        return finished.stdout

    return run


@pytest.fixture(scope="session")
def full_disk():
    """Return a context in which this process cannot write a byte more into any file."""
    resource = pytest.importorskip("resource")

    @contextmanager
    def full():
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    return full


def make_recommendation(
    differences=(),
    *,
    budget=None,
    level=80.0,
    variance=0.5,
    scoring="accuracy",
    baseline="linear",
    code="",
    sources=("a trial",),
    evidence=(),
):
    """Race recorded differences under a plan, and conclude; nothing is trained."""
    cells, rules = ("gru", "lstm"), RaceRules(min_gain_points=0.0, max_pairs=len(differences) or 5)
    prior, noise = Prior(0.5, sources=sources), NoisePrior(1.8**2, 2)
    forecast = CostForecast(
        startup=Interval.around(6.0, 1.5),
        fits=dict.fromkeys(cells, Interval.around(2.0, 1.5)),
        refits=dict.fromkeys(cells, Interval.around(3.0, 1.5)),
        first_epoch=0.1,
        baseline_seconds=0.0,
        n_jobs=1,
        source="probe",
    )
    plan = make_plan(
        profile_sizes(n_samples=1500, sequence_length=50), forecast, prior, noise, rules,
        cells=cells, cheaper="gru", budget_seconds=budget, refit=False, evidence=evidence,
    )  # fmt: skip
    pairs = [
        PairOutcome(
            cells=cells,
            repetition=k // 5,
            fold=k % 5,
            scores={"gru": level / 100, "lstm": (level + difference) / 100},
            points={"gru": level, "lstm": level + difference},
            dummy_points=50.0,
            noise_variance_points2=variance,
            n_test=300,
            seconds={"gru": 1.0 + 0.3 * k, "lstm": 1.5},
            n_epochs=dict.fromkeys(cells, 3),
            histories={
                "gru": {"loss": (0.9, 0.4, 0.2), "val_loss": (1.0, 0.5, 0.6)},
                "lstm": {"loss": (0.9, 0.5, 0.3), "val_loss": (1.1, 0.7, 0.05 * (k + 1))},
            },
        )
        for k, difference in enumerate(differences)
    ]
    race = run_race(
        lambda first, n: pairs[first : first + n],
        prior=prior,
        noise_before=noise,
        rules=rules,
        affordable=lambda outcomes: len(pairs) - len(outcomes),
    )
    found = conclude(
        race,
        plan,
        scoring=scoring,
        baseline_scores=[{DUMMY: 0.5, baseline: 0.6}] * len(race.outcomes),
        cheaper="gru",
        actual_seconds=12.5,
        budget_seconds=budget,
        predicted_seconds=forecast.total(plan.n_pairs, refit=False) + Interval.exactly(1.0),
        n_parameters={"gru": 75, "lstm": 100},
    )
    return replace(found, provenance=Provenance(code))


@pytest.fixture(scope="session", name="make_recommendation")
def make_recommendation_fixture():
    """Return the function that makes recommendations without training."""
    return make_recommendation


@pytest.fixture(scope="module")
def browser():
    """Return Chromium or Chrome: that of the variable CHROMIUM, or the one in PATH."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"no browser: none of {', '.join(BROWSERS)} is in PATH")
    with sync_api.sync_playwright() as playwright:
        # Containers run tests as root and have a small /dev/shm; no page of ours is a stranger's.
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        launched = playwright.chromium.launch(executable_path=found, args=arguments)
        yield launched
        launched.close()


def pytest_configure(config):
    # TensorFlow's variables (2.21) have an __array__ without NumPy 2's `copy`, and Keras (3.15)
    # asks for a copy when it saves or pickles a network.
    config.addinivalue_line(
        "filterwarnings",
        "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning",
    )
