"""What arithmetic and memory allow, and how near to it one comes.

Along x the operations of a point for each byte that it reads and writes, along y operations a second. Memory allows
x times what it can be filled with (an output that stays in the caches may pass that), the processor what a matrix
product reaches. An operation is one of the project's straight line, and a function that it calls counts as one; a peer
does others for the same numbers and stands at those of the project, so that heights compare speeds.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullFormatter

from taylorkit.plotting.style import LINES
from tests.benchmarks.ceilings import FILL, PEAK
from tests.benchmarks.problem import BYTES
from tests.benchmarks.record import Row
from tests.benchmarks.sweep import SWEPT

MARKERS = "osD^vP"
LINE, PEER = "taylorkit series:llvm", "heyoka"
# Parts of the fill, and how they are drawn.
TICKS = [a * 10.0**k for k in range(-2, 3) for a in (1, 2, 5)]
PARTS = {1.0: ("", "-", 1.6), 0.5: ("½", (0, (4, 2)), 0.9), 0.25: ("¼", (0, (1, 1.5)), 0.9)}


def draw(rows: Sequence[Row], ceilings: Mapping[str, float]) -> Figure | None:
    """A dot for each D and order of the sweep, a star for outputs of a gigabyte; heyoka's are hollow."""
    counted = {row.cell: row.operations for row in rows if row.contestant == LINE and row.operations}
    shown = [r for r in rows if r.contestant in (LINE, PEER) and r.cell in counted and r.seconds and _belongs(r)]
    if not shown or FILL not in ceilings:
        return None
    figure = Figure(figsize=(8.6, 5.6), layout="constrained")
    axes = figure.add_subplot()
    for row in shown:
        axes.plot(*_place(row, counted[row.cell]), **_looks(row))
    intensities = [_place(row, counted[row.cell])[0] for row in shown]
    _ceilings(axes, ceilings[FILL], ceilings[PEAK.format(shown[0].dtype)], min(intensities), max(intensities))
    _dress(figure, axes)
    return figure


def _belongs(row: Row) -> bool:
    return row.problem.startswith(SWEPT) or row.group == BYTES


def _place(row: Row, operations: int) -> tuple[float, float]:
    """Operations a byte, and billions of them a second: a point's coordinates are read, its derivatives written."""
    moved = row.variables * np.dtype(row.dtype).itemsize + row.written_bytes / row.points
    return operations / moved, operations * row.points / (row.seconds or np.nan) / 1e9


def _looks(row: Row) -> dict[str, Any]:
    large, own = row.group == BYTES, row.contestant == LINE
    color = "#000000" if large else LINES[row.variables - 1]
    return {
        "linestyle": "none",
        "marker": "*" if large else MARKERS[row.variables - 1],
        "markersize": 11 if large else 4 + 0.4 * row.order,
        "color": color,
        "markerfacecolor": color if own else "none",
        "alpha": 1.0 if own else 0.6,
        "zorder": 3 if own else 2,
        "label": ("output of a gigabyte" if large else f"D = {row.variables}") if own else "_",
    }


def _ceilings(axes: Axes, fill: float, peak: float, least: float, most: float) -> None:
    """The roof, and under its slope the half and the quarter of it."""
    left, right = least / 2.5, max(2 * most, 2 * peak / fill)
    axes.set_xlim(left, right)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator(TICKS))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_yscale("log")
    for part, (name, style, width) in PARTS.items():
        end = peak / (part * fill)
        axes.plot([left, end], [part * fill * left, peak], color="#555555", linestyle=style, linewidth=width, zorder=1)
        words = name or f"memory fill, {fill:.3g} GB/s"
        at = left * (1.12 if name else 1.35)
        slope = {
            "rotation": np.degrees(np.arctan(part * fill)),
            "transform_rotates_text": True,
            "rotation_mode": "anchor",
        }
        axes.text(at, 1.07 * part * fill * at, words, fontsize=9, color="#444444", va="bottom", **slope)
    axes.plot([peak / fill, right], [peak, peak], color="#555555", linewidth=1.6, zorder=1)
    axes.text(0.96 * right, 1.06 * peak, f"matrix product, {peak:.3g} Gflop/s", fontsize=9, color="#444444", ha="right")


def _dress(figure: Figure, axes: Axes) -> None:
    axes.set_xlabel("operations for each byte read and written")
    axes.set_ylabel("10⁹ operations a second")
    figure.suptitle("How near to the machine's ceilings: every D and n, larger dots for higher orders")
    found = {label: handle for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)}
    handles = {label: found[label] for label in sorted(found)}
    (full,) = axes.plot([], [], "o", color="#777777")
    (hollow,) = axes.plot([], [], "o", color="#777777", markerfacecolor="none")
    names = ["taylorkit, LLVM", "heyoka", *handles]
    figure.legend([full, hollow, *handles.values()], names, loc="outside lower center", ncols=5, handletextpad=0.2)
