"""Words for whom a picture does not reach: what it shows, read off the figure itself."""

import re
from collections.abc import Iterable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FixedLocator

from taylorkit.plotting.text import number, superscript

__all__ = ["alt"]

# What figures write as formulas, as words; whatever else a formula holds stays as it is, without its braces.
SIGNS = {
    r"\,": " ",
    r"\;": " ",
    r"\partial": "∂",
    r"\alpha": "α",
    r"\phi": "φ",
    r"\delta": "δ",
    r"\otimes": " ⊗ ",
    r"\mathrm": "",
    " - ": " − ",
}
SUBSCRIPTS = str.maketrans("0123456789k", "₀₁₂₃₄₅₆₇₈₉ₖ")
# A screen reader says all of it: no more than so many panels or lines, rows of a panel, and characters.
MOST, MOST_ROWS, LONGEST = 12, 16, 2500
# The last rows, which are sums of the others, are said however many there are.
SUMS = 2
# Rows lie at whole numbers, bars about them.
NEARLY = 1e-6
NOTHING = number(None)
# What a label adds on a line of its own about values that have no place on the axis.
NOTE = re.compile(r"\n(gap: |grey: |\S+ stands for ).*", re.DOTALL)


def alt(caption: str, figure: Figure) -> str:
    """The caption, then the titles of the panels, what is drawn, lines with where they begin and end, rows with their
    values, and the axes."""
    panels = [axes for axes in figure.axes if axes.get_label() != "<colorbar>"]
    titles = [plain(axes.get_title()) for axes in panels if axes.get_title()]
    legends = [*figure.legends, *(legend for axes in panels if (legend := axes.get_legend()))]
    labels = dict.fromkeys(words.get_text() for legend in legends for words in legend.get_texts())
    ends = {line.get_label(): _ends(line.get_ydata()) for line in panels[0].get_lines()} if len(panels) == 1 else {}
    drawn = [plain(label) + ends.get(label, "") for label in labels]
    parts = [f"{caption}."]
    parts += [f"{len(panels)} panels: {_listed(titles)}."] if len(titles) > 1 else []
    how = ", with the values at the left and the right end" if any(map(ends.get, labels)) else ""
    parts += [f"Shown{how}: {_listed(drawn)}."] if drawn else []
    parts += [f"Rows{_of(axes)}: {_first_and_last(rows)}." for axes in panels if (rows := _rows(axes))]
    parts += [f"Under it: {plain(under)}."] if (under := figure.get_supxlabel()) else []
    parts += [f"Axes: {_listed(spans)}."] if (spans := _spans(panels)) else []
    words = " ".join(parts)
    return words if len(words) <= LONGEST else f"{words[:LONGEST]}…"


def plain(words: str) -> str:
    """Words that may hold $formulas$, without formulas."""
    for sign, instead in SIGNS.items():
        words = words.replace(sign, instead)
    words = re.sub(r"_\{?([0-9k]+)\}?", lambda found: found[1].translate(SUBSCRIPTS), words)
    words = re.sub(r"\^\{?(-?[0-9]+)\}?", lambda found: superscript(found[1]), words)
    return " ".join(re.sub(r"[${}\\]", "", words).split())


def _spans(panels: Iterable[Axes]) -> list[str]:
    """What the axes with names show: x from −3 to 3; only names where panels differ."""
    found: dict[str, set[str]] = {}
    for axes in panels:
        for axis in (getattr(axes, f"{letter}axis") for letter in "xyz" if hasattr(axes, f"{letter}axis")):
            ends = (number(float(v), 3) for v in sorted(axis.get_view_interval()))
            found.setdefault(plain(NOTE.sub("", axis.get_label_text())), set()).add(" to ".join(ends))
    named = {name: spans for name, spans in found.items() if name and not name.startswith("point")}
    return [f"{name} from {spans.pop()}" if len(spans) == 1 else name for name, spans in named.items()]


def _rows(axes: Axes) -> list[str]:
    """Each named row of a panel with its value: what is written beside it, else where its bar or its mark ends."""
    if not isinstance(axes.yaxis.get_major_locator(), FixedLocator):
        return []
    labels = [plain(words.get_text()) for words in axes.get_yticklabels()]
    values = _beside(axes)
    named = zip(axes.get_yticks(), labels, strict=True)
    return [f"{name}: {values.get(round(row), NOTHING)}" for row, name in named if name]


def _beside(axes: Axes) -> dict[int, str]:
    """The value of each row, as words; where several things say it, the one that says it best."""
    marks = [line for line in axes.get_lines() if line.get_marker() not in ("", "None", None)]
    lines = [s for c in axes.collections if isinstance(c, LineCollection) for s in c.get_segments() if len(s)]
    bars = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    places = [(y, number(float(x), 3)) for line in marks for x, y in np.asarray(line.get_xydata())]
    places += [(s[:, 1].mean(), number(float(s[0, 0]), 3)) for s in lines]
    places += [(b.get_y() + b.get_height() / 2, number(float(b.get_width()), 3)) for b in bars]
    places += [(words.get_position()[1], words.get_text()) for words in axes.texts]
    found = [(float(y), value) for y, value in places if np.isfinite(y)]
    return {round(y): value for y, value in found if abs(y - round(y)) < NEARLY}


def _of(axes: Axes) -> str:
    """Which panel it is, by its title or what lies along it."""
    words = plain(axes.get_title() or axes.get_xlabel())
    return f" ({words})" if words else ""


def _first_and_last(rows: list[str]) -> str:
    if len(rows) <= MOST_ROWS:
        return "; ".join(rows)
    left = len(rows) - MOST_ROWS
    return "; ".join([*rows[: MOST_ROWS - SUMS], f"and {left} more", *rows[-SUMS:]])


def _ends(values: object) -> str:
    """Where a line begins and ends; nothing where it is no line."""
    heights = np.asarray(values, float)
    if heights.size < 2 or not np.isfinite(heights[[0, -1]]).all():
        return ""
    return f" ({number(heights[0], 3)}, {number(heights[-1], 3)})"


def _listed(names: list[str]) -> str:
    return "; ".join(names[:MOST]) + (f"; and {len(names) - MOST} more" if len(names) > MOST else "")
