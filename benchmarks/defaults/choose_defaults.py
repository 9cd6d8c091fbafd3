"""Compare settings of learning_rate, n_iter_no_change and epochs on real sequence data.

Each combination of data set, cell, learning rate and seed is trained once, with the most patient
stopping rule, and the weights of every epoch are kept. What a less patient rule would have
returned follows exactly: the estimators' own `TrainingMonitor` is shown the recorded losses again
under that rule, and the weights of the epoch that it restores are scored on the test part.

    python benchmarks/defaults/choose_defaults.py --datasets FOLDER --out results.csv
"""

from __future__ import annotations

import argparse
import csv
import itertools
import runpy
import time
import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import numpy as np
from scipy.stats import rankdata
from sklearn.model_selection import train_test_split

from rnnselect.recurrent import base
from rnnselect.recurrent.classifier import RNNClassifier
from rnnselect.recurrent.regressor import RNNRegressor
from rnnselect.recurrent.stopping import StoppingRule, TrainingMonitor

SETS = [
    "ucr_Beef", "ucr_ECG200", "ucr_GunPoint", "ucr_SyntheticControl", "ucr_SwedishLeaf",
    "ucr_Crop", "ucr_MelbournePedestrian", "ucr_PickupGestureWiimoteZ", "uea_NATOPS", "uea_Libras",
    "mv_RobotFailureLP1", "mv_IndoorMovement", "mv_SpokenDigitsMFCC", "text_TREC6",
    "text_StanceAbortion", "text_SNIPS", "sym_UDHRLanguage", "sym_Promoters", "sym_ESOL",
    "fc_AirPassengers", "fc_ETTh1", "fc_DailyMinTemp", "fc_Winding", "tser_Tecator", "syn_Adding",
]  # fmt: skip
LARGE = {"ucr_Crop": 6000, "text_SNIPS": 8000}  # training rows where more than MAX_ROWS are kept
MAX_ROWS, MAX_TEST_ROWS, MAX_TIMESTEPS, VOCABULARY, EMBEDDING_DIM = 3000, 1000, 200, 5000, 32
CELLS, SEEDS, MAX_SECONDS = ("gru", "lstm"), (0, 1), 40
COMBINATION = ["name", "cell", "batch_size", "learning_rate", "seed"]
SETTING = ["batch_size", "learning_rate", "n_iter_no_change", "epochs"]


@dataclass(frozen=True)
class Study:
    """Which settings are compared, on data sets of up to `most_rows` training rows."""

    batch_sizes: tuple[int, ...]
    learning_rates: tuple[float, ...]
    patiences: tuple[int, ...]
    epochs: tuple[int, ...]
    most_rows: int = 10**9


STUDIES = {
    "all": Study((32,), (0.001, 0.003, 0.005, 0.01), (5, 10, 20), (100, 200)),
    "small": Study((32, 16), (0.003, 0.01), (5, 10, 20, 50), (100, 200, 400), most_rows=400),
}


class Recorder(TrainingMonitor):
    """A monitor that also keeps the weights and the time of each epoch."""

    epochs: list  # of the latest fit

    def start(self, weights):
        Recorder.epochs = [(None, time.perf_counter())]
        super().start(weights)

    def epoch_done(self, loss, weights):
        stop = super().epoch_done(loss, weights)
        if self.n_epochs == len(self.epochs):  # not where training diverged
            self.epochs.append((weights, time.perf_counter()))
        return stop


def read(folder, name, seed):
    """Return estimator class, its data-dependent parameters, and the training and test parts."""
    data = runpy.run_path(str(folder / "load.py"))["load"](name, folder)
    y, rng = data["y"], np.random.default_rng(seed)
    if "test_mask" in data:
        train, test = np.flatnonzero(~data["test_mask"]), np.flatnonzero(data["test_mask"])
    else:
        classes = y if data["task"] == "classification" else None
        train, test = train_test_split(
            np.arange(len(y)), test_size=0.25, random_state=seed, stratify=classes
        )
    ordered = name.startswith("fc_")  # windows of one series: keep the latest ones
    cap = LARGE.get(name, MAX_ROWS)
    train = train[-cap:] if ordered else rng.permutation(train)[:cap]
    test = test[:MAX_TEST_ROWS] if ordered else rng.permutation(test)[:MAX_TEST_ROWS]
    estimator = RNNClassifier if data["task"] == "classification" else RNNRegressor
    parameters = {}
    if "texts" in data:
        cut = str.split if data["level"] == "word" else list
        tokens = [cut(text)[:MAX_TIMESTEPS] or [""] for text in data["texts"]]
        counts = Counter(token for row in train for token in tokens[row])
        ids = {token: i for i, (token, _) in enumerate(counts.most_common(VOCABULARY - 2), 2)}
        X = [np.array([ids.get(token, 1) for token in row], np.int32) for row in tokens]
        parameters = {"embedding_dim": EMBEDDING_DIM, "vocabulary_size": len(ids) + 2}
    elif "lengths" in data and np.ptp(data["lengths"]):
        lengths = np.minimum(data["lengths"], MAX_TIMESTEPS)
        X = [x[:n] for x, n in zip(data["X"], lengths, strict=True)]
    else:
        X = data["X"][:, :MAX_TIMESTEPS]
        X = X[:, :, 0] if X.shape[2] == 1 else X
    facts = {"kind": data["kind"], "task": data["task"], "n_train": len(train), "n_test": len(test)}
    facts["T"] = int(np.median([len(X[row]) for row in train]))
    take = (lambda rows: [X[row] for row in rows]) if isinstance(X, list) else X.__getitem__
    return estimator, parameters, facts, (take(train), y[train]), (take(test), y[test])


def replay(history, rule):
    """Return how many epochs `rule` trains for, which one it restores, and why it ends."""
    losses = iter(history.get("val_loss", history["loss"]))
    monitor = TrainingMonitor(rule, lambda _: next(losses))
    stopped = any(monitor.epoch_done(loss, [i]) for i, loss in enumerate(history["loss"], 1))
    return monitor.n_epochs, monitor.final_weights([0])[0], monitor.stop_reason if stopped else None


def settings_of_one_fit(study, read_data, cell, batch_size, learning_rate, seed):
    """Train once and yield the result of each stopping rule."""
    estimator, parameters, _, training, test = read_data
    model = estimator(
        cell,
        learning_rate=learning_rate,
        batch_size=batch_size,
        epochs=max(study.epochs),
        n_iter_no_change=max(study.patiences),
        max_seconds=MAX_SECONDS,
        random_state=seed,
        **parameters,
    )
    with mock.patch.object(base, "TrainingMonitor", Recorder):
        model.fit(*training)
    per_epoch = float(np.median(np.diff([end for _, end in Recorder.epochs])))
    scores = {}
    for patience, epochs in itertools.product(study.patiences, study.epochs):
        rule = StoppingRule(epochs, True, patience, model.tol)
        n_epochs, restored, reason = replay(model.history_, rule)
        if restored not in scores:
            weights = Recorder.epochs[restored][0]
            for variable, weight in zip(model.model_.trainable_variables, weights, strict=True):
                variable.assign(weight)
            scores[restored] = model.score(*test)
        yield {
            "n_iter_no_change": patience, "epochs": epochs, "score": scores[restored],
            "restored": restored, "n_epochs": n_epochs, "seconds": n_epochs * per_epoch,
            "stop_reason": reason or model.stop_reason_, "engine": model.engine_,
        }  # fmt: skip


def run(study, folder, out, seconds):
    """Train what is not in the file `out` yet, until `seconds` have passed."""
    start = time.monotonic()
    done = {tuple(row[c] for c in COMBINATION) for row in load_rows(out)}
    for seed, name, batch_size in itertools.product(SEEDS, SETS, study.batch_sizes):
        keys = [
            (name, cell, batch_size, rate, seed) for cell in CELLS for rate in study.learning_rates
        ]
        keys = [key for key in keys if key not in done]
        data = read(folder, name, seed) if keys else None
        if not keys or data[2]["n_train"] > study.most_rows:
            continue
        estimator, parameters, facts, training, test = data
        for cell in dict.fromkeys(key[1] for key in keys):  # compile first: no fit pays for it
            warm = estimator(cell, batch_size=batch_size, epochs=1, random_state=seed, **parameters)
            warm.fit(*training).score(*test)
        for key in keys:
            if time.monotonic() - start > seconds:
                return
            began = time.monotonic()
            results = list(settings_of_one_fit(study, data, key[1], batch_size, key[3], seed))
            facts |= dict(zip(COMBINATION, key, strict=True))
            append_rows(out, [facts | result for result in results])
            last, took = results[-1], time.monotonic() - began
            print(*key, f"{last['score']:.3f} {last['n_epochs']} {took:.1f} s", flush=True)


def load_rows(path):
    """Return the rows of a CSV file, with numbers where they look like numbers."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return [{k: number_or_text(v) for k, v in row.items()} for row in csv.DictReader(file)]


def number_or_text(text):
    try:
        return float(text)
    except ValueError:
        return text


def append_rows(path, rows):
    """Append rows to a CSV file, with a header where it is new."""
    new = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        if new:
            writer.writeheader()
        writer.writerows(rows)


def points(row):
    """Return accuracy in per cent; for regression how much smaller the error is than the SD's."""
    if row["task"] == "classification":
        return 100 * row["score"]
    return 100 * max(0.0, 1 - np.sqrt(1 - row["score"]))


def compare(title, rows):
    """Print one line per setting, over the fits that were made with all settings."""
    settings = sorted({tuple(row[c] for c in SETTING) for row in rows})
    results = {}
    for row in rows:
        results.setdefault((row["name"], row["cell"], row["seed"]), []).append(row)
    results = {key: value for key, value in results.items() if len(value) == len(settings)}
    names = sorted({name for name, _, _ in results})
    figures = np.empty((2, len(names), len(settings)))
    for i, name in enumerate(names):
        own = [row for key, value in results.items() if key[0] == name for row in value]
        for j, setting in enumerate(settings):
            some = [row for row in own if tuple(row[c] for c in SETTING) == setting]
            figures[:, i, j] = np.mean([(points(row), row["seconds"]) for row in some], axis=0)
    score, seconds = figures
    ranks = rankdata(-score, axis=1)
    loss = score.max(axis=1, keepdims=True) - score
    print(f"\n{title}: {len(names)} data sets, {len(results)} pairs of cell and seed\n")
    print("|", " | ".join(SETTING), "| points | mean rank | mean loss | worst loss | mean s |")
    print("|---" * (len(SETTING) + 5) + "|")
    for j, setting in enumerate(settings):
        line = [score[:, j].mean(), ranks[:, j].mean(), loss[:, j].mean(), loss[:, j].max()]
        line = [f"{v:g}" for v in setting] + [f"{v:.1f}" for v in [*line, seconds[:, j].mean()]]
        print("|", " | ".join(line), "|")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--study", choices=STUDIES, default="all")
    parser.add_argument("--datasets", type=Path, default=Path("../shared/datasets"))
    parser.add_argument("--out", type=Path, default=Path("choose_defaults.csv"))
    parser.add_argument("--seconds", type=float, default=1500, help="no new fit after this time")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    run(STUDIES[arguments.study], arguments.datasets, arguments.out, arguments.seconds)
    table = load_rows(arguments.out)
    compare("all", table)
    for low, high in ((0, 99), (100, 400), (401, 1500), (1501, 10**9)):
        part = [row for row in table if low <= row["n_train"] <= high]
        if part:
            compare(f"{low} to {high} training rows", part)
