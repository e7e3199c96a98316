"""kill -9 at random instants of a run's life, each after something of it was on the disk; then it is run again.

After each kill a copy is finished and compared; the killed one goes on in another process, which is killed as well, up
to CHAIN times.
"""

import random
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from taylorkit import pipeline
from tests.chaos import subjects
from tests.chaos.checks import Times, assert_honest, assert_resumes, committed
from tests.chaos.outcome import Outcome, tried
from tests.chaos.process import started, until
from tests.store.making import Made, blocks

# How long a record waits, in seconds: a run as it is, and ones with more time between a block and its record.
PAUSES = (0.0, 0.005, 0.015)
CHAIN = 3

# The last instants are beyond the last write.
BEYOND = 1.05


def kills(folder: Path, count: int, seed: int) -> Iterator[Outcome]:
    whole, chance = subjects.wide(folder), random.Random(seed)
    lives: dict[float, float] = {}
    done, total = 0, len(committed(whole.artifact))
    while done < count:
        store, kept = folder / f"killed-{done}", {}
        for _ in range(min(CHAIN, count - done)):
            pause = chance.choice(PAUSES)
            if pause not in lives:
                lives[pause] = _life(whole, folder / "life", pause)
            left = lives[pause] * (1 - len(kept) / total)
            if len(kept) == total or not _killed(whole, store, pause, chance.uniform(0, left)):
                break  # nothing was left to do, or it had ended before: no kill
            killed = Made(whole.spec, store, store / whole.artifact.name, whole.arrays)
            before, kept = kept, committed(killed.artifact)
            yield tried(f"kill {done} of seed {seed}", lambda k=killed, b=before: _comes_out_whole(k, whole, folder, b))
            done += 1
        shutil.rmtree(store, ignore_errors=True)


def _life(whole: Made, store: Path, pause: float) -> float:
    """How long a run writes, from the instant at which its tree is there until its log is, and a little more."""
    process, artifact = started(whole.spec, store, options=["--pause", pause]), store / whole.artifact.name
    until(artifact.exists, process)
    start = time.monotonic()
    until(lambda: any(artifact.glob("log/*T*/zarr.json")), process)
    life = BEYOND * (time.monotonic() - start)
    process.communicate()
    shutil.rmtree(store)
    return life


def _killed(whole: Made, store: Path, pause: float, instant: float) -> bool:
    """Kill a run so many seconds after it has begun to write; whether it was alive then.

    A run that goes on with a tree that is there has begun once it has written its first record.
    """
    artifact = store / whole.artifact.name
    before = count_records(artifact) if artifact.exists() else -1
    process = started(whole.spec, store, options=["--pause", pause])
    if until(lambda: artifact.exists() and count_records(artifact) > before, process):
        time.sleep(instant)
    process.kill()
    process.communicate()
    return process.returncode == -9


def count_records(artifact: Path) -> int:
    """How many blocks have a place for their record: to be asked often while a run goes on."""
    return sum(1 for pattern in ("commit/*/[0-9w]*", "evaluation/*/commit/*/[0-9w]*") for _ in artifact.glob(pattern))


def _comes_out_whole(killed: Made, whole: Made, folder: Path, before: Times) -> str:
    """The kind: what the run was at when it was killed."""
    now = committed(killed.artifact)
    assert before.items() <= now.items(), "a block that was committed was committed again"
    copy = Made(killed.spec, folder / "copy", folder / "copy" / killed.artifact.name, killed.arrays)
    shutil.copytree(killed.store, copy.store)
    try:
        kind = _phase(copy)
        assert_honest(copy.artifact, whole.arrays)
        assert_resumes(copy, whole)
    finally:
        shutil.rmtree(copy.store)
    return kind


def _phase(killed: Made) -> str:
    """The first step that was not done; committing overlaps within a step, never between steps."""
    job = pipeline.plan(killed.spec, store=killed.store)
    steps = blocks(job)
    found = committed(killed.artifact)
    for step in job.steps:
        prefix = Path(step.group) / "commit" / step.section.label
        if sum(prefix in record.parents for record in found) < steps[step.name]:
            return f"at {step.name}"
    logged = any((killed.artifact / "log").glob("*T*"))
    return "after the log" if logged else "at the log"
