"""The rows as plots: what bounds the pipeline, and how memory and time grow with the number of points."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from taylorkit.plotting import style
from tests.benchmarks.pipeline.overlap import COMPUTE, FILE, PIPELINE, SYNCED, ZARR

Rows = Sequence[dict[str, Any]]
LOOKS = {COMPUTE: "#0072B2", ZARR: "#E69F00", FILE: "#BBBBBB", SYNCED: "#999999", PIPELINE: "#000000"}


def draw(rows: Rows, folder: Path) -> list[Path]:
    """PNG and SVG of what there are rows for. Returns the PNGs."""
    drawings = {"overlap": _overlap, "memory": _memory}
    made = []
    with style.context():
        for suite, drawing in drawings.items():
            if chosen := [row for row in rows if row["suite"] == suite]:
                made.append(style.save(drawing(chosen), folder, f"benchmark-pipeline-{suite}")[0])
    return made


def _overlap(rows: Rows) -> Figure:
    """A bar for each contestant, by function; the spread over rounds as a line."""
    cases = list(dict.fromkeys(row["case"] for row in rows))
    figure = Figure(figsize=(8.0, 3.1), layout="constrained")
    figure.suptitle("Computing and writing at once: gigabytes a second, medians and extremes")
    for panel, case in zip(figure.subplots(1, len(cases), squeeze=False)[0], cases, strict=True):
        chosen = [row for row in rows if row["case"] == case][::-1]
        for place, row in enumerate(chosen):
            middle, *ends = (row["bytes"] / row[key] / 1e9 for key in ("seconds", "most", "least"))
            panel.barh(place, middle, color=LOOKS[row["what"]], height=0.62)
            panel.plot(ends, [place, place], color="#D55E00", linewidth=1.2)
        panel.set_yticks(range(len(chosen)), [row["what"] for row in chosen])
        panel.set_title(f"{case}, {chosen[0]['points']:,} points")
        panel.set_xlabel("GB/s")
        panel.grid(axis="y", visible=False)
    return figure


def _memory(rows: Rows) -> Figure:
    """Left: peak resident memory and what was planned; right: seconds, and what is proportional to N."""
    points = [row["points"] for row in rows]
    figure = Figure(figsize=(8.0, 3.3), layout="constrained")
    figure.suptitle("A whole run against the number of points")
    left, right = figure.subplots(1, 2)
    for key, name, color in (("bytes", "arrays", "#E69F00"), ("peak", "peak memory", "#0072B2")):
        left.plot(points, [max(1e5, row[key]) / 1e6 for row in rows], marker="o", markersize=4, color=color, label=name)
    left.plot(points, [row["budget"] / 1e6 for row in rows], color="#999999", linestyle="--", label="planned")
    right.plot(points, [row["seconds"] for row in rows], marker="o", markersize=4, color="#0072B2", label="run")
    last = rows[-1]
    linear = [last["seconds"] * n / last["points"] for n in points]
    right.plot(points, linear, color="#999999", linestyle="--", label="proportional to N")
    for panel, unit in ((left, "MB"), (right, "s")):
        panel.set(xscale="log", yscale="log", xlabel="points N", ylabel=unit)
        panel.legend()
    return figure
