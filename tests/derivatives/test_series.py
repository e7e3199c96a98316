"""Taylor arithmetic to order 20 in one variable, each primitive that it serves, against power series of real balls."""

from collections.abc import Callable
from math import factorial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import taylorkit as tk
from taylorkit.derivatives import series
from taylorkit.errors import SpecError
from taylorkit.trace import trace
from tests.cases import tanh
from tests.derivatives import oracles

ORDER = 20


class Served(NamedTuple):
    """f, the same in flint, where to look, and the primitive that it is here for."""

    primitive: str
    function: Callable[[Any], Any]
    exact: Callable[[Any], Any]
    points: tuple[float, ...]


ALL, RIGHT, NOT_ZERO = (-2.0, 0.0, 1e-12, 0.7, 5.0), (1e-3, 0.5, 1.0, 7.0), (-2.0, 0.05, 0.7)
CUBE = np.arange(6.0).reshape(2, 3)

TABLE = {
    "exp": Served("exp", jnp.exp, lambda u: u.exp(), ALL),
    "log": Served("log", jnp.log, lambda u: u.log(), RIGHT),
    "sin": Served("sin", jnp.sin, lambda u: u.sin(), (*ALL, 30.0)),
    "cos": Served("cos", jnp.cos, lambda u: u.cos(), (*ALL, 30.0)),
    "sinh": Served("sinh", jnp.sinh, lambda u: (u.exp() - (-u).exp()) / 2, ALL),
    "cosh": Served("cosh", jnp.cosh, lambda u: (u.exp() + (-u).exp()) / 2, ALL),
    "tanh": Served("tanh", jnp.tanh, tanh, (*ALL, 20.0)),
    "logistic": Served("logistic", jax.nn.sigmoid, lambda u: 1 / (1 + (-u).exp()), (*ALL, -20.0, 40.0)),
    "sqrt": Served("sqrt", jnp.sqrt, lambda u: u.sqrt(), RIGHT),
    "cube": Served("integer_pow", lambda x: x**3, lambda u: u**3, ALL),
    "seventh": Served("integer_pow", lambda x: x**7, lambda u: u**7, ALL),
    "inverse_cube": Served("integer_pow", lambda x: x**-3, lambda u: 1 / u**3, NOT_ZERO),
    "square": Served("square", lax.square, lambda u: u * u, ALL),
    "reciprocal": Served("div", lambda x: 1 / x, lambda u: 1 / u, NOT_ZERO),
    "quotient": Served("div", lambda x: (1 + x) / (2 + x * x), lambda u: (1 + u) / (2 + u * u), ALL),
    "negative": Served("neg", lambda x: -x, lambda u: -u, ALL),
    "product": Served("mul", lambda x: x * jnp.sin(x), lambda u: u * u.sin(), ALL),
    "difference": Served("sub", lambda x: 1 - jnp.sin(x), lambda u: 1 - u.sin(), ALL),
    "t": Served(
        "add", lambda x: (1 - jnp.exp(-x)) / (1 + jnp.exp(-x)), lambda u: (1 - (-u).exp()) / (1 + (-u).exp()), ALL
    ),
    "sin_plus_cos": Served("add", lambda x: jnp.sin(x) + jnp.cos(x), lambda u: u.sin() + u.cos(), ALL),
    "runge": Served("div", lambda x: 1 / (1 + x**2), lambda u: 1 / (1 + u * u), ALL),
    "composed": Served(
        "exp", lambda x: jnp.exp(jnp.sin(x) ** 2) / (1 + x**2), lambda u: (u.sin() ** 2).exp() / (1 + u * u), ALL
    ),
    # Primitives that move numbers about; sin keeps every degree alive.
    "broadcast": Served(
        "broadcast_in_dim", lambda x: jnp.sum(jnp.full(3, x) * jnp.sin(x)), lambda u: 3 * u * u.sin(), ALL
    ),
    "joined": Served(
        "concatenate",
        lambda x: jnp.sum(jnp.concatenate([jnp.full(1, x), jnp.sin(jnp.full(1, x))])),
        lambda u: u + u.sin(),
        ALL,
    ),
    "cut": Served("slice", lambda x: lax.slice(jnp.sin(x * np.arange(3.0)), (1,), (2,))[0], lambda u: u.sin(), ALL),
    "squeezed": Served("squeeze", lambda x: jnp.squeeze(jnp.sin(jnp.full((1, 1), x))), lambda u: u.sin(), ALL),
    "reshaped": Served(
        "reshape", lambda x: jnp.sum(jnp.sin(x * CUBE).reshape(6)), lambda u: sum((k * u).sin() for k in range(6)), ALL
    ),
    "transposed": Served(
        "transpose", lambda x: jnp.sum(jnp.sin(x * CUBE).T), lambda u: sum((k * u).sin() for k in range(6)), ALL
    ),
    "summed": Served(
        "reduce_sum", lambda x: jnp.sum(jnp.sin(x * CUBE)), lambda u: sum((k * u).sin() for k in range(6)), ALL
    ),
    "contracted": Served(
        "dot_general",
        lambda x: jnp.dot(jnp.exp(-x * np.arange(3.0)), jnp.sin(x * np.arange(3.0))),
        lambda u: sum((-k * u).exp() * (k * u).sin() for k in range(3)),
        ALL,
    ),
    "copied": Served("copy", lambda x: jnp.copy(jnp.sin(x)), lambda u: u.sin(), ALL),
    "called": Served("jit", lambda x: jax.jit(jnp.sin)(x) * x, lambda u: u.sin() * u, ALL),
    "stacked": Served("stack", lambda x: jnp.sum(jnp.stack([x, jnp.sin(x)])), lambda u: u + u.sin(), ALL),
}

# Names that this JAX does not write into a function's own jaxpr: pjit is jit's older name, and add_any appears in
# gradients, where it is add.
OTHER_NAMES = {"pjit", "add_any"}


def primitives(f: Callable) -> set[str]:
    return set(trace(f, "scalar", 1, np.dtype(float)).primitives)


def test_every_served_primitive_is_checked() -> None:
    assert {s.primitive for s in TABLE.values()} | OTHER_NAMES == series.SERVED


@pytest.mark.parametrize("name", TABLE)
def test_order_20(name: str) -> None:
    served = TABLE[name]
    assert served.primitive in primitives(served.function)
    points = np.array(served.points)
    packed = oracles.flat(tk.derivatives(served.function, points, ORDER, "series").packed)
    oracles.assert_close(packed, exact(served.exact, points), 1, ORDER, oracles.ORDER_20)


def exact(f: Callable[[Any], Any], points: np.ndarray) -> np.ndarray:
    """f, f', …, f⁽²⁰⁾ in 200 bits: (21, 1, N)."""
    with oracles.precision(ORDER):
        rows = [oracles.exact_series(lambda u: [f(u)], np.array([x]), np.ones(1), ORDER)[0] for x in points]
        return np.array([[[float(c * factorial(k)) for c in column]] for k, column in enumerate(np.transpose(rows))])


def test_series_of_a_vector_output() -> None:
    d = tk.derivatives(lambda x: jnp.sin(x * np.arange(4.0)), [0.3, 1.1], 6, "series")
    assert d.packed.shape == (7, 4, 2)
    k, frequency = np.arange(7)[:, None, None], np.arange(4.0)[:, None]
    expected = frequency**k * np.sin(frequency * [0.3, 1.1] + k * np.pi / 2)
    np.testing.assert_allclose(d.packed, expected, rtol=1e-12, atol=1e-11)


def test_auto_takes_series_where_it_serves_and_nesting_is_dear() -> None:
    assert tk.derivatives(jnp.sin, [0.5], 2).method.name == "nested"
    assert tk.derivatives(jnp.sin, [0.5], 3).method.name == "series"
    assert tk.derivatives(jnp.abs, [0.5], 3).method.name == "nested"
    assert tk.derivatives(lambda x, y: x * y, ([0.5], [1.0]), 3).method.name == "nested"


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (jnp.abs, "primitive abs"),
        (lambda x: x**2.5, "primitive pow"),
        (lambda x: jnp.fmod(x, 2.0), "primitive rem"),
        (lambda x: x * jnp.floor(x).astype(int), "primitive convert_element_type"),
        (jax.nn.softplus, "primitive custom_jvp_call"),
    ],
    ids=["abs", "pow", "rem", "cast", "custom_jvp"],
)
def test_what_jet_gets_wrong_is_not_served(function: Callable, reason: str) -> None:
    with pytest.raises(SpecError, match=rf"method = 'series' does not serve .*{reason}.*use method = 'auto'"):
        tk.derivatives(function, [0.5], 3, "series")


def test_series_of_several_variables_is_refused() -> None:
    with pytest.raises(SpecError, match=r"2 variables \(one is served\); use method = 'auto' or 'nested'"):
        tk.derivatives(lambda x, y: x * y, ([0.5], [1.0]), 3, "series")
