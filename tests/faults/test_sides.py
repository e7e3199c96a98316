"""Smooth functions that are written with max, min and abs, where two of their branches meet."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import jax.scipy.special as special
import numpy as np
import pytest
from jax import lax

from tests.series import compare

POINT = np.array([[1.0, 1.0, 0.0]])
ORDER = 3

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
}


@pytest.mark.parametrize("form", compare.FORMS)
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
