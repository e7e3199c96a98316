"""Who holds a lock, as its file says: process, host, command and since when. It is shown, and nothing relies on it."""

import json
import os
import platform
import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path

from taylorkit import shown

# Signatures are shorter; what else lies there is not read.
LONGEST = 4096


def signature() -> bytes:
    """What this process writes into a lock that it holds."""
    told = {
        "process": os.getpid(),
        "host": platform.node(),
        "since": f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC",
        "command": shown.name(shlex.join(sys.argv)),
    }
    return json.dumps(told).encode()[:LONGEST]


def described(descriptor: int) -> str:
    """Who has signed the file, in words; whatever else it holds is nobody."""
    try:
        told = json.loads(os.pread(descriptor, LONGEST, 0))
        process, host, since, command = (told[k] for k in ("process", "host", "since", "command"))
        here = host == platform.node()
        said = f"process {int(process)} on {'this machine' if here else shown.name(str(host))}"
        state = _suspended(int(process)) if here else ""
        return f"{said} (`{shown.name(str(command))}`, since {shown.name(str(since))}{state})"
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return "another process"


def _suspended(process: int) -> str:
    """What to do with one that was stopped by Ctrl-Z, where the system tells of it."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError, ValueError):
        return ""
    return f"; it is suspended: `fg` in its shell, or `kill -CONT {process}`" if state in "Tt" else ""
