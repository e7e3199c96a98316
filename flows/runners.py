"""Where tasks run: in this process, on a Dask cluster that lasts as long as the flow, or on one that is there.

Dask's workers are spawned, never forked: this process may have started JAX, whose threads a fork would lose. A worker
that dies costs the blocks that it had not committed: Dask runs its task again, which keeps the others.

A scheduler is trusted like this process: what it sends is unpickled here, and each task carries Prefect's settings, the
password among them. So a deployment, which runs what somebody else asks for, takes those alone that it was served with.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

from prefect import Task, runtime

from flows import reach
from flows.settings import HERE
from taylorkit.environment import SCHEDULERS
from taylorkit.errors import SpecError, TaylorkitError

if TYPE_CHECKING:
    from prefect_dask import DaskTaskRunner

DASK = "dask"

# Two tasks a worker, so that one that is late is not waited for by all.
TASKS_PER_WORKER = 2

# No dashboard, which would be one more port; a thread a worker, because a task uses threads of its own; no limit of
# memory, which the spec's budget decides: Dask would kill a worker at its share of the machine.
CLUSTER = {
    "threads_per_worker": 1,
    "processes": True,
    "dashboard_address": None,
    "host": "127.0.0.1",
    "memory_limit": None,
}

# Seconds for a scheduler to answer, and for the first of its workers to be there.
PATIENCE = 10.0

Calls = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Runner:
    """`run(task, calls)` runs a task once for each of `calls`, its keywords; `tasks` of them are worth making."""

    run: Callable[[Task, Calls], list[Any]]
    tasks: int = 1

    def shares(self, blocks: Sequence[int]) -> list[list[int]]:
        """The blocks of one task, cut for all workers."""
        step = max(1, ceil(len(blocks) / self.tasks))
        return [list(blocks[k : k + step]) for k in range(0, len(blocks), step)]


@contextmanager
def started(name: str) -> Iterator[Runner]:
    """The runner that a flow's parameter names.

    Raises SpecError for one that there is not, that this deployment was not served with, or whose workers cannot
    answer; TaylorkitError for a scheduler without workers, or where none is.
    """
    if name == HERE:
        yield Runner(lambda task, calls: [task(**call) for call in calls])
        return
    _require_allowed(name)
    with ExitStack() as stack:
        dask = _connected(name, stack)
        workers = _workers(name, dask)
        yield Runner(lambda task, calls: _submitted(dask, task, calls), TASKS_PER_WORKER * len(workers))


def _submitted(dask: "DaskTaskRunner", task: Task, calls: Calls) -> list[Any]:
    futures = [dask.submit(task, parameters=dict(call)) for call in calls]
    return [future.result() for future in futures]


def _require_allowed(name: str) -> None:
    """Before anything is sent there."""
    if name == DASK:
        return
    if "://" not in name:
        raise SpecError(
            f"runner = {name!r}: write {HERE}, {DASK}, or the address of a Dask scheduler, as tcp://host:8786"
        )
    served_with = [address.strip() for address in os.environ.get(SCHEDULERS, "").split(",")]
    if runtime.deployment.id and name not in served_with:
        raise SpecError(
            f"runner = {name!r}: this deployment was not served with that scheduler, which would get Prefect's "
            f"password and could run code here; write {HERE} or {DASK}, or serve it with `taylorkit serve --scheduler "
            f"{name}` (with a work pool: {SCHEDULERS} in the environment of its runs)"
        )
    reach.require_api(name, [name])


def _workers(name: str, dask: "DaskTaskRunner") -> list[str]:
    """The addresses of a cluster's workers, of which one at least is waited for."""
    try:
        dask.client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError as error:
        raise TaylorkitError(
            f"runner = {name!r}: the scheduler has no workers; start some, as with `dask worker {name} --nthreads 1`"
        ) from error
    workers = list(dask.client.scheduler_info(n_workers=-1)["workers"])
    reach.require_api(name, workers)
    return workers


def _connected(name: str, stack: ExitStack) -> "DaskTaskRunner":
    try:
        from prefect_dask import DaskTaskRunner
    except ImportError as error:
        raise SpecError(f"runner = {name!r}: needs Dask ({error}); pip install 'taylorkit[dask]'") from error
    there = {"address": name, "client_kwargs": {"timeout": PATIENCE}}
    where = {"cluster_kwargs": CLUSTER} if name == DASK else there
    dask = stack.enter_context(DaskTaskRunner(**where))
    try:
        # Asked for now: it would otherwise connect in the middle of the flow.
        _ = dask.client
    except (OSError, ValueError) as error:
        raise TaylorkitError(f"runner = {name!r}: no Dask scheduler answers there ({error}); start one") from error
    return dask
