"""What a check is given, and what it says."""

from dataclasses import dataclass
from pathlib import Path


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
