"""Artifacts of the other kinds, as their runs store them: graphs, growth, timings."""

import numpy as np
import xarray as xr

from taylorkit.plotting import Source

TANH = {"signature_latex": "t(x)", "latex": r"\tanh\frac{x}{2}"}
SQUARE = {"signature_latex": "f(x)", "latex": "x^2 + e^x", "name": "square_plus_exp"}

# (label, kind) and edges of two programs, as an artifact keeps them.
SMALL = (
    [
        ("a", "input"),
        ("b = integer_pow[y=2] a", "intermediate"),
        ("c = exp a", "intermediate"),
        ("d = add b c", "output"),
    ],
    [(0, 1), (0, 2), (1, 3), (2, 3)],
)
# A chain of ten beside which one value is carried from the first to the last.
LONG = (
    [
        ("x", "input"),
        ("k: float32[3]", "constant"),
        *((f"v{i} = mul v{i - 1} k", "intermediate") for i in range(2, 12)),
        ("w = add v11 x", "output"),
        ("output x", "output"),
    ],
    [*((i, i + 1) for i in range(1, 12)), (0, 2), (0, 12), (0, 13)],
)


def graph(**graphs: tuple) -> Source:
    """An artifact of kind "graph" with these programs as orders 0, 1, …."""
    nodes = [(k, i, *n) for k, (ns, _) in enumerate(graphs.values()) for i, n in enumerate(ns)]
    edges = [(k, *e) for k, (_, es) in enumerate(graphs.values()) for e in es]
    columns = {"graph_order": ("graph", list(range(len(graphs))))}
    for dim, names, rows in (
        ("node", ("graph", "id", "label", "kind"), nodes),
        ("edge", ("graph", "source", "target"), edges),
    ):
        values = zip(*rows, strict=True)
        columns |= {f"{dim}_{n}": (dim, list(v)) for n, v in zip(names, values, strict=True)}
    attrs = {"kind": "graph", "name": "g1", "function": SQUARE}
    return Source(xr.Dataset(columns, attrs=attrs))


ORDERS = np.arange(9)
NESTED = np.array([7, 18, 46, 108, 262, 672, 1810, 5052, 14446])
SERIES = np.array([7, 30, 60, 98, 144, 198, 260, 330, 408])


def growth() -> Source:
    columns = {
        "mode": ("mode", ["nested", "series"]),
        "order": ("order", ORDERS),
        "equations": (("mode", "order"), np.stack([NESTED, SERIES])),
    }
    return Source(xr.Dataset(columns, attrs={"kind": "growth", "name": "g4", "function": TANH}))


def timing(suite: str, columns: dict) -> Source:
    attrs = {"kind": "timing", "name": "s1", "spec": {"suite": suite}, "function": TANH}
    return Source(xr.Dataset(columns, attrs=attrs))


def orders(nested: list[float]) -> Source:
    seconds = np.array([nested, [0.1, 0.2, 0.3, 0.4]])
    columns = {
        "mode": ("mode", ["nested", "series"]),
        "order": ("order", [0, 1, 2, 3]),
        "compile_seconds": (("mode", "order"), seconds),
        "run_seconds": (("mode", "order"), seconds / 100),
        "points": ((), 200_000),
        "repetitions": ((), 5),
        "limit_seconds": ((), 5.0),
    }
    return timing("orders", columns)
