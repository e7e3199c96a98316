"""Where the nodes and edges of a directed acyclic graph lie, in inches, from left to right.

The layers are longest paths; `ordering` orders and places the nodes in them. An edge over several layers passes
through an invisible node in each, so that no edge runs behind a box.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from taylorkit.plotting import ordering

__all__ = ["HEIGHT", "Drawing", "arrange", "layers"]

CHARACTER, PADDING, ROW, HEIGHT, GAP = 0.0836, 0.22, 0.56, 0.34, 0.5
"""A letter, what a box adds to its label, a row, a box in it, the gap between layers."""


@dataclass(frozen=True)
class Drawing:
    """Each node's layer and y, invisible ones last; each layer's left and right x, in inches."""

    layer: list[int]
    y: np.ndarray
    spans: np.ndarray
    routes: list[list[int]]


def layers(kinds: list[str], edges: list[tuple[int, int]]) -> list[int]:
    """Inputs and constants: 0; an equation: one after its last input; outputs: the last of all.

    Edges lead from lower to higher ids, as in a program each value is made before it is used.
    """
    depth = [0 if kind in ("input", "constant") else 1 for kind in kinds]
    for source, target in sorted(edges, key=lambda edge: edge[1]):
        depth[target] = max(depth[target], depth[source] + 1)
    inner = [d + 1 for d, kind in zip(depth, kinds, strict=True) if kind != "output"]
    last = max([*depth, *inner])
    return [last if kind == "output" else d for d, kind in zip(depth, kinds, strict=True)]


def arrange(labels: list[str], kinds: list[str], edges: list[tuple[int, int]]) -> Drawing:
    """Every node and every edge in its place."""
    layer, routes = layers(kinds, edges), []
    for source, target in edges:
        between = range(layer[source] + 1, layer[target])
        routes.append([source, *range(len(layer), len(layer) + len(between)), target])
        layer = [*layer, *between]
    steps = [step for route in routes for step in pairwise(route)]
    across = ordering.place(ordering.order(layer, steps), steps, len(labels))
    widths = np.zeros(max(layer) + 1)
    for label, depth in zip(labels, layer, strict=False):
        widths[depth] = max(widths[depth], CHARACTER * len(label) + PADDING)
    right = np.cumsum(widths + GAP) - GAP
    spans = np.stack([right - widths, right], axis=1)
    return Drawing(layer, -ROW * (across - across.min()), spans, routes)
