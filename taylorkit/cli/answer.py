"""What a command answers: lines for people, or with `--json` one document for scripts."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from numbers import Integral, Real
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Answer:
    """The same told twice, and the exit status."""

    text: str
    facts: Mapping[str, Any]
    status: int = 0


def document(facts: Mapping[str, Any]) -> str:
    """Facts as JSON in ASCII, so that no name of a stranger's does anything to a terminal.

    Numbers are numbers, paths strings, and what JSON has no number for (NaN, infinities) is null.
    """
    return json.dumps(_plain(facts), indent=1, allow_nan=False)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Path):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value]


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def table(rows: Sequence[tuple[str, ...]]) -> str:
    """Rows as lines, with columns below each other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    padded = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    return "\n".join(padded)
