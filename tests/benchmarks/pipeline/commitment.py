"""What digests, records and syncs take of a task's time: a task of the default size with them and without.

The same pipeline fills as many blocks of derivatives as a task owns, of a cheap function, so that little hides behind
computing. Without commitment it hashes nothing, syncs nothing and records nothing. What it then leaves in the system's
memory has yet to be written by somebody: so the time until all of it is on the disk stands beside, for both.

Digests are computed while the disk works; what counts of them is by how much a task takes longer.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from unittest.mock import patch

import numpy as np

from taylorkit import digest, pipeline
from taylorkit.pipeline import Job
from taylorkit.store.section import SectionStore
from tests.benchmarks.pipeline.rows import blocks_of_points, planned, row

CASE = "two-variable"
# By whether it is to be quick. A task owns 512 blocks: see `tasks.prepare`.
BLOCKS, ROUNDS = {True: 14, False: 512}, {True: 2, False: 5}
SHARE, ON_DISK = "commitment, of a task's time", "commitment, of the time until all is on the disk"


def measure(quick: bool, folder: Path) -> list[dict[str, Any]]:
    points = blocks_of_points(BLOCKS[quick])
    job = planned(folder / "commitment", CASE, points)
    done: dict[str, list[float]] = {name: [] for name in WITHOUT}
    synced: dict[str, list[float]] = {name: [] for name in WITHOUT}
    for number in range(1 + ROUNDS[quick]):
        # Who runs second finds what the first left behind: they take turns.
        for name in list(WITHOUT)[:: 1 if number % 2 else -1]:
            taken = _taken(job, WITHOUT[name])
            if number:  # the first round has the system find memory
                for kept, seconds in zip((done, synced), taken, strict=True):
                    kept[name].append(seconds)
    size = {"points": points, "bytes": job.bytes}
    return [
        *(row("task", CASE, name, times, **size) for name, times in done.items()),
        *(row("task", CASE, f"{name}, and synced", times, **size) for name, times in synced.items()),
        row("task", CASE, SHARE, [], share=_share(done)),
        row("task", CASE, ON_DISK, [], share=_share(synced)),
    ]


def _share(times: dict[str, list[float]]) -> float:
    return median(1 - without / whole for whole, without in zip(*times.values(), strict=True))


def _taken(job: Job, without: Callable[[], AbstractContextManager[None]]) -> tuple[float, float]:
    """Seconds until it returns, and until everything is on the disk."""
    shutil.rmtree(job.artifact, ignore_errors=True)
    pipeline.create(job)
    os.sync()
    start = perf_counter()
    with without():
        pipeline.fill(job, "derivatives")
    done = perf_counter() - start
    os.sync()
    return done, perf_counter() - start


class Unhashed(digest.Hasher):
    """Takes what it is given, and hashes nothing."""

    def update(self, values: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(values, values.dtype.newbyteorder("<"))


@contextmanager
def _nothing_committed() -> Iterator[None]:
    """Within it blocks are written, and neither hashed nor synced nor recorded."""
    with patch.object(digest, "Hasher", Unhashed), patch.object(SectionStore, "commit", lambda store, written: None):
        yield


WITHOUT: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "committed": nullcontext,
    "not committed": _nothing_committed,
}
