"""What a method computes, how far it is from the exact coefficients, and the unit in which that is counted."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import jax
import numpy as np

import taylorkit as tk
from taylorkit import precision
from taylorkit.multi_index import factorials
from tests.accuracy.elementary import TABLE
from tests.accuracy.exact import Exact, coefficients

METHOD, REFERENCE = "series", "nested"

# Single precision overflows at 1e38: a lower order leaves it most points.
ORDERS: dict[type, int] = {np.float64: 16, np.float32: 8}
# Enough points for whole vector registers: XLA computes what is left over with other instructions.
VECTORS = 64
# The cost of nested doubles with each degree.
REFERENCE_ORDER = 4
# What a rule holds on the way may be larger than what comes out.
ROOM = 2.0**-20


def allowed(magnitudes: np.ndarray, radius: Callable[[Any, int], float], points: Iterable[Any]) -> np.ndarray:
    """max_{j≤k} |a_j| r^(j−k) of magnitudes (n+1, N): the bound of radii.py before c and u."""
    out = magnitudes.copy()
    for n, x in enumerate(points):
        for k in range(1, len(magnitudes)):
            r = radius(x, k)
            out[k, n] = max(magnitudes[j, n] * (r ** (j - k) if j < k else 1.0) for j in range(k + 1))
    return out


def in_units(errors: np.ndarray, bound: np.ndarray, dtype: type) -> np.ndarray:
    """|error| / (u · bound) with u = eps/2; what underflows may be lost, and 0 of 0 is 0."""
    limits = np.finfo(dtype)
    beyond = np.maximum(errors - float(limits.tiny), 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(beyond == 0, 0.0, beyond / (float(limits.eps) / 2 * bound))


def order_of(name: str, dtype: type) -> int:
    return min(TABLE[name].order, ORDERS[dtype])


@cache
def points_of(name: str, dtype: type) -> np.ndarray:
    """The table's points, but those where a derivative is too large for the dtype."""
    points: np.ndarray = np.array(TABLE[name].points, dtype)
    order = order_of(name, dtype)
    largest = np.abs(coefficients(TABLE[name].exact, points, order).high * factorials(1, order)[:, None]).max(axis=0)
    return points[largest < ROOM * np.finfo(dtype).max]


@cache
def truth(name: str, dtype: type) -> Exact:
    return coefficients(TABLE[name].exact, points_of(name, dtype), order_of(name, dtype))


@cache
def computed(name: str, dtype: type) -> np.ndarray:
    return _by(METHOD, name, dtype, order_of(name, dtype))


def _by(method: str, name: str, dtype: type, order: int) -> np.ndarray:
    return np.asarray(tk.derivatives(TABLE[name].function, points_of(name, dtype), order, method).coefficients)


@cache
def allowed_for(name: str, dtype: type) -> np.ndarray:
    return allowed(np.abs(truth(name, dtype).high), TABLE[name].radius, points_of(name, dtype).astype(float))


def errors_in_units(name: str, dtype: type) -> np.ndarray:
    """The smallest c of each degree and point with which the bound holds: (order+1, N)."""
    return in_units(truth(name, dtype).error(computed(name, dtype)), allowed_for(name, dtype), dtype)


def ratios(name: str) -> np.ndarray:
    """METHOD's errors by REFERENCE's, degrees 1 to 4 at each point; 1 where both are as exact."""
    upto = min(REFERENCE_ORDER, order_of(name, np.float64))
    degrees, expected = slice(1, upto + 1), truth(name, np.float64)
    expected = Exact(expected.high[degrees], expected.low[degrees])
    ours = expected.error(computed(name, np.float64)[degrees])
    theirs = expected.error(_by(REFERENCE, name, np.float64, upto)[degrees])
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(ours == theirs, 1.0, ours / theirs)


@cache
def plain_values(dtype: type) -> dict[str, np.ndarray]:
    """jit(vmap(f)) of every function, compiled at once: each has points of its own, and shares nothing."""
    points = {name: np.resize(points_of(name, dtype), VECTORS) for name in TABLE}
    with precision.scope(np.dtype(dtype)):
        values = jax.jit(lambda given: {name: jax.vmap(TABLE[name].function)(x) for name, x in given.items()})(points)
    return {name: np.asarray(v) for name, v in values.items()}


def value_distance(name: str, dtype: type) -> float:
    """Degree 0 from jit(vmap(f)) or from the exact value, whichever is nearer, in units in the last place: the largest.

    XLA's own exp2, sinh and cosh are up to ten units from the exact values, the C library's are not.
    """
    values, plain = computed(name, dtype)[0], plain_values(dtype)[name][: points_of(name, dtype).size]
    exact = truth(name, dtype).error(computed(name, dtype))[0]
    with np.errstate(invalid="ignore"):
        off = np.fmin(np.abs(values - plain), exact)
        return float(np.where((values == plain) | (exact == 0), 0.0, off / np.spacing(np.abs(plain))).max())
