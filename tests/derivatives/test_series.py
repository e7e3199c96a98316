"""Taylor arithmetic to order 20 in one variable, each primitive that it serves, against power series of real balls."""

from collections.abc import Callable
from math import factorial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flint import arb
from jax import lax

import taylorkit as tk
from taylorkit.differentiation import series
from taylorkit.errors import SpecError
from taylorkit.trace import trace
from tests.cases import tanh
from tests.derivatives import oracles


class Served(NamedTuple):
    """f, the same in flint, where to look, how far, and the primitives that it is here for."""

    primitives: str
    function: Callable[[Any], Any]
    exact: Callable[[Any], Any]
    points: tuple[float, ...]
    order: int = 20


# As many points each time: operations of one shape are compiled once.
ALL, RIGHT, NOT_ZERO = (-2.0, 0.0, 1e-12, 0.7, 5.0), (1e-3, 0.5, 1.0, 7.0, 40.0), (-2.0, -0.3, 0.05, 0.7, 6.0)
TABLE = np.arange(6.0).reshape(2, 3)
# Primitives without mathematics of their own are linear, or are checked above: a lower order shows as much.
SHORT = 4


def sines(u: Any) -> Any:
    return sum((k * u).sin() for k in range(6))


CHECKED = {
    "exp": Served("exp", jnp.exp, lambda u: u.exp(), ALL),
    "log": Served("log", jnp.log, lambda u: u.log(), RIGHT),
    "sin_plus_cos": Served(
        "sin cos add", lambda x: jnp.sin(x) + jnp.cos(x), lambda u: u.sin() + u.cos(), (-2.0, 0.0, 1e-12, 0.7, 30.0)
    ),
    "hyperbolic": Served(
        "sinh cosh", lambda x: jnp.sinh(x) + 2 * jnp.cosh(x), lambda u: (3 * u.exp() + (-u).exp()) / 2, ALL
    ),
    "tanh": Served("tanh", jnp.tanh, tanh, (-2.0, 0.0, 1e-12, 0.7, 1.5)),
    "logistic": Served("logistic", jax.nn.sigmoid, lambda u: 1 / (1 + (-u).exp()), (-20.0, 0.0, 1e-12, 0.7, 5.0)),
    "sqrt": Served("sqrt", jnp.sqrt, lambda u: u.sqrt(), RIGHT),
    "cube": Served("integer_pow", lambda x: x**3, lambda u: u**3, ALL),
    "inverse_cube": Served("integer_pow", lambda x: x**-3, lambda u: 1 / u**3, NOT_ZERO),
    "t": Served(
        "div sub neg",
        lambda x: (1 - jnp.exp(-x)) / (1 + jnp.exp(-x)),
        lambda u: (1 - (-u).exp()) / (1 + (-u).exp()),
        (-3.0, -2.0, 0.0, 0.7, 5.0),
    ),
    "runge": Served("div", lambda x: 1 / (1 + x**2), lambda u: 1 / (1 + u * u), ALL),
    "square": Served("square", lax.square, lambda u: u * u, ALL),
    "product": Served("mul", lambda x: x * jnp.sin(x), lambda u: u * u.sin(), ALL, SHORT),
    "composed": Served(
        "exp", lambda x: jnp.exp(jnp.sin(x) ** 2) / (1 + x), lambda u: (u.sin() ** 2).exp() / (1 + u), ALL, SHORT
    ),
    "broadcast": Served(
        "broadcast_in_dim", lambda x: jnp.sum(jnp.full(3, x) * jnp.sin(x)), lambda u: 3 * u * u.sin(), ALL, SHORT
    ),
    "joined": Served(
        "concatenate",
        lambda x: jnp.sum(jnp.concatenate([jnp.full(1, x), jnp.sin(jnp.full(1, x))])),
        lambda u: u + u.sin(),
        ALL,
        SHORT,
    ),
    "stacked": Served(
        "stack",
        lambda x: jnp.sum(jnp.stack([x, jnp.sin(x), jnp.exp(1.0)])),
        lambda u: u + u.sin() + arb(1).exp(),
        ALL,
        SHORT,
    ),
    "cut": Served("slice", lambda x: lax.slice(jnp.sin(x * TABLE[0]), (1,), (2,))[0], lambda u: u.sin(), ALL, SHORT),
    "squeezed": Served("squeeze", lambda x: jnp.squeeze(jnp.sin(jnp.full((1, 1), x))), lambda u: u.sin(), ALL, SHORT),
    "reshaped": Served("reshape", lambda x: jnp.sum(jnp.sin(x * TABLE).reshape(6)), sines, ALL, SHORT),
    "transposed": Served("transpose", lambda x: jnp.sum(jnp.sin(x * TABLE).T), sines, ALL, SHORT),
    "summed": Served("reduce_sum", lambda x: jnp.sum(jnp.sin(x * TABLE)), sines, ALL, SHORT),
    "contracted": Served(
        "dot_general",
        lambda x: jnp.dot(jnp.exp(-x * TABLE[0]), jnp.sin(x * TABLE[0])),
        lambda u: sum((-k * u).exp() * (k * u).sin() for k in range(3)),
        ALL,
        SHORT,
    ),
    "copied": Served("copy", lambda x: jnp.copy(jnp.sin(x)), lambda u: u.sin(), ALL, SHORT),
    "called": Served("jit", lambda x: jax.jit(jnp.sin)(x) * x, lambda u: u.sin() * u, ALL, SHORT),
}

# Names that this JAX does not write into a function's own jaxpr: pjit is jit's older name, and add_any appears in
# gradients, where it is add.
OTHER_NAMES = {"pjit", "add_any"}


def test_every_served_primitive_is_checked() -> None:
    names = {name for served in CHECKED.values() for name in served.primitives.split()}
    assert names | OTHER_NAMES == series.SERVED


@pytest.mark.parametrize("name", CHECKED)
def test_equals_exact_series(name: str) -> None:
    """Operation by operation: compiling order 20 takes seconds, and is the compiler's business."""
    served, points = CHECKED[name], np.array(CHECKED[name].points)
    traced = trace(served.function, "scalar", 1, np.dtype(float))
    assert set(served.primitives.split()) <= set(traced.primitives)
    with jax.enable_x64(True), jax.disable_jit():
        packed = jax.vmap(series.packed(traced, served.order), out_axes=-1)(points[:, None])
    oracles.assert_close(oracles.flat(packed), exact(served, points), 1, served.order, oracles.IN_SERIES)


@pytest.mark.parametrize("name", ["exp", "runge"])
def test_compiled_to_order_20(name: str) -> None:
    served, points = CHECKED[name], np.array(CHECKED[name].points)
    packed = tk.derivatives(served.function, points, 20, "series").packed
    oracles.assert_close(oracles.flat(packed), exact(served, points), 1, 20, oracles.IN_SERIES)


def exact(served: Served, points: np.ndarray) -> np.ndarray:
    """f, f', …, in 200 bits: (order+1, 1, N)."""
    with oracles.precision(served.order):
        rows = [
            oracles.exact_series(lambda u: [served.exact(u)], np.array([x]), np.ones(1), served.order)[0]
            for x in points
        ]
        return np.array([[[float(c * factorial(k)) for c in column]] for k, column in enumerate(np.transpose(rows))])


@pytest.mark.parametrize(("function", "beyond"), [(jnp.tanh, 20.0), (jax.nn.sigmoid, 40.0)], ids=["tanh", "logistic"])
def test_saturated_derivatives_are_small(function: Callable, beyond: float) -> None:
    """There v' = 1 − v² is lost to rounding, in jax.grad too: what is left is no larger than the loss."""
    packed = np.asarray(tk.derivatives(function, [beyond], 8, "series").packed)[:, 0]
    assert packed[0] == 1.0
    assert (np.abs(packed[1:]) <= oracles.EPS).all()


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
