"""Method `series` in one variable: what moves numbers about, high orders, and what other Taylor modes get wrong.

Elementary functions, across their domains, are in tests/accuracy.
"""

from collections.abc import Callable
from math import factorial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flint import arb
from jax import lax
from jax.scipy import special

import taylorkit as tk
from taylorkit.trace import trace
from tests.accuracy import exact
from tests.derivatives import oracles


class Moved(NamedTuple):
    """f, the same in flint, and the primitives that it is here for."""

    primitives: str
    function: Callable[[Any], Any]
    exact: Callable[[Any], Any]


POINTS = np.array([-2.0, 0.0, 1e-12, 0.7, 5.0])
TABLE = np.arange(6.0).reshape(2, 3)
# A primitive without mathematics of its own treats every degree alike: a few of them show it.
SHORT, LONG = 4, 20


def sines(u: Any) -> Any:
    return sum((k * u).sin() for k in range(6))


MOVED = {
    "broadcast": Moved("broadcast_in_dim", lambda x: jnp.sum(jnp.full(3, x) * jnp.sin(x)), lambda u: 3 * u * u.sin()),
    "joined": Moved(
        "concatenate",
        lambda x: jnp.sum(jnp.concatenate([jnp.full(1, x), jnp.sin(jnp.full(1, x))])),
        lambda u: u + u.sin(),
    ),
    "stacked": Moved(
        "stack", lambda x: jnp.sum(jnp.stack([x, jnp.sin(x), jnp.exp(1.0)])), lambda u: u + u.sin() + arb(1).exp()
    ),
    "cut": Moved("slice", lambda x: lax.slice(jnp.sin(x * TABLE[0]), (1,), (2,))[0], lambda u: u.sin()),
    "squeezed": Moved("squeeze", lambda x: jnp.squeeze(jnp.sin(jnp.full((1, 1), x))), lambda u: u.sin()),
    "reshaped": Moved("reshape", lambda x: jnp.sum(jnp.sin(x * TABLE).reshape(6)), sines),
    "transposed": Moved("transpose", lambda x: jnp.sum(jnp.sin(x * TABLE).T), sines),
    "summed": Moved("reduce_sum", lambda x: jnp.sum(jnp.sin(x * TABLE)), sines),
    "reversed": Moved("rev", lambda x: jnp.sin(x * TABLE[0])[::-1][1], lambda u: u.sin()),
    "padded": Moved(
        "pad", lambda x: jnp.sum(lax.pad(jnp.sin(x * TABLE[0]), x, [(1, 0, 0)])[:3]), lambda u: u + u.sin()
    ),
    "gathered": Moved("gather", lambda x: jnp.sum(jnp.sin(x * TABLE[0])[np.array([1, 1])]), lambda u: 2 * u.sin()),
    "contracted": Moved(
        "dot_general",
        lambda x: jnp.dot(jnp.exp(-x * TABLE[0]), jnp.sin(x * TABLE[0])),
        lambda u: sum((-k * u).exp() * (k * u).sin() for k in range(3)),
    ),
    "copied": Moved("copy", lambda x: jnp.copy(jnp.sin(x)), lambda u: u.sin()),
    "called": Moved("jit", lambda x: jax.jit(jnp.sin)(x) * x, lambda u: u.sin() * u),
    "composed": Moved("div", lambda x: jnp.exp(jnp.sin(x) ** 2) / (7 + x), lambda u: (u.sin() ** 2).exp() / (7 + u)),
}


@pytest.mark.parametrize("name", MOVED)
def test_equals_exact_series(name: str) -> None:
    moved = MOVED[name]
    assert moved.primitives in trace(moved.function, "scalar", 1, np.dtype(float)).primitives
    packed = tk.derivatives(moved.function, POINTS, SHORT, "series").packed
    oracles.assert_close(oracles.flat(packed), derivatives(moved.exact, POINTS, SHORT), 1, SHORT, oracles.IN_SERIES)


@pytest.mark.parametrize(
    ("function", "series"),
    [
        (jnp.exp, lambda u: u.exp()),
        (lambda x: 1 / (1 + x**2), lambda u: 1 / (1 + u * u)),
        (lambda x: (1 - jnp.exp(-x)) / (1 + jnp.exp(-x)), lambda u: (1 - (-u).exp()) / (1 + (-u).exp())),
    ],
    ids=["exp", "runge", "t"],
)
def test_order_20(function: Callable, series: Callable) -> None:
    # Not at 1e-12: what f itself loses in 1 − exp(−x) there is not the method's doing.
    points = POINTS[POINTS != 1e-12]
    packed = tk.derivatives(function, points, LONG, "series").packed
    oracles.assert_close(oracles.flat(packed), derivatives(series, points, LONG), 1, LONG, oracles.IN_SERIES)


@pytest.mark.parametrize(("function", "beyond"), [(jnp.tanh, 20.0), (jax.nn.sigmoid, 40.0)], ids=["tanh", "logistic"])
def test_saturated_derivatives_are_small(function: Callable, beyond: float) -> None:
    """1 − 2 e^(−2x) and its kin: what is left of the derivatives is below the rounding of 1 times 2^k."""
    packed = np.asarray(tk.derivatives(function, [beyond], 8, "series").packed)[:, 0]
    assert packed[0] == 1.0
    assert (np.abs(packed[1:]) <= oracles.EPS * 2.0 ** np.arange(1, 9)).all()


def test_series_of_a_vector_output() -> None:
    d = tk.derivatives(lambda x: jnp.sin(x * np.arange(4.0)), [0.3, 1.1], 6, "series")
    assert d.packed.shape == (7, 4, 2)
    k, frequency = np.arange(7)[:, None, None], np.arange(4.0)[:, None]
    expected = frequency**k * np.sin(frequency * [0.3, 1.1] + k * np.pi / 2)
    np.testing.assert_allclose(d.packed, expected, rtol=1e-12, atol=1e-11)


@pytest.mark.parametrize(
    ("function", "x", "expected"),
    [
        (lambda x: jnp.fmod(x, 2.0), -5.5, [-1.5, 1, 0, 0]),
        (lambda x: x * jnp.floor(x).astype(int), 2.5, [5, 2, 0, 0]),
        (lambda x: x * x.astype(int), 2.5, [5, 2, 0, 0]),
        (lambda x: x**2.0, 0.0, [0, 0, 2, 0]),
        (lambda x: x**3.0, -2.0, [-8, 12, -12, 6]),
        (lambda x: jnp.abs(x) * x, -0.5, [-0.25, 1, -2, 0]),
        (jax.nn.relu, 0.5, [0.5, 1, 0, 0]),
        (jnp.expm1, 1e-12, [1e-12, 1, 1, 1]),
        (jnp.log1p, 1e-12, [1e-12, 1, -1, 2]),
        (jnp.tanh, 1e-12, [1e-12, 1, -2e-12, -2]),
        (special.erfc, 8.0, [1.1224297172982927e-29, -1.8097067968559843e-28, 2.8955308749695748e-27]),
    ],
    ids="fmod floor cast square cube abs relu expm1 log1p tanh erfc".split(),
)
def test_what_other_taylor_modes_get_wrong(function: Callable, x: float, expected: list[float]) -> None:
    """jax.experimental.jet is wrong, not a number, or refuses, at each of these."""
    packed = np.asarray(tk.derivatives(function, [x], len(expected) - 1, "series").packed)[:, 0]
    np.testing.assert_allclose(packed, expected, rtol=1e-11)


def derivatives(series: Callable, points: np.ndarray, order: int) -> np.ndarray:
    """f, f', …, exact: (order+1, 1, N)."""
    factorials = np.array([float(factorial(k)) for k in range(order + 1)])
    return (exact.coefficients(series, points, order).high * factorials[:, None])[:, None, :]
