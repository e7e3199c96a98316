"""Progress: rewritten for a terminal, lines for a log, and what they say."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import numpy as np
import pytest

import taylorkit as tk
from taylorkit.cli import progress
from taylorkit.cli.progress import Progress
from taylorkit.cli.rate import Size, clock, told
from taylorkit.pipeline.job import Step
from taylorkit.store.layout import ArrayPlan, Section
from tests.store.making import LINE, write_spec

ARRAY = ArrayPlan("derivatives", ("term", "x"), (10, 800), np.dtype(np.float64))
STEPS = (
    Step("derivatives", "", Section("derivatives", "", (ARRAY,), ("x",), (800,), (100,)), lambda block: {}),
    Step("graph", "", Section("table", "", ()), lambda block: {}),
)


def test_a_line_says_rate_and_what_is_left() -> None:
    size = Size.of(0, STEPS)
    assert size == Size("step 1/2", points=800, bytes=64_000, blocks=8)
    assert (
        told("derivatives", size, 2, 8, 4.0) == "  step 1/2, derivatives: 2/8 blocks, 0:12 left, 50 points/s, 0.0 MB/s"
    )
    assert told("derivatives", size, 0, 8, 61.0) == "  step 1/2, derivatives: 0/8 blocks, 1:01 so far"
    # Those that are there already are not in the total: the rate is that of the others.
    assert "0:03 left, 100 points/s" in told("derivatives", size, 1, 4, 1.0)
    assert "0.25 blocks/s" in told("graph", Size.of(1, STEPS), 1, 2, 4.0)
    assert [clock(s) for s in (0.4, 754, 3723)] == ["0:00", "12:34", "1:02:03"]


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in {"LOG": 0.05, "TICK": 0.02, "REDRAWN": 0.0}.items():
        monkeypatch.setattr(progress, name, seconds)


def test_a_log_gets_whole_lines_and_shows_life(often: None) -> None:
    log = StringIO()
    with Progress(STEPS, log) as told:
        told("derivatives", 0, 8)
        time.sleep(0.3)
        told("derivatives", 8, 8)
    *living, last = log.getvalue().splitlines()
    assert len(living) >= 2
    assert all(line.startswith("  step 1/2, derivatives: 0/8 blocks, 0:00 so far") for line in living)
    assert last == "  derivatives: 8 blocks"
    assert not {"\r", "\x1b"} & set(log.getvalue())


def test_a_short_run_logs_a_line_a_step() -> None:
    log = StringIO()
    with Progress(STEPS, log) as told:
        for title, total in (("derivatives", 8), ("graph", 1)):
            for done in range(total + 1):
                told(title, done, total)
    assert log.getvalue() == "  derivatives: 8 blocks\n  graph: 1 block\n"


class Terminal:
    """A pseudo-terminal, and what it was shown."""

    def __init__(self, columns: int):
        import fcntl
        import struct
        import termios

        self._screen, self.line = os.openpty()
        fcntl.ioctl(self.line, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def shown(self) -> str:
        os.close(self.line)
        parts: list[bytes] = []
        try:
            while part := os.read(self._screen, 2**16):
                parts.append(part)
        except OSError:  # how Linux says that nobody writes any more
            pass
        os.close(self._screen)
        return b"".join(parts).decode().replace("\r\n", "\n")


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    pytest.importorskip("termios")
    monkeypatch.setenv("TERM", "xterm")
    yield Terminal(columns=60)


def test_a_terminal_gets_one_line_rewritten(terminal: Terminal, often: None) -> None:
    with open(terminal.line, "w", closefd=False) as stream, Progress(STEPS, stream) as told:
        told("derivatives", 0, 8)
        told("derivatives", 4, 8)
        time.sleep(0.2)
        told("derivatives", 8, 8)
    shown = terminal.shown()
    assert shown.count("\n") == 1 and shown.endswith("\n")
    drawn = [line.rstrip() for line in shown.split("\r")[1:]]
    assert drawn[0] == "  step 1/2, derivatives: 0/8 blocks, 0:00 so far"
    assert drawn[-1] == "  derivatives: 8 blocks"
    assert len(drawn) > 4, "the clock goes on while a block is computed"
    assert all(line.startswith("  step 1/2, derivatives: 4/8 blocks, 0:00 left, ") for line in drawn[1:-1])
    assert max(map(len, shown.split("\r"))) <= 60, "a line that wraps cannot be rewritten"
    assert "\x1b" not in shown


def test_what_ends_a_run_does_not_end_up_in_its_line(terminal: Terminal, often: None) -> None:
    with (
        pytest.raises(KeyboardInterrupt),
        open(terminal.line, "w", closefd=False) as stream,
        Progress(STEPS, stream) as told,
    ):
        told("derivatives", 0, 8)
        raise KeyboardInterrupt
    assert terminal.shown().endswith("\n")


def test_a_dumb_terminal_is_a_log(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    with open(terminal.line, "w", closefd=False) as stream, Progress(STEPS, stream) as told:
        told("derivatives", 4, 8)
        told("derivatives", 8, 8)
    assert terminal.shown() == "  derivatives: 8 blocks\n"


def test_a_closed_log_stops_nothing(often: None) -> None:
    log = StringIO()
    with Progress(STEPS, log) as told:
        log.close()
        told("derivatives", 8, 8)


def test_a_run_at_a_terminal(terminal: Terminal, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "taylorkit.cli", "run", str(write_spec(tmp_path, LINE)), "--no-report"]
    # Without a cache, of which XLA may have something to say.
    quiet = {**os.environ, "TAYLORKIT_CACHE": ""}
    done = subprocess.run(words, stdout=terminal.line, stderr=terminal.line, cwd=tmp_path, env=quiet)
    shown = terminal.shown()
    assert done.returncode == 0, shown
    kept = [line.split("\r")[-1].rstrip() for line in shown.split("\n")]
    assert kept[1] == "  derivatives: 1 block"
    assert "step 1/4, derivatives: 0/1 block, 0:00 so far" in shown
    assert "\x1b" not in shown
    # JAX colours a program that it writes for a terminal; in an artifact that would be damage.
    artifact = tmp_path / kept[-2]
    assert tk.verify(artifact) == [] and tk.open(artifact).attrs["function"]["program"].startswith("{ lambda")
