"""Series through loops, branches, calls and custom rules, in both forms of values, against nested jacfwd."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import taylorkit as tk
from taylorkit.differentiation import series

POINTS = np.random.default_rng(0).uniform(0.2, 0.8, (5, 2))
ORDER = 3
# Two computations of a few hundred operations each, in different orders.
ROUNDING = 2.0**-40


def pendulum(v: jax.Array) -> jax.Array:
    """Runge–Kutta by scan: the end and the way there."""

    def slope(y: jax.Array) -> jax.Array:
        return jnp.stack([y[1], -jnp.sin(y[0])])

    def step(y: jax.Array, _: None) -> tuple[jax.Array, jax.Array]:
        h = 0.1
        a = slope(y)
        b = slope(y + h / 2 * a)
        c = slope(y + h / 2 * b)
        d = slope(y + h * c)
        return y + h / 6 * (a + 2 * b + 2 * c + d), y[0]

    end, way = lax.scan(step, v, None, length=5)
    return jnp.concatenate([end, way])


def newton(v: jax.Array) -> jax.Array:
    def body(state: tuple) -> tuple:
        i, x = state
        return i + 1, x - (x * x - v[0] - v[1]) / (2 * x)

    return lax.while_loop(lambda state: state[0] < 8, body, (0, v[0] + 1.0))[1]


def root(v: jax.Array) -> jax.Array:
    """The y with y³ + y = v₀ v₁: its derivatives come from the implicit function, not from the iteration."""

    def solve(f: Callable, start: jax.Array) -> jax.Array:
        return lax.fori_loop(0, 30, lambda i, y: y - f(y) / (3 * y * y + 1), start)

    return lax.custom_root(lambda y: y**3 + y - v[0] * v[1], v[0], solve, lambda g, y: y / g(1.0))


@jax.custom_jvp
def looped(x: jax.Array) -> jax.Array:
    return lax.fori_loop(0, 3, lambda i, c: jnp.sin(c) * x, x)


@looped.defjvp
def _looped_rule(primals: tuple, tangents: tuple) -> tuple:
    """A rule of no function: its loop holds the function itself, the hardest that a lazy series can meet."""
    value = looped(*primals)
    slope = lax.fori_loop(0, 3, lambda i, c: jnp.sin(c) * value, primals[0])
    return value, slope * tangents[0]


def reversed_scan(v: jax.Array) -> jax.Array:
    """A carry that begins as a number and moves after the first step, slices that move, steps from the last."""
    xs = jnp.stack([v[1], v[0] ** 2, 1.0 + v[1]])
    return jnp.stack(
        [lax.scan(lambda c, x: (c * v[0] + x, c * x), 0.0, xs, reverse=True)[0], lax.cumsum(xs, reverse=True)[0]]
    )


FUNCTIONS: dict[str, Callable[[jax.Array], jax.Array]] = {
    "pendulum": pendulum,
    "newton": newton,
    "root": root,
    "looped rule": lambda v: looped(v[0]) * v[1],
    "reversed scan": reversed_scan,
    "cond": lambda v: lax.cond(v[0] > 0.5, lambda u: jnp.sin(u[0]) * u[1], lambda u: u[0] ** 2, v),
    "one branch stays": lambda v: lax.cond(v[0] > 0.5, lambda u: jnp.ones(()), lambda u: u[0] ** 2, v),
    "switch": lambda v: lax.switch(
        (v[0] * 3).astype(int), [lambda u: u[0], lambda u: u[1] ** 2, lambda u: u[0] * u[1]], v
    ),
    "fori": lambda v: lax.fori_loop(0, 3, lambda i, c: jnp.sin(c) * v[1], v[0]),
    "counted": lambda v: lax.fori_loop(0, 3, lambda i, c: c + v[0] ** i * i, jnp.zeros(())),
    "checkpoint": lambda v: jax.checkpoint(lambda u: jnp.sin(u[0] * u[1]))(v),
    "associative scan": lambda v: lax.associative_scan(jnp.multiply, jnp.stack([v[0], v[1], v[0] + 1, v[1]]))[-1],
    "map": lambda v: jnp.sum(lax.map(lambda a: jnp.exp(a * v[0]), v)),
    "nested loops": lambda v: lax.fori_loop(
        0, 2, lambda i, c: lax.scan(lambda d, x: (d * x + v[0], None), c, jnp.stack([v[1], v[0]]))[0], v[1]
    ),
    "softplus": lambda v: jax.nn.softplus(v[0]) * jax.nn.relu(v[1]),
    "jit": lambda v: jax.jit(lambda u: jnp.tanh(u[0] * u[1]))(v),
}


@pytest.mark.parametrize("kind", ["scalars", "arrays"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_equals_nested(name: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(series, "kind", lambda traced, order: kind)

    def f(v: jax.Array) -> jax.Array:
        return FUNCTIONS[name](v)

    found = np.asarray(tk.derivatives(f, POINTS, ORDER, "series").packed)
    expected = np.asarray(tk.derivatives(f, POINTS, ORDER, "nested").packed)
    np.testing.assert_allclose(found, expected, rtol=0, atol=ROUNDING * np.abs(expected).max())


def test_a_rule_inside_its_own_loop_is_made_in_polynomial_time() -> None:
    """Order 8 of the hardest rule: 2⁸ times the loop would not be traced in this file's time."""
    points = POINTS[:, :1]
    found = np.asarray(tk.derivatives(lambda v: looped(v[0]), points, 8, "series").packed)
    low = np.asarray(tk.derivatives(lambda v: looped(v[0]), points, 3, "nested").packed)
    np.testing.assert_allclose(found[:4], low, rtol=ROUNDING)
    assert np.isfinite(found).all()


@pytest.mark.parametrize("method", ["auto", "nested", "series", "reverse"])
def test_a_custom_vjp_rule_is_honoured(method: str) -> None:
    @jax.custom_vjp
    def square(x: jax.Array) -> jax.Array:
        return x**2

    square.defvjp(lambda x: (x**2, x), lambda x, g: (5 * x * g,))
    x = POINTS[:, 0]
    found = tk.derivatives(square, x, 3, method).packed
    np.testing.assert_allclose(found, [x**2, 5 * x, 0 * x + 5, 0 * x], rtol=1e-15)
