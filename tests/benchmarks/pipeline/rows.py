"""A measurement as a row, and the runs that are measured."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from taylorkit import pipeline
from taylorkit.grid import BLOCK_BYTES
from taylorkit.multi_index import count
from taylorkit.pipeline import Job

ORDER = 6

# By name, what a spec calls it: a polynomial of which no derivative up to order 6 is zero, and a dearer function.
FUNCTIONS = {"polynomial": "own.py:polynomial", "two-variable": "two_variable"}
OWN = "def polynomial(x, y):\n    return (1 + x * y) ** 3 + (x + 2 * y) ** 6\n"

SPEC = """
name = "{name}"
function = "{function}"
variables = ["x", "y"]
call = "scalars"
order = {order}
trust.samples = 0
grid.x = {{ start = -1.0, stop = 1.0, num = {rows} }}
grid.y = {{ start = -1.0, stop = 1.0, num = {columns} }}
"""
COLUMNS = 1000


def blocks_of_points(blocks: int) -> int:
    """How many points make so many blocks of derivatives to order 6 in two variables: whole columns, cut in whole."""
    rows = BLOCK_BYTES // (COLUMNS * count(2, ORDER) * 8)
    return blocks * rows * COLUMNS


@dataclass(frozen=True)
class Row:
    """What was seen of `what` in `case`: medians over rounds, with the least and the greatest.

    `share` is what a ratio of medians would hide: the median over rounds of a ratio within the round.
    """

    suite: str
    case: str
    what: str
    points: int = 0
    bytes: int = 0
    seconds: float | None = None
    least: float | None = None
    most: float | None = None
    rounds: int = 0
    stored: int | None = None
    peak: float | None = None
    budget: int | None = None
    share: float | None = None
    bound: str = ""


def row(suite: str, case: str, what: str, times: Sequence[float], **more: Any) -> dict[str, Any]:
    """A row of seconds, without what was not measured."""
    spread = {"seconds": median(times), "least": min(times), "most": max(times), "rounds": len(times)} if times else {}
    made = asdict(Row(suite, case, what, **spread, **more))
    return {key: value for key, value in made.items() if value not in (None, "")}


def planned(folder: Path, case: str, points: int, *settings: str, order: int = ORDER) -> Job:
    """The job of a function over `points` points, a multiple of COLUMNS, into a store of that folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "own.py").write_text(OWN)
    spec = folder / f"{case}.toml"
    text = SPEC.format(name=case, function=FUNCTIONS[case], order=order, rows=points // COLUMNS, columns=COLUMNS)
    spec.write_text(text)
    return pipeline.plan(spec, settings, folder / "store")
