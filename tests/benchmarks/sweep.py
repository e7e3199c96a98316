"""The sweep: one formula at every number of variables and order, against the best peer at each.

A ratio is the best peer's seconds to those of `auto` in the same round, the median over rounds; the best peer is the
one whose ratio is the smallest. Whoever was left out is no best peer: the table of its problem says why.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure

from tests.benchmarks.markdown import figure, table
from tests.benchmarks.record import Row

SWEPT = "kin-"
PEERS = ("heyoka", "jet", "jacfwd")
# A ratio of that many times, or of that part, has the fullest colour.
FULL = 32.0


class Best(NamedTuple):
    """The best peer's ratio to `auto`, and who it is."""

    ratio: float
    who: str


def best(rows: Sequence[Row]) -> dict[tuple[int, int], Best]:
    """By D and order."""
    found: dict[tuple[int, int], Best] = {}
    for row in rows:
        if row.problem.startswith(SWEPT) and row.contestant.startswith(PEERS) and row.ratio:
            here, place = Best(row.ratio, row.contestant), (row.variables, row.order)
            found[place] = min(found.get(place, here), here)
    return dict(sorted(found.items()))


def geometric_mean(found: dict[tuple[int, int], Best]) -> float:
    return float(np.exp(np.mean(np.log([one.ratio for one in found.values()]))))


def report(rows: Sequence[Row]) -> str:
    """D down, orders across; nothing where nothing was swept."""
    found = best(rows)
    if not found:
        return ""
    orders = sorted({n for _, n in found})
    lines = [
        [f"D = {d}", *(_cell(found.get((d, n))) for n in orders)] for d in sorted({variables for variables, _ in found})
    ]
    (d, n), worst = min(found.items(), key=lambda item: item[1])
    return (
        "### The best peer at every D and n\n\n"
        "How many times as long as `auto` the best peer takes on sin(Σ xᵢxⱼ) exp(−|x|²/2) + tanh(Σ i xᵢ), and who it "
        f"is. Geometric mean over {len(found)}: {figure(geometric_mean(found))}; the worst: {figure(worst.ratio)} "
        f"({worst.who}, D = {d}, n = {n}).\n\n{table(['', *(f'n = {n}' for n in orders)], lines)}\n"
    )


def _cell(one: Best | None) -> str:
    return f"{figure(one.ratio)} {short(one.who)}" if one else "–"


def short(who: str) -> str:
    """A peer's name alone: jet with rays or without, jacfwd with grad or without."""
    return next(name for name in PEERS if who.startswith(name))


def draw(rows: Sequence[Row]) -> Figure | None:
    """A square for each D and order: blue where this project is faster, red where the peer is."""
    found = best(rows)
    if not found:
        return None
    drawing = Figure(figsize=(8.6, 4.9), layout="constrained")
    axes = drawing.add_subplot()
    norm = TwoSlopeNorm(0.0, -np.log2(FULL), np.log2(FULL))
    orders, variables = (sorted({place[i] for place in found}) for i in (1, 0))
    grid = np.array([[np.log2(found[d, n].ratio) if (d, n) in found else np.nan for n in orders] for d in variables])
    picture = axes.imshow(np.clip(grid, norm.vmin, norm.vmax), cmap="RdBu", norm=norm, aspect="auto")
    for (d, n), one in found.items():
        _write(axes, orders.index(n), variables.index(d), one)
    _axes(axes, orders, variables)
    bar = drawing.colorbar(picture, ax=axes, shrink=0.9, pad=0.02)
    ticks = np.arange(-np.log2(FULL), np.log2(FULL) + 1)
    bar.set_ticks(ticks, labels=[f"{2.0**t:g}" if t >= 0 else f"1/{2.0**-t:g}" for t in ticks])
    bar.outline.set_visible(False)
    drawing.suptitle(
        f"How many times as long as this project the best peer takes (geometric mean {figure(geometric_mean(found))})"
    )
    return drawing


def _write(axes: Axes, x: int, y: int, one: Best) -> None:
    color = "white" if abs(np.log2(one.ratio)) > np.log2(FULL) * 0.6 else "#222222"
    place = {"ha": "center", "color": color}
    axes.text(x, y - 0.04, figure(one.ratio), va="bottom", fontsize=11, **place)
    axes.text(x, y + 0.08, short(one.who), va="top", fontsize=7.5, **place)


def _axes(axes: Axes, orders: Sequence[int], variables: Sequence[int]) -> None:
    axes.set_xticks(range(len(orders)), [str(n) for n in orders])
    axes.set_yticks(range(len(variables)), [str(d) for d in variables])
    axes.set_xlabel("order n")
    axes.set_ylabel("variables D")
    axes.grid(False)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
