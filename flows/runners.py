"""Where tasks run: in this process, on a Dask cluster that lasts as long as the flow, or on one that is there.

Dask's workers are spawned, never forked: this process may have started JAX, whose threads a fork would lose. A worker
that dies costs the blocks that it had not committed: Dask runs its task again, which keeps the others.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

from prefect import Task

from flows.settings import HERE
from taylorkit.errors import SpecError, TaylorkitError

if TYPE_CHECKING:
    from prefect_dask import DaskTaskRunner

DASK = "dask"

# Two tasks a worker, so that one that is late is not waited for by all.
TASKS_PER_WORKER = 2

# No dashboard, which would be one more port; a thread a worker, because a task uses threads of its own.
CLUSTER = {"threads_per_worker": 1, "processes": True, "dashboard_address": None, "host": "127.0.0.1"}

# Seconds for a scheduler to answer.
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
    """The runner that a flow's parameter names. Raises SpecError for one that there is not."""
    if name == HERE:
        yield Runner(lambda task, calls: [task(**call) for call in calls])
        return
    with ExitStack() as stack:
        dask = _connected(name, stack)
        workers = len(dask.client.scheduler_info(n_workers=-1)["workers"])
        yield Runner(lambda task, calls: _submitted(dask, task, calls), TASKS_PER_WORKER * max(1, workers))


def _submitted(dask: "DaskTaskRunner", task: Task, calls: Calls) -> list[Any]:
    futures = [dask.submit(task, parameters=dict(call)) for call in calls]
    return [future.result() for future in futures]


def _connected(name: str, stack: ExitStack) -> "DaskTaskRunner":
    if name != DASK and "://" not in name:
        raise SpecError(
            f"runner = {name!r}: write {HERE}, {DASK}, or the address of a Dask scheduler, as tcp://host:8786"
        )
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
