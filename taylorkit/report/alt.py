"""Words for whom a picture does not reach: what it shows, read off the figure itself."""

import re
from collections.abc import Iterable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

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
# A screen reader says all of it: no more than so many panels or lines.
MOST = 12


def alt(caption: str, figure: Figure) -> str:
    """The caption, then the titles of the panels, what is drawn, lines with where they begin and end, and the axes."""
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
    parts += [f"Axes: {_listed(spans)}."] if (spans := _spans(panels)) else []
    return " ".join(parts)


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
            found.setdefault(plain(axis.get_label_text().partition("\n")[0]), set()).add(" to ".join(ends))
    named = {name: spans for name, spans in found.items() if name and not name.startswith("point")}
    return [f"{name} from {spans.pop()}" if len(spans) == 1 else name for name, spans in named.items()]


def _ends(values: object) -> str:
    """Where a line begins and ends; nothing where it is no line."""
    heights = np.asarray(values, float)
    if heights.size < 2 or not np.isfinite(heights[[0, -1]]).all():
        return ""
    return f" ({number(heights[0], 3)}, {number(heights[-1], 3)})"


def _listed(names: list[str]) -> str:
    return "; ".join(names[:MOST]) + (f"; and {len(names) - MOST} more" if len(names) > MOST else "")
