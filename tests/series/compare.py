"""Functions of a table at once: method `series` in both of its forms beside nested derivatives, each by name.

Single numbers are computed by XLA and, as `lines`, by machine code of their own.
"""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from taylorkit import multi_index, precision
from taylorkit.differentiation import nested, series
from taylorkit.differentiation.lines import Lines
from taylorkit.lowering import machine
from taylorkit.trace import Traced, trace

EPS = float(np.finfo(np.float64).eps)
# Two double-precision computations of a few hundred operations each, summed in different orders.
ROUNDING = 2**12 * EPS
FORMS = ("scalars", *(["lines"] if machine.target() else []), "arrays")
# For long programs, which XLA takes long to compile as single numbers: by machine code where it can be had.
QUICK = FORMS[-2:]

# Compiling is all that these tests take time for: what is compiled runs once.
QUICKLY = {"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}

Table = dict[str, Callable[[Any], Any]]


def differences(
    table: Table, points: np.ndarray, order: int, forms: Sequence[str] = FORMS
) -> dict[tuple[str, str], float]:
    """How far `series` is from `nested`, by form and name, in units of the largest derivative of a degree or below."""
    expected = by_name(table, points, order, nested)
    degrees = multi_index.degrees(points.shape[1], order)
    return {
        (form, name): _difference(packed, expected[name], degrees)
        for form in forms
        for name, packed in in_form(form, table, points, order).items()
    }


def in_form(form: str, table: Table, points: np.ndarray, order: int) -> dict[str, np.ndarray]:
    """`by_name` of method `series` in one form of values."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(series, "kind", lambda *_: "arrays" if form == "arrays" else "scalars")
        return by_name(table, points, order, Lines if form == "lines" else series)


def by_name(table: Table, points: np.ndarray, order: int, method: Any) -> dict[str, np.ndarray]:
    """The packed derivatives (P, |S|, N) of each function of a table, computed together."""

    def together(v: Any) -> Any:
        return jnp.concatenate([jnp.ravel(f(v)).astype(v.dtype) for f in table.values()])

    with precision.scope(points.dtype):
        traced = trace(together, "vector", points.shape[1], points.dtype)
        packed = _derivatives(traced, points, order, method)
        sizes = [int(np.prod(jax.eval_shape(f, points[0]).shape, dtype=int)) for f in table.values()]
    return dict(zip(table, np.split(packed, np.cumsum(sizes)[:-1], axis=1), strict=True))


def _derivatives(traced: Traced, points: np.ndarray, order: int, method: Any) -> np.ndarray:
    if method is Lines:
        out = np.empty((multi_index.count(traced.variables, order), *traced.shape, len(points)), traced.dtype)
        Lines(series.straight(traced, order), traced, len(points), "cpu").fill(out, points)
        return out
    kernel = jax.jit(jax.vmap(method.packed(traced, order), in_axes=0, out_axes=-1))
    return np.concatenate(kernel.lower(points).compile(QUICKLY)(points))


def _difference(actual: np.ndarray, expected: np.ndarray, degrees: np.ndarray) -> float:
    """At the worst point and degree; infinite where something is not a number."""
    worst, scale = 0.0, np.zeros(expected.shape[-1])
    for degree in range(degrees[-1] + 1):
        a, b = actual[degrees == degree], expected[degrees == degree]
        scale = np.maximum(scale, np.abs(b).max(axis=(0, 1)))
        error = np.abs(a - b).max(axis=(0, 1)) / np.where(scale == 0, 1, scale)
        worst = max(worst, float(np.nan_to_num(error, nan=np.inf).max()))
    return worst
