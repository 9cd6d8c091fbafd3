import os
import pickle
import time
from types import SimpleNamespace

import joblib
import pytest
from sklearn import config_context, get_config

from rnnselect.comparison import timing
from rnnselect.comparison.pairs import run_pairs
from rnnselect.comparison.timing import Deadline
from rnnselect.comparison.workers import Workers, _run_there
from rnnselect.program_store import KEEP_VARIABLE


class Shared:
    def named_parts(self):
        return {}

    def for_workers(self):
        return self


def test_the_users_configuration_reaches_the_threads():
    def working_memory(shared):
        return get_config()["working_memory"]

    with Workers(2) as workers, config_context(working_memory=17):
        assert list(workers.run(working_memory, Shared(), [()] * 4)) == [17] * 4


def test_threads_share_what_they_are_given():
    shared = Shared()
    with Workers(2) as workers:
        assert not workers.elsewhere
        found = list(workers.run(lambda own, i: (own is shared, i), shared, [(0,), (1,)]))
    assert found == [(True, 0), (True, 1)]


@pytest.mark.parametrize(
    ("backend", "n_jobs", "expected"),
    [("loky", 1, (1, False)), ("loky", 3, (3, True)), ("threading", 3, (3, False))],
)
@pytest.mark.parametrize("own", [True, False], ids=["of the advisor", "of joblib"])
def test_where_and_how_many(backend, n_jobs, expected, own):
    with joblib.parallel_config(backend=backend, n_jobs=None if own else n_jobs):
        workers = Workers(n_jobs if own else None)
        assert (workers.n_at_once, workers.elsewhere) == expected


def test_other_processes_keep_programs_and_this_one_does_not(monkeypatch):
    monkeypatch.delenv(KEEP_VARIABLE)  # workers that were started before have it
    with joblib.parallel_config(backend="loky"), Workers(2) as workers:
        found = list(workers.run(_kept_in, Shared(), [()] * 2))
    assert None not in found
    assert KEEP_VARIABLE not in os.environ
    assert _run_there(os.getpid(), _kept_in, Shared()) is None


def _kept_in(shared):
    return os.environ.get(KEEP_VARIABLE)


def test_what_other_processes_need_is_the_data_once(stub):
    X, y = stub.data()
    _, comparison, _ = stub.comparison(stub.Classifier(), X, y)
    comparison.simple.scores(0)
    run_pairs(comparison, [0], None)
    sent = len(pickle.dumps(comparison.for_workers().data))
    rows = sum(train.nbytes + test.nbytes for train, test in comparison.data.splits.rows)
    assert sent < 1.2 * (X.nbytes + y.nbytes + rows)
    assert len(comparison.finished) == 2  # the original keeps what it has
    assert comparison.for_workers().finished == {}


@pytest.mark.parametrize(
    ("seconds_on_the_way", "clock_ahead", "expected"),
    [(0.0, 0.0, 30.0), (5.0, 0.0, 25.0), (5.0, -60.0, 30.0), (40.0, 0.0, -10.0)],
    ids=["at once", "waiting counts", "a slow clock grants no more", "too late"],
)
def test_a_deadline_is_right_on_another_clock(
    monkeypatch, seconds_on_the_way, clock_ahead, expected
):
    def clock(**readings):
        monkeypatch.setattr(
            timing, "time", SimpleNamespace(**{k: lambda v=v: v for k, v in readings.items()})
        )

    clock(perf_counter=1000.0, time=5e9)
    sent = pickle.dumps(Deadline(1030.0))
    clock(perf_counter=7.0, time=5e9 + seconds_on_the_way + clock_ahead)
    received = pickle.loads(sent)
    assert received - 7.0 == pytest.approx(expected)
    assert isinstance(received, Deadline)  # and can be sent on


def test_in_one_process_a_deadline_is_its_reading():
    now = time.perf_counter()
    assert Deadline(now + 3) - now == pytest.approx(3)
