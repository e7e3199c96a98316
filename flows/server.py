"""Prefect's server: one for the time of one process, on a free port of 127.0.0.1; and waiting for any.

Prefect would start one by itself, but only at the first call, after importing the whole server into this process: here
it comes up in a process of its own while the rest is still being imported. Where the environment names a server, that
one is used.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

from flows.processes import process
from taylorkit.errors import SpecError

URL = "PREFECT_API_URL"
# The first start migrates a database.
SECONDS = 120
SERVER = "prefect.server.api.server:create_app"
# By Prefect's defaults any page of any site drives a server without a password: a browser on this machine reaches it.
# So whatever changes something needs a token, and no page but the server's own is told one.
ORIGINS = "PREFECT_SERVER_CORS_ALLOWED_ORIGINS"
TOKENS = {"PREFECT_SERVER_CSRF_PROTECTION_ENABLED": "true"}

# Without pages, and without the services that schedule: this server lives as long as one run. Tasks see it, too.
PAGES = "PREFECT_UI_ENABLED"
SETTINGS = {PAGES: "0", "PREFECT__SERVER_EPHEMERAL": "1", "PREFECT__SERVER_FINAL": "1", **TOKENS}

# For one that goes on, and its clients: it asks nobody anything, looks for work every other second, and its pages ask
# the address that they came from, whatever that is.
LASTING = {"PREFECT_CLI_PROMPT": "false", "PREFECT_RUNNER_POLL_FREQUENCY": "2", "PREFECT_UI_API_URL": "/api", **TOKENS}

# What sends logs and events, by module.
WORKERS = {"prefect.logging.handlers": "APILogWorker", "prefect.events.worker": "EventsWorker"}

# Where a server is found on its own machine that listens on every address.
ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}


@contextmanager
def running() -> Iterator[Callable[[], None]]:
    """Start the server; what it gives waits until it answers. Raises RuntimeError then if it does not."""
    if os.environ.get(URL):
        yield lambda: None
        return
    port = _free_port()
    command = [sys.executable, "-m", "uvicorn", "--factory", SERVER, "--host", "127.0.0.1", "--port", str(port)]
    at = address("127.0.0.1", port)
    environment = {**os.environ, **SETTINGS, ORIGINS: at}
    # SIGTERM: of SIGINT this server takes a second longer.
    with process([*command, "--log-level", "error"], environment, signal.SIGTERM) as server:
        os.environ |= {URL: f"{at}/api", PAGES: "0"}
        try:
            yield lambda: wait(server, f"{at}/api")
        finally:
            try:
                _drain()
            finally:  # whatever keeps them from being sent
                del os.environ[URL], os.environ[PAGES]


def _drain() -> None:
    """Have logs and events sent while there is somebody to take them: Prefect sends them from threads of its own.

    What is not imported, or only half where a signal came, has sent nothing.
    """
    for module, name in WORKERS.items():
        if worker := getattr(sys.modules.get(module), name, None):
            worker.drain_all(timeout=10)


def wait(server: subprocess.Popen, url: str) -> None:
    """Return when the server answers. Raises RuntimeError where it ends or does not."""
    for _ in range(10 * SECONDS):
        if server.poll() is not None:
            raise RuntimeError(f"Prefect's server ended with status {server.returncode}; what it said stands above")
        try:
            with urlopen(f"{url}/health", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"Prefect's server did not answer at {url} within {SECONDS} seconds")


def wait_for_deployment(runner: subprocess.Popen, url: str, name: str, secret: Mapping[str, str]) -> None:
    """Return when the process that runs deployments has told the server of them. Raises RuntimeError where it ends."""
    request = Request(f"{url}/deployments/name/{quote(name)}")
    if password := next(iter(secret.values()), None):
        request.add_header("Authorization", f"Basic {b64encode(password.encode()).decode()}")
    for _ in range(10 * SECONDS):
        if runner.poll() is not None:
            raise RuntimeError(f"the process that runs deployments ended with status {runner.returncode}: see above")
        try:
            with urlopen(request, timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"no deployment {name} appeared at {url} within {SECONDS} seconds")


def address(host: str, port: int) -> str:
    """Where this machine finds the server that listens on `host`."""
    found = ANY.get(host, host)
    return f"http://{f'[{found}]' if ':' in found else found}:{port}"


def require_free(host: str, port: int, option: str) -> None:
    """Raises SpecError where the port cannot be listened on."""
    try:
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            return
    except (OSError, OverflowError) as error:
        raise SpecError(
            f"{option} = {port}: {host} cannot listen there ({error}); choose another with --{option}"
        ) from error


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
