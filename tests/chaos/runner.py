"""`python -m tests.chaos.runner OPTIONS… -- ARGUMENTS…`: taylorkit's command line with ARGUMENTS, in small blocks.

With `--block` they have so many bytes. With `--pause` each record waits for so many seconds before it is written, so
that there is time to do something to the run; with `--gate` it says that it is ready, and begins when that file is
there; with `--days` its clock is off by so many. What it ran with is told in the file `--facts`, as JSON.
"""

import argparse
import datetime as real
import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

from taylorkit import cli, grid, pipeline
from taylorkit.pipeline import run
from taylorkit.store import records
from tests.store.making import SMALL_BLOCK


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--block", type=int, default=SMALL_BLOCK)
    parser.add_argument("--pause", type=float, default=0.0)
    parser.add_argument("--gate", type=Path)
    parser.add_argument("--days", type=float, default=0.0)
    parser.add_argument("--facts", type=Path)
    own, _, arguments = _split(sys.argv[1:])
    asked = parser.parse_args(own)
    grid.BLOCK_BYTES = asked.block
    if asked.pause:
        _pause(asked.pause)
    if asked.gate:
        _wait_for(asked.gate)
    if asked.days:
        _another_day(asked.days)
    if asked.facts:
        _tell(asked.facts)
    return cli.main(arguments)


def _split(words: list[str]) -> tuple[list[str], str, list[str]]:
    at = words.index("--")
    return words[:at], "--", words[at + 1 :]


def _pause(seconds: float) -> None:
    write = records.write

    def slowly(folder: Path, record: dict[str, Any]) -> None:
        time.sleep(seconds)
        write(folder, record)

    records.write = slowly


def _wait_for(gate: Path) -> None:
    begin = pipeline.run

    def wait(*arguments: Any) -> Any:
        gate.with_name(f"{time.time_ns()}.ready").touch()
        while not gate.exists():
            time.sleep(0.005)
        return begin(*arguments)

    pipeline.run = wait


def _tell(facts: Path) -> None:
    """Of a run that ended: blocks that it might hold at once, threads of a straight line's pool and of XLA's."""
    begin = pipeline.run

    def told(job: Any, *more: Any) -> Any:
        done = begin(job, *more)
        names = [task.joinpath("comm").read_text() for task in Path("/proc/self/task").iterdir()]
        line = sum(thread.name.startswith("taylorkit_") for thread in threading.enumerate())
        found = {
            "blocks": sum(step.section.block_count for step in job.steps),
            "in_flight": job.in_flight,
            "line_threads": 1 + line,
            "xla_threads": sum(name.startswith("tf_XLAEigen") for name in names),
        }
        facts.write_text(json.dumps(found))
        return done

    pipeline.run = told


def _another_day(days: float) -> None:
    """Every clock that the project reads."""
    now = time.time

    class Datetime(real.datetime):
        @classmethod
        def now(cls, tz: real.tzinfo | None = None) -> "Datetime":
            return cls.fromtimestamp(time.time(), tz)

    time.time = lambda: now() + 86400 * days
    time.time_ns = lambda: int(1e9 * time.time())
    run.datetime = Datetime


if __name__ == "__main__":
    sys.exit(main())
