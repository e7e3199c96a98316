"""Evaluations a second against bytes stored, everyone at one accuracy."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from taylorkit.plotting import style

MARKERS = "o^s D v P".replace(" ", "")


def draw(rows: Sequence[dict[str, Any]], folder: Path) -> list[Path]:
    """`benchmark-evaluation` as PNG and SVG. Returns the PNG."""
    surfaces = [row for row in rows if row["group"] == "surface"]
    if not surfaces:
        return []
    with style.context():
        return [style.save(_figure(surfaces), folder, "benchmark-evaluation")[0]]


def _figure(rows: Sequence[dict[str, Any]]) -> Figure:
    figure, axes = style.single()
    for row, color, marker in zip(rows, style.LINES, MARKERS, strict=False):
        rate = row["points"] / row["seconds"]
        axes.plot(row["bytes"], rate, marker, color=color, markersize=9, label=row["who"])
    axes.set(xscale="log", yscale="log", xlabel="bytes stored", ylabel="points a second")
    axes.margins(0.12)
    figure.suptitle(f"Evaluation of two variables with an error of at most {rows[0]['tolerance']:g}")
    style.legend(figure)
    return figure
