"""Prefect's leftovers: embedded servers and runs whose flow was killed. From processes and the database.

A flow starts its embedded server itself, with its own Python, and says so in its environment; Prefect and
`flows.server` do that alike. A flow that is killed outright leaves the server, and its run in state Running for ever.
"""

import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil

from taylorkit.doctor.finding import Finding, Place

SERVER = "prefect.server.api.server:create_app"
EMBEDDED = "PREFECT__SERVER_EPHEMERAL"
RUNNING = (
    "SELECT id, name, start_time, infrastructure_pid FROM flow_run WHERE state_type = 'RUNNING' ORDER BY start_time"
)


def orphaned(place: Place) -> Iterator[Finding]:
    """Embedded servers whose flow is gone."""
    for server in _servers():
        if _is_orphan(server):
            yield Finding(
                "an embedded Prefect server runs on, and its flow is gone",
                f"process {server.pid} ({' '.join(server.cmdline())})",
                f"kill {server.pid}",
            )


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
    served = any(not _is_orphan(s) and _home(s) == place.home.absolute() for s in _servers())
    for identity, name, started, process in runs:
        if _is_gone(process, served):
            yield Finding(
                "a run is left in state Running, and its process is gone",
                f"{name!r} ({identity}), started {started}, in {database}",
                f"prefect flow-run delete {identity} (with PREFECT_HOME={place.home}); then run its spec again: "
                "committed blocks are kept",
            )


def _is_gone(process: str | None, served: bool) -> bool:
    """A worker notes `pid` or `host:pid`; a flow run in-process notes nothing, and cannot live without a server."""
    if not process:
        return not served
    host, _, pid = process.rpartition(":")
    here = host in ("", socket.gethostname())
    return here and pid.isdigit() and not psutil.pid_exists(int(pid))


def _servers() -> Iterator[psutil.Process]:
    """Prefect servers, as far as this user may look."""
    for process in psutil.process_iter(["cmdline"]):
        if SERVER in (process.info["cmdline"] or []):
            yield process


def _is_orphan(server: psutil.Process) -> bool:
    """Whether it was embedded, and who has it now is not the Python that started it."""
    try:
        if server.environ().get(EMBEDDED) != "1" or server.status() == psutil.STATUS_ZOMBIE:
            return False
        parent = server.parent()
        return parent is None or _executable(parent) != _executable(server)
    except psutil.Error:
        return False


def _executable(process: psutil.Process) -> str:
    try:
        return str(process.exe())
    except psutil.Error:  # another user's: surely not the one that started ours
        return ""


def _home(server: psutil.Process) -> Path | None:
    try:
        named = server.environ().get("PREFECT_HOME")
    except psutil.Error:
        return None
    return Path(named or "~/.prefect").expanduser().absolute()
