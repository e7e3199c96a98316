"""A computation as a directed acyclic graph: inputs left, outputs right, as large as it needs."""

from itertools import pairwise
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Patch
from matplotlib.path import Path

from taylorkit import shown
from taylorkit.errors import SpecError
from taylorkit.plotting import formula, notebook
from taylorkit.plotting.figure import Source
from taylorkit.plotting.layered import HEIGHT, Drawing, arrange

__all__ = ["graph"]

FILLS = {"input": "#BFE0F5", "constant": "#DDDDDD", "intermediate": "#FFFFFF", "output": "#FBD9B5"}
BORDERS = {
    "input": "#0072B2",
    "constant": "#777777",
    "intermediate": "#444444",
    "output": "#D55E00",
}
EDGE = "#555555"
FONT = "DejaVu Sans Mono"

TOP, BOTTOM, MARGIN, LEAST_WIDTH = 0.68, 0.5, 0.3, 6.4
"""Inches: around the graph for title, legend and air; what a title needs."""


def graph(source: Source, *, order: int = 0, title: str | None = None) -> Figure:
    """The computation of one derivative. Raises SpecError for an order that is not stored."""
    root = source.root
    known = [int(k) for k in root["graph_order"].values]
    if isinstance(order, bool) or not isinstance(order, int) or order not in known:
        raise SpecError(f"order = {shown.value(order)}: write one of {', '.join(map(str, known))}")
    nodes = root.isel(node=root["node_graph"].values == order)
    edges = root.isel(edge=root["edge_graph"].values == order)
    labels = [str(label) for label in nodes["node_label"].values]
    kinds = [str(kind) for kind in nodes["node_kind"].values]
    ends = (edges[name].values.tolist() for name in ("edge_source", "edge_target"))
    drawing = arrange(labels, kinds, list(zip(*ends, strict=True)))
    figure, axes = _canvas(drawing)
    for route in drawing.routes:
        axes.add_patch(_arrow(drawing, route))
    for i, (label, kind) in enumerate(zip(labels, kinds, strict=True)):
        _box(axes, drawing, i, label, kind)
    _legend(figure, [kind for kind in FILLS if kind in kinds])
    formula.title(figure, title, "The computation of", formula.derivative(root.attrs, order), joint=" ")
    return figure


def _canvas(drawing: Drawing) -> tuple[Figure, Axes]:
    """A figure whose data coordinates are inches, with the graph in the middle of its width."""
    length, height = drawing.spans.max(), -drawing.y.min() + HEIGHT
    size = max(length + 2 * MARGIN, LEAST_WIDTH), height + TOP + BOTTOM
    figure = notebook.Figure(figsize=size)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim((length - size[0]) / 2, (length + size[0]) / 2)
    axes.set_ylim(drawing.y.min() - HEIGHT / 2 - BOTTOM, HEIGHT / 2 + TOP)
    return figure, axes


def _box(axes: Axes, drawing: Drawing, node: int, label: str, kind: str) -> None:
    left, right = drawing.spans[drawing.layer[node]]
    y = drawing.y[node]
    look: dict[str, Any] = {"facecolor": FILLS[kind], "edgecolor": BORDERS[kind], "zorder": 3}
    corner, shape = (left, y - HEIGHT / 2), "round,pad=0,rounding_size=0.07"
    axes.add_patch(FancyBboxPatch(corner, right - left, HEIGHT, boxstyle=shape, **look))
    axes.text((left + right) / 2, y, label, ha="center", va="center_baseline", zorder=4, family=FONT)


def _arrow(drawing: Drawing, route: list[int]) -> FancyArrowPatch:
    """From right side to left side: an S from layer to layer, straight through invisible nodes."""
    vertices: list[tuple[float, float]] = []
    codes: list[Any] = []
    for node, following in pairwise(route):
        start = (drawing.spans[drawing.layer[node]][1], drawing.y[node])
        end = (drawing.spans[drawing.layer[following]][0], drawing.y[following])
        middle = (start[0] + end[0]) / 2
        vertices += [start, (middle, start[1]), (middle, end[1]), end]
        codes += [Path.LINETO if codes else Path.MOVETO, *[Path.CURVE4] * 3]
    look: dict[str, Any] = {"arrowstyle": "-|>", "mutation_scale": 11, "shrinkA": 0, "shrinkB": 0}
    return FancyArrowPatch(path=Path(vertices, codes), color=EDGE, linewidth=1.1, **look)


def _legend(figure: Figure, kinds: list[str]) -> None:
    handles = [Patch(facecolor=FILLS[k], edgecolor=BORDERS[k], label=k) for k in kinds]
    figure.legend(handles=handles, loc="lower center", ncols=len(kinds), frameon=False)
