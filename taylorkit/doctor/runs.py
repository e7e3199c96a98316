"""Runs that Prefect's database has in state Running, though nothing is at work on them: their process was killed."""

import os
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import psutil

from taylorkit.doctor.finding import Finding, Place, quoted
from taylorkit.doctor.processes import Seen, seen

# A run that is tried again keeps the time of its first start: the last change of state tells which process it was.
RUNNING = """
SELECT id, name, start_time, COALESCE(state_timestamp, start_time), infrastructure_pid
FROM flow_run WHERE state_type = 'RUNNING' ORDER BY start_time
"""
# Between the clocks that the database and the system have.
SECONDS = 10.0


def left_running(place: Place) -> Iterator[Finding]:
    """Runs in state Running whose process is gone; of another machine's runs nothing is known."""
    database = place.home / "prefect.db"
    if not database.is_file():
        return
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            runs = connection.execute(RUNNING).fetchall()
    except sqlite3.Error as error:
        yield Finding("Prefect's database cannot be read", f"{database}: {error}", "mend it, or move it away")
        return
    there = seen()
    named = {one.run for one in there}
    served = _is_served(there, place.home)
    for identity, name, started, running_since, process in runs:
        if identity not in named and _is_gone(process, running_since, served):
            yield Finding(
                "a run is left in state Running, and its process is gone",
                f"{name!r} ({identity}), started {started}, in {database}",
                f"prefect flow-run delete {identity} (with PREFECT_HOME={quoted(place.home)}); then run its spec "
                "again: committed blocks are kept",
            )


def _is_served(there: list[Seen], home: Path) -> bool:
    """Whether anything of this home is there without which no run lives: a server that is not left over, or a runner.

    What is left of a `taylorkit serve` still runs what it is asked to.
    """
    ours = [one for one in there if one.home == os.path.realpath(home)]
    return any(one.is_runner or (one.is_server and not (one.is_embedded and one.is_left)) for one in ours)


def _is_gone(process: str | None, running_since: str, served: bool) -> bool:
    """A worker notes `pid` or `host:pid`; runs in-process and those of a runner note nothing, and need a server."""
    if not process:
        return not served
    host, _, pid = process.rpartition(":")
    here = host in ("", socket.gethostname())
    return here and pid.isdigit() and not _is_its(int(pid), running_since)


def _is_its(pid: int, running_since: str) -> bool:
    """Whether the process that has this number now was there when the run began: numbers are given again."""
    try:
        began = datetime.fromisoformat(running_since).replace(tzinfo=UTC).timestamp()
        return bool(psutil.Process(pid).create_time() <= began + SECONDS)
    except (psutil.NoSuchProcess, OverflowError):
        return False
    except (psutil.Error, ValueError, TypeError):
        return True
