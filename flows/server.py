"""A Prefect server for the time of one process, on a free port of 127.0.0.1.

Prefect would start one by itself, but only at the first call, after importing the whole server into this process: here
it comes up in a process of its own while the rest is still being imported. Where the environment names a server, that
one is used.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.error import URLError
from urllib.request import urlopen

URL = "PREFECT_API_URL"
# The first start migrates a database.
SECONDS = 120
SERVER = "prefect.server.api.server:create_app"
# Without pages, and without the services that schedule: this server lives as long as one run.
SETTINGS = {"PREFECT_UI_ENABLED": "0", "PREFECT__SERVER_EPHEMERAL": "1", "PREFECT__SERVER_FINAL": "1"}


@contextmanager
def running() -> Iterator[Callable[[], None]]:
    """Start the server; what it gives waits until it answers. Raises RuntimeError then if it does not."""
    if os.environ.get(URL):
        yield lambda: None
        return
    port = _free_port()
    command = [sys.executable, "-m", "uvicorn", "--factory", SERVER, "--host", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen([*command, "--log-level", "error"], env={**os.environ, **SETTINGS})
    os.environ[URL] = f"http://127.0.0.1:{port}/api"
    try:
        yield lambda: _wait(server, os.environ[URL])
    finally:
        _drain()
        del os.environ[URL]
        server.terminate()
        try:
            server.wait(timeout=5)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _drain() -> None:
    """Have logs and events sent while there is somebody to take them: Prefect sends them from threads of its own."""
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    for worker in (APILogWorker, EventsWorker):
        worker.drain_all(timeout=10)


def _wait(server: subprocess.Popen, url: str) -> None:
    for _ in range(10 * SECONDS):
        if server.poll() is not None:
            raise RuntimeError(f"Prefect's server ended with status {server.returncode}; what it said stands above")
        try:
            with urlopen(f"{url}/health", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"Prefect's server did not answer at {url} within {SECONDS} seconds")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
