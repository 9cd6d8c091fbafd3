"""Where fits run: threads of this process, other processes or a cluster, as joblib is told."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import ExitStack
from typing import Any, Protocol

from joblib.externals.loky.backend.reduction import dumps
from joblib.parallel import get_active_backend
from sklearn.utils.parallel import Parallel, delayed

from rnnselect.program_store import keep_by_default

__all__ = ["Workers"]

# Times that work is begun again because all workers that held the data have died: as often as Dask
# runs a task again that has taken a worker with it.
MAX_LOSSES = 3


class Shared(Protocol):
    """What all tasks of a comparison share."""

    def for_workers(self) -> Any:
        """Return what a worker needs of it."""

    def named_parts(self) -> dict[str, Any]:
        """Return, by the names of the user's arguments, what may not be picklable."""


class Workers:
    """Runs tasks at the same time, and hands the data to each worker once.

    Threads, unless `joblib.parallel_config` says otherwise. As a context it keeps the same workers
    from call to call, with the programs that they have compiled.

    Parameters
    ----------
    n_jobs : int or None
        Tasks at the same time; None for what joblib is told. Dask takes all of its workers.
    """

    def __init__(self, n_jobs: int | None) -> None:
        self._backend, configured = get_active_backend(prefer="threads")
        self._n_jobs = configured if n_jobs is None else n_jobs
        one_by_one = ("supports_return_generator", "supports_sharedmem")  # Ray knows neither
        yields = any(getattr(self._backend, name, False) for name in one_by_one)
        self._parallel = Parallel(
            n_jobs=n_jobs,
            prefer="threads",
            return_as="generator" if yields else "list",
            batch_size=1,  # a fit is never short enough to be sent together with others
            pre_dispatch="all",
        )
        self._sent: dict[int, tuple[Any, Any]] = {}
        self._open = ExitStack()

    def __enter__(self) -> Workers:
        # Workers of Dask stay by themselves; asked anew at each call, joblib sees the late ones.
        if self._client is None:
            self._open.enter_context(self._parallel)
        return self

    def __exit__(self, *raised: Any) -> None:
        self._forget()
        self._open.close()

    @property
    def n_at_once(self) -> int:
        """Tasks that can run at the same time now; changes where workers come and go."""
        return int(self._backend.effective_n_jobs(self._n_jobs))

    @property
    def elsewhere(self) -> bool:
        """Whether tasks run in other processes, which share no memory with this one."""
        shares = getattr(self._backend, "supports_sharedmem", False)
        return not shares and self.n_at_once > 1  # joblib runs what is alone in this process

    def run(
        self, function: Callable[..., Any], shared: Shared, tasks: Iterable[tuple[Any, ...]]
    ) -> Iterator[Any]:
        """Begin all tasks, and yield ``function(shared, *task)`` in their order when it is there.

        Parameters
        ----------
        function : callable
            Of a module that workers can import.
        shared : Shared
            Its first argument, in other processes as `for_workers` returns it.
        tasks : iterable of tuple
            Its further arguments.

        Raises
        ------
        TypeError
            If `shared` cannot be sent to another process.
        """
        left = list(tasks)
        return self._results(function, shared, left, self._begin(function, shared, left))

    def _begin(self, function: Callable[..., Any], shared: Shared, tasks: list[Any]) -> Any:
        if not self.elsewhere:
            return self._parallel(delayed(function)(shared, *task) for task in list(tasks))
        first = os.getpid(), function, self._send(shared)
        return self._parallel(delayed(_run_there)(*first, *task) for task in list(tasks))

    def _results(
        self, function: Callable[..., Any], shared: Shared, left: list[Any], running: Any
    ) -> Iterator[Any]:
        for losses in range(MAX_LOSSES + 1):
            try:
                for result in running:
                    del left[0]
                    yield result
                return
            except CancelledError:  # Dask has lost the data together with the last of its holders
                if losses == MAX_LOSSES:
                    raise
                self._forget()
                running = self._begin(function, shared, left)

    @property
    def _client(self) -> Any:
        """The client of a Dask cluster, or None."""
        return getattr(self._backend, "client", None)

    def _send(self, shared: Shared) -> Any:
        """Return what stands for `shared` in a task; the data travel once, not with each task."""
        if id(shared) not in self._sent:
            _check_picklable(shared.named_parts(), self._backend)
            own = shared.for_workers()
            if type(self._backend).__module__.startswith("ray."):
                own = _InRay(own)
            self._sent[id(shared)] = shared, own  # kept, so that no other object gets their ids
        own = self._sent[id(shared)][1]
        if self._client is not None:
            self._copy_to_all(own)
        return own

    def _copy_to_all(self, own: Any) -> None:
        """Give each worker of Dask a copy, so that all but one may die, and late ones have it."""
        copies = self._backend.data_futures.get(id(own))  # joblib puts them into the tasks
        if copies is None or copies.status != "finished":
            copies = self._client.scatter(own, broadcast=True, hash=False)
            self._backend.data_futures[id(own)] = copies
        else:
            self._client.replicate([copies])

    def _forget(self) -> None:
        for _, own in self._sent.values():
            getattr(self._backend, "data_futures", {}).pop(id(own), None)
        self._sent.clear()


def _run_there(sender: int, function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function in a worker, which keeps compiled programs for others."""
    if os.getpid() != sender:  # Dask may run it in the user's own process after all
        keep_by_default()
    return function(*arguments)


class _InRay:
    """An object in Ray's store; in a task it turns into the object, its arrays not copied."""

    def __init__(self, own: Any) -> None:
        import ray

        self._get, self._reference = ray.get, ray.put(own)

    def __reduce__(self) -> tuple[Any, tuple[Any]]:
        return self._get, (self._reference,)


def _check_picklable(parts: dict[str, Any], backend: Any) -> None:
    """Raise where an argument cannot be sent; joblib's Dask backend would wait for ever."""
    for name, part in parts.items():
        try:
            dumps(part)
        except Exception as error:  # pickling may raise anything
            raise TypeError(
                f"{name}={part!r} cannot be sent to the workers of {type(backend).__name__} "
                f"({type(error).__name__}: {error}): it holds something that belongs to this "
                "process, such as an open file, a lock or a generator. Make it picklable, or use "
                'threads: joblib.parallel_config(backend="threading").'
            ) from error
