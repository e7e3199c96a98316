"""The steps of a run in the order of its records: when each begins, and which one was not done yet.

Committing overlaps within a step, never between steps: so the number of records says which step a run is at.
"""

import random
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path

from taylorkit import pipeline
from taylorkit.pipeline import Job
from tests.chaos.checks import committed
from tests.chaos.process import finished, started, until
from tests.store.making import Made, blocks

LOG, AFTER = "at the log", "after the log"

# The last instants of a step are beyond its last write.
BEYOND = 1.05


@dataclass(frozen=True)
class Timeline:
    """Of runs whose records wait for `pause` seconds: with how many records each step begins, and how long it takes.

    The first begins with its first record: what is killed before has nothing to lose. The last is the log.
    """

    pause: float
    firsts: tuple[int, ...]
    lengths: tuple[float, ...]

    @classmethod
    def of(cls, whole: Made, store: Path, pause: float) -> "Timeline":
        """That of one run from its beginning, which is watched."""
        artifact = store / whole.artifact.name
        counts = [n for _, n in _steps(pipeline.plan(whole.spec, store=store))]
        firsts = (1, *accumulate(counts))
        process, times = started(whole.spec, store, options=["--pause", pause]), []
        for first in firsts:
            until(lambda n=first: count_records(artifact) >= n, process)
            times.append(time.monotonic())
        until(lambda: is_logged(artifact), process)
        times.append(time.monotonic())
        finished(process)
        shutil.rmtree(store)
        return cls(pause, firsts, tuple(BEYOND * (b - a) for a, b in pairwise(times)))

    def drawn(self, done: int, chance: random.Random) -> tuple[int, float]:
        """One of the steps that are left to a run with so many records: how many it begins with, how long it takes."""
        ends = (*self.firsts[1:], self.firsts[-1] + 1)
        left = [(f, n) for f, n, end in zip(self.firsts, self.lengths, ends, strict=True) if end > done]
        return chance.choice(left)


def phase(made: Made) -> str:
    """The first step that was not done."""
    found = committed(made.artifact)
    for place, number in _steps(pipeline.plan(made.spec, store=made.store)):
        if sum(place in record.parents for record in found) < number:
            return f"at {place.name}"
    return AFTER if is_logged(made.artifact) else LOG


def _steps(job: Job) -> Iterator[tuple[Path, int]]:
    """Where the records of each step lie within the artifact, and how many there will be."""
    counts = blocks(job)
    return ((Path(s.group) / "commit" / s.section.label, counts[s.name]) for s in job.steps)


def is_logged(artifact: Path) -> bool:
    return any(artifact.glob("log/*T*/zarr.json"))


def count_records(artifact: Path) -> int:
    """How many blocks have a record: to be asked often while a run goes on."""
    patterns = ("commit/*/[0-9w]*/zarr.json", "evaluation/*/commit/*/[0-9w]*/zarr.json")
    return sum(1 for pattern in patterns for _ in artifact.glob(pattern))
