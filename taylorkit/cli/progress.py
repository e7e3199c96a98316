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
from typing import TYPE_CHECKING, TextIO

from taylorkit.cli.answer import counted
from taylorkit.cli.rate import Size, told

if TYPE_CHECKING:
    from taylorkit.pipeline.job import Step

# Seconds between two lines of a log, and between two looks of a terminal's line: by the clock, and as blocks are done.
LOG, TICK, REDRAWN = 30.0, 1.0, 0.1


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
