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

METHOD, REFERENCE = "nested", "nested"

# To this degree flint is asked in one variable; and to this nested is, whose cost doubles with each.
ORDER, REFERENCE_ORDER = 2, 2
# Single precision overflows at 1e38: a lower order leaves it most points.
SINGLE_ORDER = 2
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


@cache
def points_of(name: str, dtype: type, order: int) -> np.ndarray:
    """The table's points, but those where a derivative is too large for the dtype."""
    points = np.array(TABLE[name].points, dtype)
    largest = np.abs(coefficients(TABLE[name].exact, points, order).high * factorials(1, order)[:, None]).max(axis=0)
    return points[largest < ROOM * np.finfo(dtype).max]


@cache
def truth(name: str, dtype: type, order: int) -> Exact:
    return coefficients(TABLE[name].exact, points_of(name, dtype, order), order)


@cache
def computed(name: str, dtype: type, order: int, method: str) -> np.ndarray:
    points = points_of(name, dtype, order)
    return np.asarray(tk.derivatives(TABLE[name].function, points, order, method).coefficients)


def errors_in_units(name: str, dtype: type, order: int, method: str = METHOD) -> np.ndarray:
    """The smallest c of each degree and point with which the bound holds: (order+1, N)."""
    expected, values = truth(name, dtype, order), computed(name, dtype, order, method)
    bound = allowed(np.abs(expected.high), TABLE[name].radius, points_of(name, dtype, order).astype(float))
    return in_units(expected.error(values), bound, dtype)


def ratios(name: str) -> np.ndarray:
    """METHOD's errors by REFERENCE's, degrees 1 to 4 at each point; 1 where both are as exact."""
    expected, last = truth(name, np.float64, ORDER), REFERENCE_ORDER
    nested = computed(name, np.float64, last, REFERENCE)
    ours = expected.error(computed(name, np.float64, ORDER, METHOD))[1 : last + 1]
    theirs = Exact(expected.high[1 : last + 1], expected.low[1 : last + 1]).error(nested[1:])
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(ours == theirs, 1.0, ours / theirs)


def value_distance(name: str, dtype: type, order: int) -> np.ndarray:
    """Degree 0 from jit(vmap(f)), in units in the last place of the latter."""
    values = computed(name, dtype, order, METHOD)[0]
    with precision.scope(np.dtype(dtype)):
        plain = np.asarray(jax.jit(jax.vmap(TABLE[name].function))(points_of(name, dtype, order)))
    return np.where(values == plain, 0.0, np.abs(values - plain) / np.spacing(np.abs(plain)))
