"""Smooth functions that are written with max, min and abs, where two of their branches meet."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import jax.scipy.special as special
import numpy as np
import pytest
from jax import lax

import taylorkit as tk
from tests.series import compare

POINT = np.array([[1.0, 1.0, 0.0]])
ORDER = 2

# Each with the same function without a branch.
SMOOTH: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "hypot": (lambda v: jnp.hypot(v[0], v[1]), lambda v: jnp.sqrt(v[0] ** 2 + v[1] ** 2)),
    "|u| |-u|": (lambda v: abs(v[0] - v[1]) * abs(v[1] - v[0]), lambda v: (v[0] - v[1]) ** 2),
    "max + min": (lambda v: jnp.maximum(v[0], v[1]) + jnp.minimum(v[1], v[0]), lambda v: v[0] + v[1]),
    "max min of cubes": (
        lambda v: jnp.maximum(v[0] ** 3, v[1]) * jnp.minimum(v[1], v[0] ** 3),
        lambda v: v[0] ** 3 * v[1],
    ),
    "|-x^2|": (lambda v: abs(-(v[2] ** 2)), lambda v: v[2] ** 2),
    "cosh of |x|": (lambda v: jnp.cosh(abs(v[2])) * abs(v[2]) ** 2, lambda v: jnp.cosh(v[2]) * v[2] ** 2),
    "largest and least": (lambda v: v.max() + v.min() + v[:2].min(), lambda v: v.sum()),
    "clamp and max": (lambda v: lax.clamp(0.0, v[2], 1.0) - jnp.maximum(v[2], 0), lambda v: 0 * v[2]),
    "logaddexp by max": (
        lambda v: jnp.maximum(v[0], v[1]) + jnp.log1p(jnp.exp(-abs(v[0] - v[1]))),
        lambda v: jnp.log(jnp.exp(v[0]) + jnp.exp(v[1])),
    ),
    "running maxima": (
        lambda v: lax.cummax(jnp.stack([v[0], v[1]]))[1] + lax.cummin(jnp.stack([v[1], v[0]]))[1],
        lambda v: v[0] + v[1],
    ),
    "sorted cubes": (lambda v: (jnp.sort(v) ** 3).sum(), lambda v: (v**3).sum()),
    "sorted, and the largest": (lambda v: jnp.sort(v[:2])[0] * v[:2].max(), lambda v: v[0] * v[1]),
    "sorted beside others": (
        lambda v: lax.sort((v[:2], v[:2] ** 2), num_keys=1)[1][0] * lax.sort((-v[:2], v[:2] ** 2), num_keys=1)[1][0],
        lambda v: v[0] ** 2 * v[1] ** 2,
    ),
    "the first of two": (
        lambda v: lax.top_k(v[:2], 1)[0][0] * -lax.top_k(-v[:2], 1)[0][0],
        lambda v: v[0] * v[1],
    ),
    "x times a median": (lambda v: v[0] * jnp.median(v[:2]), lambda v: v[0] * (v[0] + v[1]) / 2),
    "quantiles": (lambda v: jnp.quantile(v[:2], 0.25) + jnp.quantile(v[:2], 0.75), lambda v: v[0] + v[1]),
    "windows": (
        lambda v: (
            lax.reduce_window(v[:2], -jnp.inf, lax.max, (2,), (1,), "VALID")[0]
            * lax.reduce_window(v[:2], jnp.inf, lax.min, (2,), (1,), "VALID")[0]
        ),
        lambda v: v[0] * v[1],
    ),
    "at the places of extremes": (lambda v: v[jnp.argmax(v[:2])] * v[jnp.argmin(v[:2])], lambda v: v[0] * v[1]),
    "in the order of argsort": (lambda v: v[jnp.argsort(v[:2])][0] + v[:2].max(), lambda v: v[0] + v[1]),
    "gradient of extremes": (lambda v: jax.grad(lambda w: w.max() * w.min())(v[:2]).sum(), lambda v: v[0] + v[1]),
    "gradient of hypot": (lambda v: jax.grad(jnp.hypot)(v[0], v[1]), lambda v: v[0] / jnp.sqrt(v[0] ** 2 + v[1] ** 2)),
}


@pytest.mark.parametrize("form", compare.QUICK)
def test_fault_R25_smooth_functions_at_ties(form: str) -> None:
    written = {name: f for name, (f, _) in SMOOTH.items()}
    found = compare.in_form(form, written, POINT, ORDER)
    expected = compare.by_name({name: g for name, (_, g) in SMOOTH.items()}, POINT, ORDER, compare.nested)
    for name in SMOOTH:
        np.testing.assert_allclose(found[name], expected[name], atol=compare.ROUNDING, err_msg=name)


def test_fault_R25_bessel_function_at_zero() -> None:
    """I₀(x) = exp|x| · i0e(x), whose rule holds the sign of x: even all the same."""
    found = compare.in_form("arrays", {"i0": lambda v: special.i0(v[2])}, POINT, 2)["i0"]
    np.testing.assert_allclose(found[:, 0, 0], [1, 0, 0, 0, 0, 0, 0, 0, 0, 0.5], atol=compare.ROUNDING)


# f, a point, and its derivatives there in graded order: of i0 by its power series, Σ (x/2)^2k / k!², of i1 by the
# derivative of that, of digamma by mpmath.
BY_AUTO: dict[str, tuple[Callable, tuple[float, ...], list[float]]] = {
    "i0": (special.i0, (0.0,), [1, 0, 1 / 2, 0, 3 / 8, 0]),
    "i1": (special.i1, (0.0,), [0, 1 / 2, 0, 3 / 8, 0, 5 / 16]),
    "digamma": (
        special.digamma,
        (-16.5,),
        [2.83335743222868, 9.81079781299358, -0.00345722037203431, 194.817775686931],
    ),
    "max min": (lambda x, y: jnp.maximum(x, y) * jnp.minimum(x, y), (2.0, 2.0), [4, 2, 2, 0, 1, 0, 0, 0, 0, 0]),
    "clamp and max": (lambda x: lax.clamp(0.0, x, 1.0) * x - jnp.maximum(x, 0) * x, (0.0,), [0, 0, 0, 0]),
    "|x| |x|": (lambda x: abs(x) * abs(x), (0.0,), [0, 0, 2, 0]),
}


@pytest.mark.parametrize("name", BY_AUTO)
@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_fault_P2_auto_keeps_to_series_at_ties(name: str, order: int) -> None:
    f, point, right = BY_AUTO[name]
    points = tuple(np.array([x]) for x in point) if len(point) > 1 else list(point)
    found = tk.derivatives(f, points, order).packed[:, 0]
    rows = min(len(found), len(right))
    np.testing.assert_allclose(found[:rows], right[:rows], rtol=1e-9, atol=1e-12)  # as many digits as are written


@pytest.mark.parametrize("order", [1, 3])
def test_fault_P2_largest_times_least_of_a_vector(order: int) -> None:
    found = tk.derivatives(lambda v: v.max() * v.min(), np.array([[2.0, 2.0]]), order).packed[:, 0]
    assert found.tolist() == [4, 2, 2, 0, 1, 0, 0, 0, 0, 0][: len(found)]
