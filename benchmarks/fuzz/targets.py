"""All that reads data of strangers: what a good file holds, how it is damaged, how it is read."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import data_mutations as damage
import numpy as np
from attempts import HANG_SECONDS
from mutations import Random, choose

from rnnselect.advice.history import History
from rnnselect.advice.posterior import NoisePrior, pair_statistics
from rnnselect.advice.record import Circumstances, RaceRecord
from rnnselect.advice.similar import similar_races
from rnnselect.advice.study import prior_for
from rnnselect.archive.documents import document_bytes
from rnnselect.calibration_file import _path as calibration_path
from rnnselect.calibration_file import known_speed
from rnnselect.cli.predict import read_new
from rnnselect.cli.problem import read_problem
from rnnselect.cli.reading import Reading
from rnnselect.comparison.finished_fit import FinishedFit
from rnnselect.comparison.fit_file import fit_bytes, read_fit
from rnnselect.comparison.scoring import frozen_answers
from rnnselect.datasets import load_ts
from rnnselect.exceptions import HistoryFileError
from rnnselect.machine import Calibration, Machine
from rnnselect.preprocessing.word_vectors import load_word_vectors
from rnnselect.sequences.fingerprint import Fingerprint
from rnnselect.speed import NOMINAL

__all__ = ["TARGETS", "Target", "damaged"]

# Starting the child process that reads Parquet takes a busy machine long.
CHILD_HANG_SECONDS = 100


@dataclass(frozen=True)
class Target:
    """One kind of file.

    `share` is that of all inputs, `documented` the only error that its reader may raise.
    """

    suffix: str
    share: float
    originals: Callable[[], list[bytes]]
    mutators: damage.Mutators
    read: Callable[[Path], Any]
    documented: type[Exception] = ValueError
    hang_seconds: int = HANG_SECONDS


def damaged(target: Target, originals: list[bytes], random: Random) -> tuple[str, bytes]:
    """Return the name of a kind of damage, and a damaged file."""
    kind = choose(list(target.mutators), random)
    return kind, target.mutators[kind](choose(originals, random), random)


# --- what good files hold -------------------------------------------------------------------------

CLASSES = b"""#comment
@problemName Two
@timestamps false
@univariate true
@equalLength true
@classLabel true up down
@data
1,2.5,3:up
3,?,1e-3:down
1,2,3:up
"""
VALUES = b"""@problemName Many
@dimensions 2
@equalLength false
@targetLabel true
@data
1,2:3,4:0.5
1,2,3:3,4,5:-1.5
"""
WIDE = b"id,t0,t1,t2,kind,y\n1,1.5,2,3,a,up\n2,4,5,,b,down\n3,7,8,9,a,up\n"
LONG = b"case;time;a;b;label\ns1;0;1.5;2;up\ns1;1;2;NA;up\ns2;0;3;1;down\ns2;1;5;6;down\n"
TEXTS = b'review\tlabel\nthe film was good\t1\n"a, bad ""film"""\t0\nquite good it was\t1\n'
DATES = b"id|date|x|y\n1|2024-01-01|1|a\n1|2024-01-02|2|a\n2|2024-01-01|3|b\n"
VECTORS = (b"3 2\ngood 1 0\nbad -1 0.5\nfilm 0.1 1e-3\n", b"the 0.1 0.2 -3\nof 1 2 3\n. 0 0 0\n")


def _npz() -> list[bytes]:
    contents = []
    for save, arrays in (
        (np.savez, {"X": np.arange(20.0).reshape(4, 5), "y": np.arange(4)}),
        (np.savez, {"X": np.ones((4, 5, 1), "f4", order="F"), "y": np.array(list("abab"))}),
        (np.savez_compressed, {"X": np.ones((40, 5)), "y": np.ones(40), "more": np.ones(9)}),
    ):
        buffer = io.BytesIO()
        save(buffer, **arrays)
        contents.append(buffer.getvalue())
    return contents


def _parquet() -> list[bytes]:
    import polars

    contents = []
    for text, separator in ((WIDE, ","), (LONG, ";"), (TEXTS, "\t")):
        buffer = io.BytesIO()
        polars.read_csv(text, separator=separator, null_values="NA").write_parquet(buffer)
        contents.append(buffer.getvalue())
    return contents


FIT_KEY = "0123456789abcdef"
CIRCUMSTANCES = Circumstances(
    "classification", "accuracy", "bounded", "gru", "lstm", "abc", "{}", "panel", 100, 5, 1, 2
)


def _history() -> list[bytes]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "races.db"
        for seed in range(20):
            random = np.random.default_rng(seed)
            sketch = np.unique(random.integers(0, 2**63, 50, np.uint64))
            pairs = pair_statistics(NoisePrior(1.0, 10.0), random.normal(size=3), n_folds=5)
            history_of = datetime(2030, 1, 2, tzinfo=UTC)
            print_of = Fingerprint(sketch, sketch[:2])
            History(path).add(
                RaceRecord(history_of, CIRCUMSTANCES, 1.0, pairs, "safe", 1.0, "{}", print_of)
            )
        return [path.read_bytes()]


def _calibration() -> list[bytes]:
    stored = Calibration(Machine.this(), NOMINAL, "2026-11-23", 25.0).to_dict()
    return [json.dumps({"layout": 1, **stored}, indent=2).encode()]


def _readings() -> list[bytes]:
    forms = [
        Reading("wide", "y", "id", None, ("t",)), Reading("long", "label", "case", "time", ("a",)),
        Reading("text", "label", text="review"), Reading("columns", "y", values=("t0", "t1")),
    ]  # fmt: skip
    return [json.dumps({"reading": form.to_dict(), "data": data.decode()}).encode()
            for form, data in zip(forms, (WIDE, LONG, TEXTS, WIDE), strict=True)]  # fmt: skip


def _fits() -> list[bytes]:
    shares = np.array([[0.25, 0.75], [1, 0], [0.5, 0.5]])
    texts = frozen_answers(
        {"predict": np.array(["up", "down", "up"]), "predict_proba": shares},
        np.array(["down", "up"]),
    )
    numbers = frozen_answers({"predict": np.arange(3.0)}, None)
    return [
        fit_bytes(
            FIT_KEY, "gru", 1, FinishedFit(0.5, frozen, 1.5, 0.25, 7, True, {"loss": (2.0, 1)})
        )
        for frozen in (texts, numbers, None)
    ]


# --- how they are read ----------------------------------------------------------------------------


def _read_problem(path: Path) -> None:
    read_problem(path, Reading(), None)


def _read_history(path: Path) -> None:
    races = History(path).races()
    similar = similar_races(
        races, CIRCUMSTANCES, None, package=prior_for(n_samples=100), rope_points=1.0,
        mirrored=False,
    )  # fmt: skip
    similar.sentence(("gru", "lstm"))
    if not np.isfinite(similar.prior.scale_points):
        raise AssertionError(f"a prior of {similar.prior}")


def _read_calibration(path: Path) -> None:
    os.environ["RNNSELECT_CACHE_DIR"] = os.fspath(path.parent)
    own = calibration_path(Machine.this())
    os.replace(path, own)
    known = known_speed()
    if known.source == "arithmetic":
        raise ValueError(known.sentence)


def _read_signed_fit(path: Path) -> None:
    """Read a finished fit whose checksum is right: whoever damages a file can compute it, too."""
    try:
        document = json.loads(path.read_bytes())
        document["sha256"] = hashlib.sha256(document_bytes(document["fit"])).hexdigest()
        content = document_bytes(document)
    except (ValueError, KeyError, TypeError, RecursionError):
        content = path.read_bytes()
    try:
        fit = read_fit(content, FIT_KEY, 3)
    except RecursionError as error:  # the second error that the reader documents
        raise ValueError("nested too deeply") from error
    for answers in fit.frozen.responses.values() if fit.frozen is not None else ():
        if any(len(a) != 3 for a in (answers if isinstance(answers, list) else [answers])):
            raise AssertionError("predictions for other rows")


def _read_environment(path: Path) -> None:
    """Take the lines of a file as variables of the environment."""
    names = ("RNNSELECT_CACHE_DIR", "KERAS_BACKEND", "XDG_CACHE_HOME", "HOME")
    before = {name: os.environ.get(name) for name in names}
    for name, line in zip(names, path.read_bytes().split(b"\n"), strict=False):
        os.environb[name.encode()] = line.replace(b"\0", b"")
    try:
        if known_speed().source == "arithmetic":
            raise ValueError("no calibration")
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def _read_as_the_model_says(path: Path) -> None:
    """Read a table as metadata say that may come out of any file."""
    try:
        document = json.loads(path.read_bytes())
        text = str(document["data"]).encode("utf-8", "surrogatepass")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError("what reads the metadata refuses such a document") from error
    table = path.with_suffix(".csv")
    table.write_bytes(text)
    read_new(table, Reading.from_dict(document.get("reading")))


ENVIRONMENT = [b"/tmp/a\ntensorflow\n/tmp/b\n/root", b"~/cache\njax\n\nrelative", b"\n\n\n\n"]
TARGETS = {
    ".ts": Target(".ts", 0.26, lambda: [CLASSES, VALUES], damage.TEXT, load_ts),
    "tables": Target(
        ".csv", 0.1, lambda: [WIDE, LONG, TEXTS, DATES], damage.TEXT, _read_problem
    ),
    "tables, gzip": Target(
        ".csv.gz", 0.0004, lambda: [gzip.compress(WIDE)], damage.PACKED, _read_problem
    ),
    "tables, Parquet": Target(
        ".parquet", 0.0012, _parquet, damage.PLAIN, _read_problem, hang_seconds=CHILD_HANG_SECONDS
    ),
    "arrays": Target(".npz", 0.21, _npz, damage.NPZ, _read_problem),
    "word vectors": Target(".txt", 0.12, lambda: list(VECTORS), damage.TEXT, load_word_vectors),
    "word vectors, gzip": Target(
        ".txt.gz", 0.1, lambda: [gzip.compress(text, 1) for text in VECTORS], damage.PACKED,
        load_word_vectors,
    ),
    "history": Target(".db", 0.05, _history, damage.DATABASE, _read_history, HistoryFileError),
    "finished fits": Target(".fit", 0.04, _fits, damage.DOCUMENT, _read_signed_fit),
    "calibration": Target(".json", 0.04, _calibration, damage.DOCUMENT, _read_calibration),
    "environment": Target(".env", 0.0188, lambda: ENVIRONMENT, damage.TEXT, _read_environment),
    "metadata": Target(".meta", 0.06, _readings, damage.DOCUMENT, _read_as_the_model_says),
}  # fmt: skip
