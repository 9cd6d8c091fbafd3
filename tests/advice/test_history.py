import os
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rnnselect.advice.history import SCHEMA_VERSION, History
from rnnselect.exceptions import HistoryFileError
from rnnselect.sequences.fingerprint import Fingerprint

PROJECT = Path(__file__).parents[2]

# What other processes run: no Keras, the store alone.
WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
import numpy as np
from rnnselect.advice.history import History
from rnnselect.advice.posterior import NoisePrior, pair_statistics
from rnnselect.advice.record import Circumstances, RaceRecord
from rnnselect.sequences.fingerprint import Fingerprint

history, who = History(Path(sys.argv[1])), int(sys.argv[2])
what = Circumstances(
    "classification", "accuracy", "bounded", "gru", "lstm", "abc", "{}", "panel", 100, 5, 1, 2
)

def record(k):
    sketch = np.array([who, 1000 + k], np.uint64)
    pairs = pair_statistics(NoisePrior(1.0, 10.0), [who + k / 100], n_folds=5)
    now = datetime.now(UTC)
    return RaceRecord(now, what, 1.0, pairs, "safe", 1.0, "{}", Fingerprint(sketch, sketch[:0]))
"""


def start(code, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", WRITER + code, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process, returncode=0):
    out, err = process.communicate(timeout=120)
    assert process.returncode == returncode, err
    return out


@pytest.fixture
def path(tmp_path):
    return tmp_path / "races of our team.db"


@pytest.fixture
def filled(path, make):
    for seed in range(3):
        History(path).add(make.record(seed))
    return path


def change(path, *statements):
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def test_races_come_back_in_their_order(filled, make):
    races = History(filled).races()

    assert [race.number for race in races] == [1, 2, 3]
    for seed, race in enumerate(races):
        expected = make.record(seed)
        assert race.circumstances == expected.circumstances
        assert race.statistics == expected.statistics
        assert np.array_equal(race.fingerprint.contents, expected.fingerprint.contents)


def test_a_race_without_shapes(path, make):
    race = make.record()
    contents_only = Fingerprint(race.fingerprint.contents, race.fingerprint.shapes[:0])
    History(path).add(replace(race, fingerprint=contents_only))

    assert History(path).races()[0].fingerprint.shapes.size == 0


@pytest.mark.parametrize("name", ["races.db", "what? 100%#1.db", "RÜCKBLICK.db"])
def test_no_file_yet(tmp_path, name, make):
    path = tmp_path / name

    assert History(path).races() == []
    assert not path.exists()  # reading makes nothing
    path.touch()  # as a process leaves it that ends between opening and writing
    assert History(path).races() == []
    History(path).add(make.record())
    assert len(History(path).races()) == 1
    assert sorted(tmp_path.iterdir()) == [path]  # no journal stays behind


def test_a_relative_path(tmp_path, monkeypatch, make):
    monkeypatch.chdir(tmp_path)
    History(Path("races.db")).add(make.record())

    assert (tmp_path / "races.db").exists()
    assert len(History(Path("races.db")).races()) == 1


# --- several processes ----------------------------------------------------------------------------


def test_several_processes_lose_nothing(path):
    n_processes, n_races = 2, 15
    code = f"for k in range({n_races}): history.add(record(k)); k % 5 or history.races()"
    for process in [start(code, path, who) for who in range(n_processes)]:
        finish(process)

    races = History(path).races()
    assert [race.number for race in races] == list(range(1, n_processes * n_races + 1))
    assert {race.statistics.mean_points for race in races} == {
        who + k / 100 for who in range(n_processes) for k in range(n_races)
    }


def test_a_writer_killed_before_its_race_is_complete(filled):
    """It leaves a journal and half-written pages, which the next reading undoes."""
    code = """
import os, signal, sqlite3
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 1")
connection.execute("BEGIN IMMEDIATE")
for _ in range(200):
    connection.execute("INSERT INTO races SELECT NULL, " + sys.argv[3] + " FROM races LIMIT 3")
os.kill(os.getpid(), signal.SIGKILL)
"""
    with closing(sqlite3.connect(filled)) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(races)")][1:]
    size_bytes = filled.stat().st_size
    finish(start(code, filled, 0, ", ".join(columns)), returncode=-9)

    assert filled.stat().st_size > size_bytes  # it had written
    assert filled.with_name(filled.name + "-journal").exists()
    assert [race.number for race in History(filled).races()] == [1, 2, 3]


def test_a_process_that_never_lets_go(filled, make):
    impatient = History(filled, busy_seconds=0.05)
    with closing(sqlite3.connect(filled, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        with pytest.raises(HistoryFileError, match=r"is locked .* more than 0.05 s: try again"):
            impatient.races()
        with pytest.raises(HistoryFileError, match="is locked"):
            impatient.add(make.record())

    impatient.add(make.record())
    assert len(impatient.races()) == 4


# --- files that are not a history --------------------------------------------------------------


def random_bytes(path):
    path.write_bytes(random.Random(0).randbytes(20_000))


def cut_short(path):
    path.write_bytes(path.read_bytes()[:-5000])


def cut_to_its_head(path):
    path.write_bytes(path.read_bytes()[:50])


def overwritten_in_the_middle(path):
    content = bytearray(path.read_bytes())
    middle = content.index(b"accuracy", len(content) // 2)
    content[middle : middle + 200] = bytes(200)
    path.write_bytes(content)


def text_file(path):
    path.write_text("gru,lstm\n0.9,0.8\n" * 100)


def folder(path):
    path.unlink(missing_ok=True)
    path.mkdir()


def other_program(path):
    path.unlink()
    change(path, "CREATE TABLE races (id INTEGER PRIMARY KEY, winner TEXT)")


def newer(path):
    change(path, f"PRAGMA user_version = {SCHEMA_VERSION + 1}", "CREATE TABLE later (id INTEGER)")


def older(path):
    change(path, "PRAGMA user_version = 0")


def added_trigger(path):
    change(
        path,
        "CREATE TRIGGER sly AFTER INSERT ON races BEGIN DELETE FROM races WHERE id < new.id; END",
    )


def better_scores(path):
    change(path, "UPDATE races SET mean_points = 5.0 WHERE id = 2")


def endless_text(path):
    change(path, "UPDATE races SET settings = hex(zeroblob(2000000)) WHERE id = 2")


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (random_bytes, "is damaged .*not a database"),
        (cut_short, "is damaged"),
        (cut_to_its_head, "is damaged"),
        (overwritten_in_the_middle, "is damaged"),
        (text_file, "is damaged .*not a database"),
        (folder, "is a folder: name a file"),
        (other_program, "database of another program"),
        (newer, r"newer rnnselect \(its version is 2, this package reads 1\): upgrade"),
        (older, "is damaged or not a history .*tables"),
        (added_trigger, "is damaged or not a history .*tables"),
        (better_scores, "row 2 does not match its checksum"),
        (endless_text, "too big"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_no_history(filled, make, damage, named):
    damage(filled)
    before = None if filled.is_dir() else filled.read_bytes()

    with pytest.raises(HistoryFileError, match=named) as caught:
        History(filled).races()
    assert repr(str(filled)) in str(caught.value)
    assert before is None or filled.read_bytes() == before  # kept as it is, for who can mend it


def test_nothing_is_added_to_the_file_of_another_program(filled, make):
    other_program(filled)
    before = filled.read_bytes()

    with pytest.raises(HistoryFileError, match="database of another program"):
        History(filled).add(make.record())
    assert filled.read_bytes() == before


def test_a_flipped_bit_never_changes_what_is_read(filled):
    """Anywhere in the file: an error, or the very same races."""
    content = filled.read_bytes()
    expected = [race.to_row() for race in History(filled).races()]
    rng, n_errors = random.Random(1), 0
    for position in [*range(100), *rng.sample(range(100, len(content)), 150)]:
        changed = bytearray(content)
        changed[position] ^= 1 << rng.randrange(8)
        filled.write_bytes(changed)
        try:
            races = History(filled).races()
        except HistoryFileError:
            n_errors += 1
        else:
            assert [race.to_row() for race in races] == expected, position
    assert n_errors > 50


def test_no_folder(tmp_path, make):
    history = History(tmp_path / "nowhere" / "races.db")

    for call in (history.races, lambda: history.add(make.record())):
        with pytest.raises(HistoryFileError, match=r"folder that does not exist .*create it"):
            call()


# --- places where nothing can be written ----------------------------------------------------------


def test_a_folder_that_takes_no_files(make):
    """Nobody, whatever his rights, can make a file there."""
    history = History(Path("/proc/races.db"))

    assert history.races() == []
    with pytest.raises(HistoryFileError, match=r"cannot be opened .*check the permissions"):
        history.add(make.record())


def test_a_file_that_may_only_be_read():
    """Root may write everywhere, so the process becomes nobody first."""
    code = """
import os, tempfile
from rnnselect.exceptions import HistoryFileError

with tempfile.TemporaryDirectory() as folder:
    history = History(Path(folder) / "races.db")
    history.add(record(0))

    def attempt(file_mode, action):
        os.chmod(history.path, file_mode)
        os.chmod(folder, 0o555)
        if was_root := os.geteuid() == 0:
            os.seteuid(65534)
        try:
            print(action(), flush=True)
        except HistoryFileError as error:
            print(error, flush=True)
        finally:
            if was_root:
                os.seteuid(0)
            os.chmod(folder, 0o755)

    attempt(0o444, lambda: len(history.races()))
    attempt(0o444, lambda: history.add(record(1)))
    attempt(0o000, history.races)
"""
    read, written, hidden = finish(start(code, "unused", 0)).splitlines()

    assert read == "1"
    assert "readonly database" in written
    assert written.endswith("check the permissions.")
    assert "unable to open" in hidden
    assert hidden.endswith("check the permissions.")


def test_a_full_disk(filled):
    """The process may not write beyond the present size of the file."""
    code = """
import resource
from rnnselect.exceptions import HistoryFileError

size_bytes = Path(sys.argv[1]).stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, size_bytes))
for k in range(100):
    try:
        history.add(record(k))
    except HistoryFileError as error:
        print(k, error)
        break
"""
    printed = finish(start(code, filled, 0))
    n_added, message = printed.split(" ", 1)

    assert "check the disk" in message
    races = History(filled).races()
    assert [race.number for race in races] == list(range(1, 4 + int(n_added)))


def test_a_file_beyond_the_limit_is_not_read(filled, make, monkeypatch):
    monkeypatch.setattr("rnnselect.advice.history.LARGEST_FILE_BYTES", 1000)
    for use in (History(filled).races, lambda: History(filled).add(make.record(9))):
        with pytest.raises(HistoryFileError, match=r"at most 1000 are read: move it"):
            use()


def test_a_pipe_is_refused(tmp_path):
    os.mkfifo(tmp_path / "races.db")
    with pytest.raises(HistoryFileError, match="is not an ordinary file"):
        History(tmp_path / "races.db").races()
