"""`taylorkit serve` in a process of its own, and what may be asked of it."""

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import psutil

T = TypeVar("T")
SECRET = "somebody:a-password-for-tests-only"
# Whatever is no other client's.
CLIENT = "tests"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(ask: Callable[[], T], seconds: float, what: str) -> T:
    """What `ask` gives, as soon as that is something."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if answer := ask():
            return answer
        time.sleep(0.25)
    raise AssertionError(f"{what}: not within {seconds} seconds")


def answered(request: Request) -> tuple[Any] | None:
    """What the server says to it; None while its database is busy, when it asks to be asked again, as Prefect's own
    client does."""
    try:
        with urlopen(request, timeout=60) as answer:
            return (json.loads(answer.read() or b"null"),)
    except HTTPError as error:
        if error.code != HTTPStatus.SERVICE_UNAVAILABLE:
            raise
        return None


@dataclass
class Served:
    """A process that serves; `said` is the file of all that it and its children print."""

    process: subprocess.Popen
    api: str
    said: Path
    environment: Mapping[str, str]

    def ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """What the API answers; with a token, as it asks for one of whoever changes anything."""
        request = Request(f"{self.api}/{path}", None if body is None else json.dumps(body).encode())
        request.add_header("Content-Type", "application/json")
        request.add_header("Authorization", f"Basic {base64.b64encode(SECRET.encode()).decode()}")
        if body is not None:
            request.add_header("Prefect-Csrf-Client", CLIENT)
            request.add_header("Prefect-Csrf-Token", self.ask(f"csrf-token?client={CLIENT}")["token"])
        return until(lambda: answered(request), 60, f"an answer to {path}")[0]

    def runs(self, flow: str) -> list[dict[str, Any]]:
        wanted = {"flows": {"name": {"any_": [flow]}}, "sort": "EXPECTED_START_TIME_ASC"}
        return self.ask("flow_runs/filter", wanted)

    def state(self, run: str) -> str:
        return self.ask(f"flow_runs/{run}")["state_type"]

    def start(self, deployment: str, **parameters: Any) -> str:
        """Start a run as a user does, from a shell; its id."""
        words = [word for name, value in parameters.items() for word in ("--param", f"{name}={value}")]
        command = [sys.executable, "-m", "prefect", "deployment", "run", deployment, *words]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return next(line.split()[-1] for line in done.stdout.splitlines() if "UUID" in line)

    def ended(self, run: str, seconds: float = 60) -> str:
        """The state in which a run ends."""
        return until(
            lambda: (s := self.state(run)) in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED") and s, seconds, run
        )

    def processes(self) -> list[psutil.Process]:
        own = psutil.Process(self.process.pid)
        return [own, *own.children(recursive=True)]

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)


def serve(home: Path, *words: object, **environment: str) -> Served:
    """Start it, and wait until it says how to use it."""
    port = free_port()
    home.mkdir(parents=True, exist_ok=True)
    api = f"http://127.0.0.1:{port}/api"
    known = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")}
    known |= {"PREFECT_HOME": str(home / "prefect"), **environment}
    command = [
        sys.executable,
        "-m",
        "taylorkit.cli",
        "serve",
        "--port",
        str(port),
        "--pages-port",
        str(free_port()),
        *map(str, words),
    ]
    said = home / "said.txt"
    with said.open("w") as file:
        process = subprocess.Popen(command, env=known, stdout=file, stderr=subprocess.STDOUT)
    served = Served(process, api, said, {**known, "PREFECT_API_URL": api})
    try:
        until(lambda: "Ctrl-C ends" in said.read_text() or process.poll() is not None, 120, "taylorkit serve")
        assert process.poll() is None, said.read_text()
    except AssertionError:
        process.terminate()
        raise
    return served


def answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5):
            return True
    except (URLError, OSError):
        return False
