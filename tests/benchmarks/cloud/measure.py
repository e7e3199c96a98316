"""The cloud of `data/specs/three-body.toml`, propagated by everybody in turn."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import jax
import numpy as np

import taylorkit as tk
from taylorkit.cores import cores
from taylorkit.loading import find_function
from taylorkit.precision import scope
from taylorkit.spec import TaylorSpec, load
from taylorkit.spec.points import evaluation_grid, expansion_grid
from tests.benchmarks.evaluation.measure import in_turn, quartiles

SPEC = Path("data/specs/three-body.toml")
ROUNDS, QUICK_ROUNDS, QUICK_POINTS = 9, 3, 2_000
# Points that are integrated together: what of their states and forces stays in a core's cache.
TOGETHER = 2048

Propagate = Callable[[], np.ndarray]


def measure(quick: bool) -> list[dict[str, Any]]:
    """A row for everybody. The error is the largest over points and outputs, from what integrating gives."""
    spec = load(SPEC)
    assert isinstance(spec, TaylorSpec)
    f = find_function(spec.function, SPEC.parent).function
    grid = expansion_grid(spec, SPEC.parent)
    rows = evaluation_grid(spec, "cloud", grid, SPEC.parent)[0].rows()[: QUICK_POINTS if quick else None]
    orders = (1, 2) if quick else (1, 2, 3, 4, spec.order)
    started = perf_counter()
    T = tk.taylor(f, grid.row(0), orders[-1])
    T = tk.TaylorPolynomial(T.center, np.asarray(T.coefficients))
    expanding = perf_counter() - started
    calls: dict[str, Propagate] = {
        "each integrated, one call of jit(vmap)": integrated(f, rows, len(rows), 1),
        "each integrated, in tiles on all cores": integrated(f, rows, min(TOGETHER, len(rows)), cores()),
    }
    calls |= {f"Taylor polynomial, order {k}": partial(T.truncate(k), rows) for k in orders}
    truth = next(iter(calls.values()))()
    seconds = in_turn(calls, QUICK_ROUNDS if quick else ROUNDS)
    fastest = np.min([times for who, times in seconds.items() if who.startswith("each")], axis=0)
    return [
        {
            "who": who,
            "points": len(rows),
            "order": orders[-1],
            "expanding": expanding,
            "seconds": float(np.median(seconds[who])),
            "ratio": quartiles(fastest / seconds[who]),
            "error": float(np.abs(call() - truth).max()),
        }
        for who, call in calls.items()
    ]


def integrated(f: Callable[..., Any], rows: np.ndarray, together: int, threads: int) -> Propagate:
    """f at all rows, `together` at a time, in as many threads: JAX lets them run at once."""
    kernel = jax.jit(jax.vmap(f))
    parts = [rows[i : i + together] for i in range(0, len(rows), together)]
    pool = ThreadPoolExecutor(threads)

    def one(part: np.ndarray) -> np.ndarray:
        with scope(np.dtype(np.float64)):
            whole = np.concatenate([part, np.repeat(part[-1:], together - len(part), axis=0)])
            return np.asarray(kernel(whole))[: len(part)]

    return lambda: np.concatenate(list(pool.map(one, parts)))
