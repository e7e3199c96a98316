"""`python -m tests.chaos.prefect_kill [CASE]…`: kill -9 under Prefect, and what the next run makes of it.

Each case starts a deployment's run in small blocks that take their time, and kills as soon as some are committed. Then
the same deployment is run again: how long that took, what was kept, and that the arrays are those of a run that nobody
killed, is noted. Of a Dask cluster one worker is killed, and the same run must go on.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import psutil

from flows import server, settings
from flows.processes import process
from taylorkit.store.verify import verify
from tests.chaos.outcome import CannotTryError, Outcome, tried
from tests.flows.serving import Served, free_port, serve, until
from tests.store.making import arrays, assert_same, records, run

ROOT = Path(__file__).parents[2]
SPEC = """
function = "two_variable"
variables = ["x", "y"]
call = "scalars"
order = 2
grid.x = { start = -1.0, stop = 1.0, num = 24 }
grid.y = { start = -1.0, stop = 1.0, num = 20 }

[report]
figures = []
"""
# Python runs this file in every process, those that Prefect and Dask start, too: small blocks, and records that take a
# while, so that a kill falls between blocks.
SLOWLY = """
import time
from taylorkit import grid
from taylorkit.store import records
grid.BLOCK_BYTES = 768
write = records.write
def slowly(folder, record):
    if "block" in record:
        time.sleep(0.3)
    write(folder, record)
records.write = slowly
"""
# Seconds within which the next run must have ended.
LIMIT = 60.0
FIRST = 6


def prefect(folder: Path, count: int, seed: int) -> Iterator[Outcome]:
    """Every case in turn: `count` of them, from number `seed`."""
    for name in list(CASES)[seed : seed + count]:
        for module in ("prefect", "prefect_dask"):
            if find_spec(module) is None:
                raise CannotTryError(f"needs {module}: pip install 'taylorkit[flows,dask]'")
        yield tried(name, partial(_noted, name, folder / name))


def _noted(name: str, folder: Path) -> Outcome:
    """Times are no kinds: they are kept beside."""
    return Outcome(name, note=f"{name}: {CASES[name](Case(folder))}")


class Case:
    """A folder with the spec, and a store; `environment` makes every process slow."""

    def __init__(self, folder: Path):
        self.folder, self.store, self.spec = folder, folder / "store", folder / "spec.toml"
        (folder / "slow").mkdir(parents=True)
        (folder / "slow" / "sitecustomize.py").write_text(SLOWLY)
        self.spec.write_text(SPEC)
        self.environment = {
            "PYTHONPATH": f"{folder / 'slow'}{os.pathsep}{ROOT}",
            "TAYLORKIT_CACHE": str(folder / "cache"),
        }

    def committed(self) -> dict[Path, int]:
        """The records of committed blocks, and when each was written."""
        found = (record for artifact in self.store.glob("*.zarr") for record in records(artifact))
        return {record: record.stat().st_mtime_ns for record in found}

    def start(self, served: Served, **more: str) -> str:
        """A run of which some blocks are committed; its id."""
        run_id = served.start("taylor/one-spec", spec=self.spec, store=self.store, **more)
        until(lambda: len(self.committed()) >= FIRST, 90, "the first blocks")
        return run_id

    def again(self, served: Served, first: str) -> str:
        """The next run of the deployment ends within the limit."""
        kept, started = self.committed(), time.monotonic()
        state = served.ended(served.start("taylor/one-spec", spec=self.spec, store=self.store), LIMIT)
        took = time.monotonic() - started
        assert state == "COMPLETED", state
        return f"the killed run is {served.state(first)}; the next: {state} in {took:.1f} s; {self.whole(kept)}"

    def whole(self, kept: dict[Path, int]) -> str:
        """That the arrays are those of a run that nobody killed, and that `kept` were not computed again."""
        (artifact,) = self.store.glob("*.zarr")
        assert verify(artifact) == []
        now = self.committed()
        assert kept.items() <= now.items(), "a committed block was written again"
        assert len(kept) < len(now), "all was done before anything was killed"
        plain, _ = run(self.spec, self.folder / "plain")
        mine = arrays(artifact)
        assert_same(mine, arrays(plain.artifact))
        return f"{len(kept)} of {len(now)} blocks were kept, {len(mine)} arrays equal those of a whole run"


def kill(processes: list[psutil.Process]) -> None:
    """Kill them all. Raises where there are none, or one ended by itself or does not end: then nothing was tried."""
    assert processes, "there is nothing to kill"
    for one in processes:
        assert one.is_running() and one.status() != psutil.STATUS_ZOMBIE, f"{one} had ended already"
        one.kill()
    _, alive = psutil.wait_procs(processes, 10)
    assert not alive, f"{alive} were killed and are alive"


def below(parent: int, words: str) -> list[psutil.Process]:
    """The processes under one whose command line has these words."""
    found = psutil.Process(parent).children(recursive=True)
    return [p for p in found if words in " ".join(p.cmdline())]


def flow_of_serve(case: Case) -> str:
    with _serving(case) as served:
        first = case.start(served)
        kill(below(served.process.pid, "prefect.engine"))
        return case.again(served, first)


def all_of_serve(case: Case) -> str:
    with _serving(case) as served:
        first = case.start(served)
        kill(served.processes())
    with _serving(case) as served:
        return case.again(served, first)


def flow_of_worker(case: Case) -> str:
    with _pool(case) as served, _worker(served) as worker:
        first = case.start(served)
        kill(below(worker.pid, "prefect"))
        return case.again(served, first)


def worker_and_flow(case: Case) -> str:
    with _pool(case) as served:
        with _worker(served) as worker:
            first = case.start(served)
            kill([psutil.Process(worker.pid), *below(worker.pid, "")])
        with _worker(served):
            return case.again(served, first)


def worker_of_dask(case: Case) -> str:
    with _serving(case) as served:
        first = case.start(served, runner="dask")
        workers = below(served.process.pid, "spawn_main")
        kept = case.committed()
        kill(workers[:1])
        state = served.ended(first, 2 * LIMIT)
        assert state == "COMPLETED", state
        return f"one of {len(workers)} workers killed, the same run {state}; {case.whole(kept)}"


@contextmanager
def _serving(case: Case) -> Iterator[Served]:
    served = serve(case.folder / "home", "--store", case.store, "--folder", case.folder, **case.environment)
    try:
        yield served
    finally:
        if served.process.poll() is None:
            served.stop()


@contextmanager
def _pool(case: Case) -> Iterator[Served]:
    """A server, and the deployments of prefect.yaml in a work pool."""
    port = free_port()
    api = f"http://127.0.0.1:{port}/api"
    known = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")} | case.environment
    known |= settings.SETTINGS | {
        server.URL: api,
        "PREFECT_HOME": str(case.folder / "home"),
        "PREFECT_WORKER_QUERY_SECONDS": "2",
    }
    known |= server.LASTING
    prefect = [sys.executable, "-m", "prefect"]
    with process([*prefect, "server", "start", "--host", "127.0.0.1", "--port", str(port)], known) as child:
        server.wait(child, api)
        for words in (["work-pool", "create", "--type", "process", "local"], ["--no-prompt", "deploy", "--all"]):
            subprocess.run([*prefect, *words], cwd=ROOT, env=known, check=True, stdout=subprocess.DEVNULL)
        yield Served(child, api, case.folder / "said.txt", known)


@contextmanager
def _worker(served: Served) -> Iterator[subprocess.Popen]:
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", "local", "--name", "of-this-test"]
    with process(command, served.environment) as child:
        yield child


CASES: dict[str, Callable[[Case], str]] = {
    "flow-of-serve": flow_of_serve,
    "all-of-serve": all_of_serve,
    "flow-of-worker": flow_of_worker,
    "worker-and-flow": worker_and_flow,
    "worker-of-dask": worker_of_dask,
}


def main(names: list[str]) -> None:
    for name in names or CASES:
        with tempfile.TemporaryDirectory(prefix=f"taylorkit-{name}-") as folder:
            print(_noted(name, Path(folder) / name).note, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
