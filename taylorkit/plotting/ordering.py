"""A layered graph with few crossings and straight edges: Sugiyama's method, without a library for it.

Each layer is ordered by the barycenters of its neighbours, sweeping to and fro; the best order that was seen is kept
(K. Sugiyama, S. Tagawa, M. Toda, 1981). Then a linear program places the nodes: neighbours in a layer stay a row apart,
and the edges' heights, long edges' above all, are as small as can be (E. R. Gansner et al., 1993, section 4).
"""

from collections import defaultdict
from itertools import pairwise

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array

__all__ = ["crossings", "order", "place"]

Steps = list[tuple[int, int]]

SWEEPS = 24
# How much more the inner pieces of a long edge count, and those at its ends: it is straight before all.
STRAIGHT, BEGUN, SHORT = 8.0, 2.0, 1.0


def order(layer: list[int], steps: Steps) -> list[list[int]]:
    """The nodes of each layer from top to bottom; every step leads from a layer to the next."""
    rows: list[list[int]] = [[] for _ in range(max(layer) + 1)]
    for node, depth in enumerate(layer):
        rows[depth].append(node)
    before, after = _neighbours(steps), _neighbours([(b, a) for a, b in steps])
    best, fewest = [list(row) for row in rows], crossings(rows, steps)
    for sweep in range(SWEEPS):
        if not fewest:
            break
        forth = sweep % 2 == 0
        places = range(1, len(rows)) if forth else range(len(rows) - 2, -1, -1)
        for depth in places:
            rows[depth] = _by_barycenter(
                rows[depth], rows[depth - 1 if forth else depth + 1], before if forth else after
            )
        if (found := crossings(rows, steps)) < fewest:
            best, fewest = [list(row) for row in rows], found
    return best


def _neighbours(steps: Steps) -> dict[int, list[int]]:
    """Where the steps to each node come from."""
    found = defaultdict(list)
    for source, target in steps:
        found[target].append(source)
    return found


def _by_barycenter(row: list[int], fixed: list[int], neighbours: dict[int, list[int]]) -> list[int]:
    """A node without neighbours keeps its place among the others."""
    at = {node: place for place, node in enumerate(fixed)}
    scale = len(fixed) / max(1, len(row))

    def barycenter(place: int) -> float:
        found = neighbours[row[place]]
        return sum(at[node] for node in found) / len(found) if found else place * scale

    return [row[place] for place in sorted(range(len(row)), key=barycenter)]


def crossings(rows: list[list[int]], steps: Steps) -> int:
    """How many pairs of steps cross."""
    at = {node: place for row in rows for place, node in enumerate(row)}
    depth = {node: d for d, row in enumerate(rows) for node in row}
    ends = defaultdict(list)
    for source, target in steps:
        ends[depth[source]].append((at[source], at[target]))
    return sum(_inversions([target for _, target in sorted(pairs)]) for pairs in ends.values())


def _inversions(values: list[int]) -> int:
    array = np.array(values)
    return sum(int((array[:i] > value).sum()) for i, value in enumerate(values))


def place(rows: list[list[int]], steps: Steps, real: int) -> np.ndarray:
    """Each node's place across, in rows from the top; nodes from `real` on are invisible, within long edges.

    The unknowns are the places of all nodes, then the height h of each step: its places differ by h at most.
    """
    nodes = sum(map(len, rows))
    apart = [({upper: 1.0, lower: -1.0}, -1.0) for row in rows for upper, lower in pairwise(row)]
    heights = [({a: sign, b: -sign, nodes + e: -1.0}, 0.0) for e, (a, b) in enumerate(steps) for sign in (1.0, -1.0)]
    limits = [*apart, *heights]
    if not limits:
        return np.zeros(nodes)
    line = np.repeat(np.arange(len(limits)), [len(known) for known, _ in limits])
    column = [name for known, _ in limits for name in known]
    value = [factor for known, _ in limits for factor in known.values()]
    left = coo_array((value, (line, column)), shape=(len(limits), nodes + len(steps))).tocsr()
    weights = [(STRAIGHT, BEGUN, SHORT)[(a < real) + (b < real)] for a, b in steps]
    costs, most = np.concatenate([np.zeros(nodes), weights]), [limit for _, limit in limits]
    found = linprog(costs, left, most, bounds=(0, None), method="highs")
    return np.asarray(found.x[:nodes]) if found.success else _stacked(rows, nodes)


def _stacked(rows: list[list[int]], nodes: int) -> np.ndarray:
    """Each layer from the top, row by row."""
    across = np.zeros(nodes)
    for row in rows:
        across[row] = np.arange(len(row))
    return across
