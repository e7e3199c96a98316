"""Numbers and tables as Markdown shows them."""

import re
from collections.abc import Iterable, Sequence

DIGITS = 3
# A cell that holds a figure, a few words after it at most, or says that there is none.
FIGURE = re.compile(r"([\d–(<−-].{,23})?$")


def figure(value: float | None, unit: float = 1.0) -> str:
    """A number to three digits, in plain notation; a dash where there is none."""
    if value is None:
        return "–"
    scaled = float(f"{value * unit:.{DIGITS}g}")
    return f"{scaled:,.0f}" if abs(scaled) >= 10 ** (DIGITS - 1) else f"{scaled:.{DIGITS}g}"


def points(counts: Iterable[int]) -> str:
    """How many points, or from how many to how many."""
    least, *_, most = sorted(counts) * 2
    return f"{most:,} points" if least == most else f"{least:,} to {most:,} points"


def table(heads: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A table; columns of figures, but for the first, are aligned to the right."""
    rows = list(lines)
    columns = [[row[i] for row in rows] for i in range(len(heads))]
    rule = ["---:" if i and all(map(FIGURE.match, column)) else "---" for i, column in enumerate(columns)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heads, rule, *rows))


def folded(summary: str, text: str) -> str:
    """Text that a reader unfolds."""
    return f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>"
