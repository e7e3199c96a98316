"""What is measured beside the problems: packages of their own, each asked for by its name.

A section is a package of this folder with `measure(quick) -> rows`, which are JSON; `markdown(rows) -> str` and
`draw(rows, folder) -> pictures` make text and plots of them. To add one: the package, and its name here.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

SECTIONS = ("evaluation", "pipeline", "cloud")
Rows = Sequence[Mapping[str, Any]]


def there() -> list[str]:
    """The names of those that are in this checkout."""
    return [name for name in SECTIONS if find_spec(f"{__package__}.{name}")]


@cache
def section(name: str) -> ModuleType:
    """Imported when it is asked for: it may need what the others need not."""
    return import_module(f"{__package__}.{name}")


def measure(name: str, quick: bool) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = section(name).measure(quick)
    return found


def text(name: str, rows: Rows) -> str:
    """The section's tables."""
    return str(section(name).markdown(rows))


def draw(recorded: Mapping[str, Rows], folder: Path) -> dict[str, list[Path]]:
    """The PNGs that each drew."""
    return {name: list(section(name).draw(rows, folder)) for name, rows in recorded.items() if name in there()}
