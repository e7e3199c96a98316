"""Why f changed from a centre to a point: the largest terms of the Taylor polynomial one after the other, and what is
left unexplained after each degree."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from taylorkit import shown
from taylorkit.errors import SpecError
from taylorkit.plotting import annotate, notebook, style, text
from taylorkit.plotting.figure import Source
from taylorkit.plotting.moves import Move, move

__all__ = ["explain"]

WIDTH, ROW = 9.4, 0.3
OTHERS, REST, CHANGE = "#999999", "#FFFFFF", style.TRUTH
# More bars than these nobody reads.
MOST = 40
# Below this part of the change a remainder is rounding.
ROUNDING = 1e-16


def explain(
    source: Source,
    *,
    evaluation: str | None = None,
    point: int = 0,
    largest: int = 12,
    output: int = 0,
    title: str | None = None,
) -> Figure:
    """f(x) − f(x₀) for point number `point` of an evaluation, from its centre x₀: a waterfall of the `largest` terms
    ∂^α f / α! · δ^α, the others summed, what is left, and the whole change; beside it what each degree leaves.

    Terms have their names where the spec gives any. Raises SpecError for a point that is not there or not finite.
    """
    if isinstance(largest, bool) or not isinstance(largest, int) or not 1 <= largest <= MOST:
        raise SpecError(f"largest = {shown.value(largest)}: write a whole number from 1 to {MOST}")
    made, part = move(source, evaluation, point, output)
    colors = [OTHERS, *(line["color"] for line in style.line_styles(max(1, len(made.unexplained) - 1)))]
    bars = _bars(made, largest, colors)
    figure = notebook.Figure(figsize=(WIDTH, 1.7 + ROW * max(len(bars), 8)), layout="constrained")
    first, second = figure.subplots(1, 2, width_ratios=[2.2, 1])
    _waterfall(first, bars, made.change)
    _remainders(second, made, colors)
    symbol = text.symbol(source.root.attrs)
    first.set_xlabel(f"change of ${symbol}$")
    second.set_title(f"left unexplained: ${symbol} - T_k$")
    handles = [Patch(color=color, label=f"degree {k}") for k, color in enumerate(colors) if k in made.degrees]
    if handles:
        figure.legend(handles=handles, loc="outside lower center", ncols=min(len(handles), 8))
    annotate.title(figure, title, source.root.attrs, "Change", _way(made), part)
    return figure


# A bar's name, how far it goes, its colour.
Bar = tuple[str, float, Any]


def _bars(made: Move, largest: int, colors: list[Any]) -> list[Bar]:
    """The largest terms, the sum of the others, and what no term explains; they add up to the change."""
    order = np.argsort(-np.abs(made.parts), kind="stable")
    shown, others = order[:largest], order[largest:]
    bars: list[Bar] = [(text.text(made.names[i]), float(made.parts[i]), colors[made.degrees[i]]) for i in shown]
    if len(others):
        bars.append((f"{len(others)} other terms", float(made.parts[others].sum()), OTHERS))
    return [*bars, ("unexplained", float(made.unexplained[-1]), REST)]


def _waterfall(axes: Axes, bars: list[Bar], change: float) -> None:
    """Each bar begins where those above it have come to; the last one is the change, from zero."""
    steps = np.array([value for _, value, _ in bars])
    ends = np.cumsum(steps)
    starts = ends - steps
    rows = np.arange(len(bars))
    look: dict[str, Any] = {"height": 0.72, "edgecolor": style.TRUTH, "linewidth": 0.5, "zorder": 2}
    axes.barh(rows, steps, left=starts, color=[color for _, _, color in bars], **look)
    axes.barh([len(bars)], [change], color=CHANGE, **look)
    for row, end in zip(rows, ends, strict=True):
        axes.plot([end, end], [row - 0.36, row + 1.36], color=style.TRUTH, linewidth=0.6, zorder=3)
    axes.axvline(0.0, color=style.TRUTH, linewidth=0.8)
    low, high = min(0.0, ends.min(), starts.min()), max(0.0, ends.max(), starts.max())
    room = 0.02 * (high - low or 1.0)
    for row, value, right in zip(
        [*rows, len(bars)], [*steps, change], [*np.maximum(starts, ends), max(change, 0.0)], strict=True
    ):
        axes.text(right + room, float(row), signed(value), va="center", fontsize=8.5)
    axes.set_xlim(low - 2 * room, high + 9 * room)
    axes.set_yticks([*rows, len(bars)], [*(name for name, _, _ in bars), "change"])
    axes.set_ylim(len(bars) + 0.6, -0.6)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)


def _remainders(axes: Axes, made: Move, colors: list[Any]) -> None:
    """|f − T_k| on a logarithmic scale from the rounding of the change, each with its sign in words."""
    left = made.unexplained
    sizes = np.abs(left)
    largest = float(sizes.max()) or 1.0
    floor = max(float(sizes[sizes > 0].min(initial=largest)), ROUNDING * largest) / 3
    degrees = np.arange(len(left))
    axes.barh(
        degrees, np.maximum(sizes, floor), color=colors, height=0.6, edgecolor=style.TRUTH, linewidth=0.5, zorder=2
    )
    axes.set_xscale("log")
    axes.set_xlim(floor, 60 * largest)
    for k, value in zip(degrees, left, strict=True):
        axes.text(max(abs(value), floor) * 1.3, float(k), signed(value), va="center", fontsize=8.5)
    axes.set_yticks(degrees, [f"$T_{{{k}}}$" for k in degrees])
    axes.set_ylim(len(left) - 0.4, -0.6)
    axes.grid(axis="y", visible=False)


def signed(value: float) -> str:
    """A number with its sign: +0.12, −3."""
    words = text.number(float(value), 3)
    return words if words.startswith("−") or value == 0 else f"+{words}"


def _way(made: Move) -> str:
    end = text.point(made.end).partition(" = ")[2]
    return f"from {text.point(made.start)} to {end}"
