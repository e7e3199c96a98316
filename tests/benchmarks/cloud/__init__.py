"""A cloud of initial states: each integrated, beside the Taylor polynomial of the flow map evaluated at all of them.

`measure(quick)` gives rows, `markdown(rows)` their table; there is nothing to draw.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.cloud.measure import measure
from tests.benchmarks.cloud.text import markdown

__all__ = ["draw", "markdown", "measure"]


def draw(rows: Sequence[dict[str, Any]], folder: Path) -> list[Path]:
    """No picture: a table of a few lines says it all."""
    return []
