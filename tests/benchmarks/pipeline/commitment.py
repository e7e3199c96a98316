"""What digests, records and syncs take of a task's time: a task of the default size with them and without.

The same pipeline fills as many blocks of derivatives as a task owns, of a cheap function, so that little hides behind
computing. Without commitment it hashes nothing, syncs nothing and records nothing. What it then leaves in the system's
memory has yet to be written by somebody: so the time until all of it is on the disk stands beside, for both.

Digests are computed while the disk works; what counts of them is by how much a task takes longer.

Most of a run at default settings is no such task: the radii, for which f is sampled a thousand times around each point,
take a hundred times as long per byte. They are measured, too.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import takewhile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from unittest.mock import patch

import numpy as np

from taylorkit import digest, pipeline
from taylorkit.pipeline import Job
from taylorkit.spec.resources import Trust
from taylorkit.store.checked import Checked
from taylorkit.store.section import SectionStore
from tests.benchmarks.pipeline.rows import blocks_of_points, planned, row

CASE = "two-variable"
# By whether it is to be quick. A task owns 512 blocks: see `tasks.prepare`.
BLOCKS, ROUNDS = {True: 14, False: 512}, {True: 2, False: 5}
SHARE, ON_DISK = "commitment, of a task's time", "commitment, of the time until all is on the disk"
# The radii of a few blocks are ten seconds of work, which is what a task must be worth.
RADII_BLOCKS, RADII_ROUNDS = {True: 1, False: 4}, {True: 1, False: 3}
RADII_SHARE = "commitment, of the time of a task of radii"


def measure(quick: bool, folder: Path) -> list[dict[str, Any]]:
    job = planned(folder / "commitment", CASE, blocks_of_points(BLOCKS[quick]))
    return [*_derivatives(job, ROUNDS[quick]), *_radii(folder / "radii", RADII_BLOCKS[quick], RADII_ROUNDS[quick])]


def _radii(folder: Path, blocks: int, rounds: int) -> list[dict[str, Any]]:
    job = planned(folder, CASE, blocks_of_points(blocks), f"trust.samples={Trust().samples}")
    done, _ = _compared(job, "radii", rounds)
    return [
        *(row("task", CASE, f"radii of {blocks} blocks, {name}", times) for name, times in done.items()),
        row("task", CASE, RADII_SHARE, [], share=_share(done)),
    ]


def _derivatives(job: Job, rounds: int) -> list[dict[str, Any]]:
    done, synced = _compared(job, "derivatives", rounds)
    size = {"bytes": job.bytes}
    return [
        *(row("task", CASE, name, times, **size) for name, times in done.items()),
        *(row("task", CASE, f"{name}, and synced", times, **size) for name, times in synced.items()),
        row("task", CASE, SHARE, [], share=_share(done)),
        row("task", CASE, ON_DISK, [], share=_share(synced)),
    ]


def _compared(job: Job, step: str, rounds: int) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Seconds until a step is done, and until all is on the disk, with commitment and without, round after round."""
    done: dict[str, list[float]] = {name: [] for name in WITHOUT}
    synced: dict[str, list[float]] = {name: [] for name in WITHOUT}
    for number in range(1 + rounds):
        # Who runs second finds what the first left behind: they take turns.
        for name in list(WITHOUT)[:: 1 if number % 2 else -1]:
            taken = _taken(job, step, WITHOUT[name])
            if number:  # the first round has the system find memory
                for kept, seconds in zip((done, synced), taken, strict=True):
                    kept[name].append(seconds)
    return done, synced


def _share(times: dict[str, list[float]]) -> float:
    return median(1 - without / whole for whole, without in zip(*times.values(), strict=True))


def _taken(job: Job, name: str, without: Callable[[], AbstractContextManager[None]]) -> tuple[float, float]:
    """Seconds until a step returns, and until everything is on the disk; the steps before it are there."""
    shutil.rmtree(job.artifact, ignore_errors=True)
    pipeline.create(job)
    for step in takewhile(lambda step: step.name != name, job.steps):
        pipeline.fill(job, step.name)
    os.sync()
    start = perf_counter()
    with without():
        pipeline.fill(job, name)
    done = perf_counter() - start
    os.sync()
    return done, perf_counter() - start


class Unhashed(digest.Hasher):
    """Takes what it is given, and hashes nothing."""

    def update(self, values: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(values, values.dtype.newbyteorder("<"))


@contextmanager
def _nothing_committed() -> Iterator[None]:
    """Within it blocks are written, and neither hashed nor synced nor recorded; and read without being checked."""
    with (
        patch.object(digest, "Hasher", Unhashed),
        patch.object(SectionStore, "commit", lambda store, written: None),
        patch.object(Checked, "_check", lambda checked, block: None),
    ):
        yield


WITHOUT: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "committed": nullcontext,
    "not committed": _nothing_committed,
}
