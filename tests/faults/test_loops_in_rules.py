"""Loops and branches on the directions of derivative rules, and on the cotangents of backward ones."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from numpy.polynomial import Polynomial

import taylorkit as tk
from taylorkit.differentiation import series
from taylorkit.trace import trace

# A few dozen operations in double precision, in other orders than the exact sums.
ROUNDING = 1e-13

X = Polynomial([0, 1])
Slope = Callable[[Any, Any], Any]
"""(x, direction or cotangent) ↦ what the rule makes of it."""


def pushing(slope: Slope) -> Callable[[Any], Any]:
    @jax.custom_jvp
    def function(x: Any) -> Any:
        return jnp.ones_like(x)

    function.defjvp(lambda p, t: (function(*p), slope(p[0], t[0])))
    return function


def pulling(slope: Slope) -> Callable[[Any], Any]:
    @jax.custom_vjp
    def function(x: Any) -> Any:
        return jnp.ones_like(x)

    function.defvjp(lambda x: (function(x), x), lambda x, g: (slope(x, g),))
    return function


def scanned(x: Any, d: Any) -> Any:
    return lax.scan(lambda c, i: (x * c, c), d, None, length=3)[1].sum()


def horner(x: Any, d: Any) -> Any:
    return lax.fori_loop(0, 3, lambda i, c: c * x + d, jnp.zeros_like(d))


# What each rule does with its direction, and the slope that it thereby has, at points between ½ and 1.
RULES: list[tuple[Slope, Polynomial]] = [
    (lambda x, d: lax.cond(x > 0, lambda d: x * x * d, lambda d: 2 * d, d), X**2),
    (lambda x, d: lax.cond(x > 9, lambda x, d: x * d, lambda x, d: jnp.zeros_like(d), x, d), 0 * X),
    (lambda x, d: lax.switch(2, [lambda d: d, lambda d: x * d, lambda d: 3 * d], x * d), 3 * X),
    (lambda x, d: lax.fori_loop(0, 3, lambda i, c: x * c, d), X**3),
    (scanned, 1 + X + X**2),
    (horner, 1 + X + X**2),
    (lambda x, d: lax.map(lambda a: a * d, jnp.stack([x, x**3])).sum(), X + X**3),
]
# Their loops have no gradient, and their rules no transpose.
WHILES: list[tuple[Slope, Polynomial]] = [
    (lambda x, d: lax.while_loop(lambda c: c[0] < 3, lambda c: (c[0] + 1, x * c[1]), (0, d))[1], X**3),
    (lambda x, d: lax.while_loop(lambda c: c[0] < 3, lambda c: (c[0] + x, x * c[1] + d), (0 * x, d))[1], None),
]
AT = 0.8  # where the last goes round four times
WHILES[1] = WHILES[1][0], 1 + X + X**2 + X**3 + X**4


def stacked(pushed: list, pulled: list) -> Callable[[Any], Any]:
    functions = [pushing(slope) for slope, _ in pushed] + [pulling(slope) for slope, _ in pulled]
    return lambda x: jnp.stack([x * g(x) for g in functions])


def expected(rules: list[tuple[Slope, Polynomial]], order: int) -> np.ndarray:
    """x g(x) with g = 1 at the point and g′ the slope: (P, rules)."""
    rows = []
    for _, slope in rules:
        g = [1.0, *(slope.deriv(k)(AT) for k in range(order))]
        rows.append([AT * g[k] + (k * g[k - 1] if k else 0) for k in range(order + 1)])
    return np.transpose(rows)


@pytest.mark.parametrize(
    ("method", "pushed", "pulled"),
    [("series", RULES[:4], RULES[4:]), ("reverse", RULES[3:4], RULES[5:6]), ("auto", WHILES[:1], WHILES[1:])],
)
def test_fault_R24_loops_and_branches_on_a_direction(method: str, pushed: list, pulled: list) -> None:
    """A direction may have no value at degree 0; a loop takes it all the same."""
    found = tk.derivatives(stacked(pushed, pulled), [AT], 3, method).packed[..., 0]
    np.testing.assert_allclose(found, expected([*pushed, *pulled], 3), rtol=ROUNDING, atol=ROUNDING)


def test_loops_and_branches_on_whole_arrays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(series, "kind", lambda *_: "arrays")
    traced = trace(stacked(RULES[4:], RULES[:4]), "scalar", 1, np.dtype(float))
    with traced.scope():
        found = np.concatenate(jax.jit(series.packed(traced, 2))(jnp.array([AT])))
    np.testing.assert_allclose(found, expected([*RULES[4:], *RULES[:4]], 2), rtol=ROUNDING, atol=ROUNDING)


@jax.custom_vjp
def pulled(x: Any) -> Any:
    return jnp.sin(x)


pulled.defvjp(lambda x: (pulled(x), x), lambda x, g: (g * jnp.cos(x),))


@jax.custom_jvp
def pushed(x: Any) -> Any:
    return jnp.sin(x)


pushed.defjvp(lambda p, t: (pushed(*p), lax.cond(p[0] > 9, lambda d: d, lambda d: d * jnp.cos(p[0]), t[0])))


def in_loops(g: Callable[[Any], Any], v: Any) -> Any:
    """A function vmapped within loops and branches, and a loop of it vmapped."""
    many = jax.vmap(g)
    return jnp.stack([
        lax.scan(lambda c, _: (many(c) * v, None), v, None, length=2)[0].sum(),
        lax.scan(lambda c, x: (c + g(x), c * g(c * x)), v[0], v)[1].sum(),
        lax.fori_loop(0, 2, lambda i, c: many(c) + v, v)[1],
        lax.cond(v[0] > 0, lambda v: many(v).sum(), lambda v: v.sum(), v),
        jax.vmap(many)(jnp.outer(v, v)).sum(),
        jax.vmap(lambda x: lax.fori_loop(0, 2, lambda i, c: g(c) * x, x))(v).sum(),
    ])  # fmt: skip


@pytest.mark.parametrize("g", [pulled, pushed])
def test_rules_vmapped_in_loops(g: Callable[[Any], Any]) -> None:
    point = np.array([[0.7, 0.4]])
    right = tk.derivatives(lambda v: in_loops(jnp.sin, v), point, 2, "nested").packed
    found = tk.derivatives(lambda v: in_loops(g, v), point, 2, "series").packed
    np.testing.assert_allclose(found, right, rtol=ROUNDING, atol=ROUNDING)
