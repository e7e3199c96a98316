"""What a run costs beside its numbers: starting, finding that all is there, committing a block."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from time import perf_counter
from typing import Any

from taylorkit import pipeline
from taylorkit.store.section import SectionStore
from tests.benchmarks.pipeline.rows import planned, row

ROUNDS = {True: 2, False: 7}
SPECS = Path("data/specs")
CACHED = "mml-5-15"

JAX = "import jax"
PACKAGE = "import jax, taylorkit"
DERIVATIVES = "import jax; from taylorkit import derivatives"


def measure(quick: bool, folder: Path) -> list[dict[str, Any]]:
    return [*_processes(ROUNDS[quick], folder / "overhead"), *_commitment(ROUNDS[quick], folder / "overhead")]


def _processes(rounds: int, folder: Path) -> list[dict[str, Any]]:
    run = ["-m", "taylorkit.cli", "run", str(SPECS / f"{CACHED}.toml"), "--store", str(folder / "cached")]
    spent = {JAX: ["-c", JAX], PACKAGE: ["-c", PACKAGE], DERIVATIVES: ["-c", DERIVATIVES], "a cached run": run}
    _process(run)
    times: dict[str, list[float]] = {name: [] for name in spent}
    for _ in range(rounds):
        for name, words in spent.items():
            times[name].append(_process(words))
    return [row("overhead", "process", name, ts) for name, ts in times.items()]


def _process(words: list[str]) -> float:
    start = perf_counter()
    subprocess.run([sys.executable, *words], check=True, capture_output=True)
    return perf_counter() - start


def _commitment(rounds: int, folder: Path) -> list[dict[str, Any]]:
    """Digests and records: a run with them against the same one without."""
    job = planned(folder, "two-variable", 1_000_000)
    times: dict[str, list[float]] = {name: [] for name in WITHOUT}
    for _ in range(rounds):
        for name, seconds in times.items():
            shutil.rmtree(job.artifact, ignore_errors=True)
            pipeline.create(job)
            os.sync()
            start = perf_counter()
            with WITHOUT[name]():
                pipeline.fill(job, "derivatives")
            seconds.append(perf_counter() - start)
    share = [1 - b / a for a, b in zip(*times.values(), strict=True)]
    made = [row("overhead", "commitment", name, ts, points=1_000_000, bytes=job.bytes) for name, ts in times.items()]
    return [*made, row("overhead", "commitment", "share of a run's time", [], share=sorted(share)[len(share) // 2])]


@contextmanager
def _nothing_committed() -> Iterator[None]:
    """Within it blocks are written, and neither hashed nor recorded."""
    write = SectionStore.write
    SectionStore.write = _only_written  # type: ignore[method-assign]
    try:
        yield
    finally:
        SectionStore.write = write  # type: ignore[method-assign]


def _only_written(store: SectionStore, block: Any, values: Any) -> None:
    for name in store.arrays:
        store._put(name, block, values[name])


WITHOUT: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "committed": nullcontext,
    "not committed": _nothing_committed,
}
