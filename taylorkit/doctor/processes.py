"""Prefect's processes on this machine, as far as this user may look: told by command lines and environments.

| process | its command line |
|---|---|
| embedded server, of one flow | `… uvicorn … prefect.server.api.server:create_app …` |
| lasting server, `taylorkit serve`'s among them | `… prefect server start …` |
| runner of `taylorkit serve` | `python -m flows.deployments …` |
| a run that a runner or worker started | any; its environment names the run |

Flows start their embedded server with their own Python, and `taylorkit serve` its server and runner; both leave a mark
in the environment. Killed outright they cannot end them, and somebody else becomes the parent.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path, PurePath

import psutil

from taylorkit.environment import ADDRESS

APPLICATION = "prefect.server.api.server:create_app"
RUNNER = "flows.deployments"
EMBEDDED, HOME, RUN = "PREFECT__SERVER_EPHEMERAL", "PREFECT_HOME", "PREFECT__FLOW_RUN_ID"


@dataclass(frozen=True)
class Seen:
    """A process with its command line and the environment that it was started with."""

    process: psutil.Process
    words: list[str]
    environment: Mapping[str, str]

    @property
    def is_server(self) -> bool:
        command = ("server", "start") in pairwise(self.words) and any(PurePath(w).name == "prefect" for w in self.words)
        return command or APPLICATION in self.words

    @property
    def is_runner(self) -> bool:
        return RUNNER in self.words

    @property
    def is_embedded(self) -> bool:
        return self.environment.get(EMBEDDED) == "1"

    @property
    def run(self) -> str | None:
        """The run that it was started for."""
        return self.environment.get(RUN)

    @property
    def home(self) -> str:
        """Prefect's home, as it understands it: from its own folder, links followed."""
        named = Path(self.environment.get(HOME) or "~/.prefect").expanduser()
        try:
            return os.path.realpath(Path(self.process.cwd(), named))
        except psutil.Error:
            return os.path.realpath(named)

    @property
    def is_left(self) -> bool:
        """Whether it was to end with the Python that started it, and that is gone."""
        if not (self.is_embedded or ADDRESS in self.environment):
            return False
        try:
            parent = self.process.parent()
            return parent is None or _executable(parent) != _executable(self.process)
        except psutil.Error:
            return False


def seen() -> list[Seen]:
    """The servers, runners and runs that there are."""
    found = (_seen(process) for process in psutil.process_iter())
    return [one for one in found if one and (one.is_server or one.is_runner or one.run)]


def _seen(process: psutil.Process) -> Seen | None:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return Seen(process, process.cmdline(), process.environ())
    except (psutil.Error, OSError):  # another user's, or gone
        return None


def _executable(process: psutil.Process) -> str:
    try:
        return str(process.exe())
    except psutil.Error:  # another user's: surely not the one that started ours
        return ""
