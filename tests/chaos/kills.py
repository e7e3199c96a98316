"""kill -9 at random instants of a run's life, each after a block of it was committed; then it is run again.

Which step is to be hit is drawn first, then an instant within it: so the short steps are hit, too. After each kill a
copy is finished and compared; the killed one goes on in another process, which is killed as well, up to CHAIN times.
`timeline` knows when which step begins, `drawing` kills runs that draw.
"""

import random
import shutil
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.chaos import subjects
from tests.chaos.checks import Times, assert_honest, assert_logged, assert_resumes, committed
from tests.chaos.drawing import DRAWING, drawings
from tests.chaos.outcome import Outcome, tried
from tests.chaos.process import killed, started, until
from tests.chaos.timeline import LOG, Timeline, count_records, phase
from tests.store.making import Made

# How long a record waits, in seconds: a run as it is, and ones with more time between a block and its record.
PAUSES = (0.0, 0.005, 0.03)
CHAIN = 3

# Every so many kills one falls while figures and page are drawn.
DRAWN = 10

# In so many kills or more each step is hit, or the row has not shown what it says.
MANY = 50
PHASES = ("at derivatives", "at radii", "at values", "at summary", LOG, DRAWING)

# A kill may come too late. Were most to, the row would never end.
ATTEMPTS = 5


def kills(folder: Path, count: int, seed: int) -> Iterator[Outcome]:
    chance, seen = random.Random(seed), set()
    while_drawing = drawings(folder, seed)
    running = _while_running(folder, count, seed, chance)
    for number in range(count):
        outcome = next(while_drawing if number % DRAWN == DRAWN - 1 else running)
        seen.add(outcome.kind)
        yield outcome
    for name in PHASES if count >= MANY else ():
        if name not in seen:
            yield Outcome("fault", f"none of {count} kills of seed {seed} fell {name}")


def _while_running(folder: Path, count: int, seed: int, chance: random.Random) -> Iterator[Outcome]:
    """At least `count` kills that left something committed, in chains."""
    whole, done = subjects.wide(folder), 0
    line = cache(lambda pause: Timeline.of(whole, folder / "life", pause))
    for chain in range(ATTEMPTS * count):
        store, kept = folder / f"killed-{chain}", {}
        for _ in range(CHAIN):
            if not _killed(whole, store, line(chance.choice(PAUSES)), chance):
                break  # it had ended before, or had committed nothing
            made = Made(whole.spec, store, store / whole.artifact.name, whole.arrays)
            before, kept = kept, committed(made.artifact)
            yield tried(f"kill {done} of seed {seed}", lambda m=made, b=before: _comes_out_whole(m, whole, folder, b))
            done += 1
        shutil.rmtree(store, ignore_errors=True)
    raise RuntimeError(f"{done} of {ATTEMPTS * count} runs were killed before they ended, {count} wanted")


def _killed(whole: Made, store: Path, line: Timeline, chance: random.Random) -> bool:
    """Kill a run in a step that it has before it; whether it was alive then and had committed a block.

    A run that goes on with what is there has begun once it has written a record.
    """
    artifact = store / whole.artifact.name
    before = count_records(artifact)
    first, length = line.drawn(before, chance)
    process = started(whole.spec, store, options=["--pause", line.pause])
    if until(lambda: count_records(artifact) >= max(first, before + 1), process):
        time.sleep(chance.uniform(0, length))
    return killed(process) and bool(committed(artifact))


def _comes_out_whole(made: Made, whole: Made, folder: Path, before: Times) -> str:
    """The kind: what the run was at when it was killed."""
    now = committed(made.artifact)
    assert before.items() <= now.items(), "a block that was committed was committed again"
    copy = Made(made.spec, folder / "copy", folder / "copy" / made.artifact.name, made.arrays)
    shutil.copytree(made.store, copy.store)
    try:
        kind = phase(copy)
        assert_honest(copy.artifact, whole.arrays)
        assert_resumes(copy, whole)
        assert_logged(copy.artifact)
    finally:
        shutil.rmtree(copy.store)
    return kind
