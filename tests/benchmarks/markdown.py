"""Numbers and tables as Markdown shows them."""

from collections.abc import Iterable, Sequence

DIGITS = 3


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
    """A table whose first column is text and whose others are aligned to the right."""
    rule = ["---", *["---:"] * (len(heads) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heads, rule, *lines))


def folded(summary: str, text: str) -> str:
    """Text that a reader unfolds."""
    return f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>"
