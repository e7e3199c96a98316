"""How far a run is, on standard error: a line that is rewritten where somebody watches, a line now and then where
nobody does, so that the log of a night shows life.

No library draws it. `tqdm` moves only when a block is done, and into logs it writes lines meant to be rewritten; `rich`
hides the cursor by escape codes, which a killed run leaves hidden, and comes with Prefect alone, which `taylorkit run`
goes without. The words are the same here and there, and what is left is a carriage return.
"""

import os
import shutil
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, TextIO

import numpy as np

from taylorkit.cli.answer import counted

if TYPE_CHECKING:
    from taylorkit.pipeline.job import Step

# Seconds between two lines of a log, and between two looks of a terminal's line: by the clock, and as blocks are done.
LOG, TICK, REDRAWN = 30.0, 1.0, 0.1


@dataclass(frozen=True)
class Size:
    """A step: its place among the others, its points, and what its numbers take."""

    place: str
    points: int
    bytes: int
    blocks: int

    @classmethod
    def of(cls, number: int, steps: "Sequence[Step]") -> "Size":
        section = steps[number].section
        numbers = sum(prod(a.shape) * np.dtype(a.dtype).itemsize for a in section.arrays)
        return cls(f"step {number + 1}/{len(steps)}", prod(section.shape), numbers, max(1, section.block_count))


def told(title: str, size: Size, done: int, total: int, seconds: float) -> str:
    """One line: what is done, how long the rest of the step takes at its rate so far, and this rate.

    Bytes are those of the numbers before compression.
    """
    head = f"  {size.place}, {title}: {done}/{counted(total, 'block')}"
    if not done or seconds <= 0:
        return f"{head}, {clock(seconds)} so far"
    rate = done / seconds
    work = f"{rate * size.points / size.blocks:,.0f} points/s" if size.points > 1 else f"{rate:.3g} blocks/s"
    return f"{head}, {clock((total - done) / rate)} left, {work}, {rate * size.bytes / size.blocks / 1e6:,.1f} MB/s"


def clock(seconds: float) -> str:
    """0:07, 12:34 or 1:02:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class Progress:
    """Told `title, done, total` as blocks are committed; within it a thread tells the time between."""

    def __init__(self, steps: "Sequence[Step]", stream: TextIO | None = None):
        self._stream = sys.stderr if stream is None else stream
        self._watched = self._stream.isatty() and os.environ.get("TERM") != "dumb"
        self._sizes = {step.title: Size.of(i, steps) for i, step in enumerate(steps)}
        self._now: tuple[str, int, int] | None = None
        self._started = self._drawn = 0.0
        self._width = 0
        self._lock, self._ended = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._tick, name="progress", daemon=True)

    def __enter__(self) -> "Progress":
        self._thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._ended.set()
        self._thread.join()
        if self._width:
            self._write("\n")

    def __call__(self, title: str, done: int, total: int) -> None:
        with self._lock:
            if self._now is None or self._now[0] != title:
                self._started = time.monotonic()
            self._now = (title, done, total)
            if done == total:
                self._now = None
                self._end(f"  {title}: {counted(total, 'block')}")
            elif self._watched and time.monotonic() - self._drawn >= REDRAWN:
                self._draw(self._line())

    def _tick(self) -> None:
        while not self._ended.wait(TICK if self._watched else LOG):
            with self._lock:
                if self._now:
                    (self._draw if self._watched else self._end)(self._line())

    def _line(self) -> str:
        assert self._now is not None
        title, done, total = self._now
        return told(title, self._sizes[title], done, total, time.monotonic() - self._started)

    def _draw(self, line: str) -> None:
        """Over what stands there, in one write, so that nothing flickers; cut, because a wrapped line stays."""
        line = line[: max(1, self._columns() - 1)]
        self._write(f"\r{line.ljust(self._width)}")
        self._width, self._drawn = len(line), time.monotonic()

    def _end(self, line: str) -> None:
        """A line that stays."""
        self._write(f"\r{line.ljust(self._width)}\n" if self._width else f"{line}\n")
        self._width = 0

    def _columns(self) -> int:
        try:
            return os.get_terminal_size(self._stream.fileno()).columns or 80
        except (OSError, ValueError):
            return shutil.get_terminal_size().columns

    def _write(self, text: str) -> None:
        # A log that is full or closed is no reason to stop computing.
        with suppress(OSError, ValueError):
            self._stream.write(text)
            self._stream.flush()
