"""What a check is given, and what it says."""

import os
import shlex
from dataclasses import dataclass
from pathlib import Path

from taylorkit import shown


@dataclass(frozen=True)
class Place:
    """Where to look: a store, and Prefect's home."""

    store: Path
    home: Path


@dataclass(frozen=True)
class Finding:
    """What is wrong, the value that shows it, and what to do."""

    what: str
    value: str
    do: str


def quoted(path: Path) -> str:
    """A path as a shell takes it, whatever it is made of; written so that nothing of it is lost where it is shown."""
    text = str(path)
    if shown.one_line(text) == text:
        return shlex.quote(text)
    plain = (chr(b) if 0x20 <= b < 0x7F and b not in b"\\'" else f"\\x{b:02x}" for b in os.fsencode(path))
    return f"$'{''.join(plain)}'"
