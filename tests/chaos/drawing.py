"""kill -9 while figures and page are drawn: the numbers are there, and the next run draws what shows them."""

import random
import shutil
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from taylorkit import drawn, pages
from tests.chaos import subjects
from tests.chaos.checks import assert_whole, committed
from tests.chaos.outcome import Outcome, tried
from tests.chaos.process import finished, killed, started, until
from tests.chaos.timeline import is_logged
from tests.store.making import Made

DRAWING, TOO_LATE = "in the drawing", "ended before it was killed"


def drawings(folder: Path, seed: int) -> Iterator[Outcome]:
    """One after the other, each in a store of its own."""
    whole, chance = subjects.shown(folder), random.Random(f"drawing {seed}")
    length = _length(whole, folder / "drawn")
    number = 0
    while True:
        instant = chance.uniform(0, length)
        what = f"kill after {instant:.2f} of {length:.2f} s of drawing, {number} of seed {seed}"
        found = tried(what, partial(_drawn_after, whole, folder / "drawn", instant))
        number += 1
        if found.kind != TOO_LATE:  # nothing was killed, so nothing was tried
            yield found


def _length(whole: Made, store: Path) -> float:
    """How long a run goes on after its log is written."""
    process = started(whole.spec, store, report=True)
    assert until(partial(is_logged, store / whole.artifact.name), process)
    start = time.monotonic()
    finished(process)
    shutil.rmtree(store)
    return time.monotonic() - start


def _drawn_after(whole: Made, store: Path, instant: float) -> str:
    made = Made(whole.spec, store, store / whole.artifact.name, whole.arrays)
    try:
        process = started(made.spec, store, report=True)
        assert until(partial(is_logged, made.artifact), process)
        time.sleep(instant)
        if not killed(process):
            return TOO_LATE
        before = committed(made.artifact)
        assert_whole(made, whole)
        assert finished(started(made.spec, store, report=True)) == str(made.artifact)
        assert committed(made.artifact) == before, "a block that was committed was committed again"
        assert_whole(made, whole)
        assert pages.page_of(made.artifact).is_file()
        assert (store / "index.html").is_file()
        assert pages.up_to_date(made.artifact)
        assert list(drawn.problems(made.artifact)) == []
    finally:
        shutil.rmtree(store, ignore_errors=True)
    return DRAWING
