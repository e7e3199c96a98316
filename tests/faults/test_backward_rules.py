"""Backward rules: of bodies without derivatives, of cotangents that they are linear in or not."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import taylorkit as tk
from taylorkit.linearity import is_linear
from tests.faults.by_nested import METHODS, ROUNDING, Function


def backward(body: Function, slope: Function, own: bool) -> Function:
    """A custom_vjp function; its forward rule calls it, or hands on what the body found."""

    @jax.custom_vjp
    def function(x: Any) -> Any:
        return body(x)

    function.defvjp(lambda x: (function(x) if own else body(x), x), lambda x, g: (g * slope(x),))
    return function


TABLE = np.sin(np.linspace(0.0, 3.0, 3001))


def looked_up(x: Any) -> Any:
    return jnp.asarray(TABLE, x.dtype)[(x * 1000).astype(int)]


@jax.custom_vjp
def bisected(a: Any) -> Any:
    """The root of x³ + a x = 2 by bisection, which has no derivative; the rule reads it."""

    def halve(_: int, ends: Any) -> Any:
        low, high = ends
        middle = (low + high) / 2
        below = middle**3 + a * middle < 2
        return jnp.where(below, middle, low), jnp.where(below, high, middle)

    return lax.fori_loop(0, 60, halve, (jnp.zeros_like(a), 2 * jnp.ones_like(a)))[0]


def _bisected_forward(a: Any) -> Any:
    x = bisected(a)
    return x, (x, a)


bisected.defvjp(_bisected_forward, lambda held, g: (-g * held[0] / (3 * held[0] ** 2 + held[1]),))


def test_fault_R4_a_body_without_derivatives() -> None:
    """A custom_vjp rule of a body that stops gradients, looks up a table or bisects is its derivative, to every order,
    also where its forward rule hands on what the body found."""
    stopped = [backward(lambda x: lax.stop_gradient(jnp.sin(x)), jnp.cos, own) for own in (True, False)]
    table = backward(looked_up, jnp.cos, False)

    def f(x: Any) -> Any:
        return jnp.stack([x * stopped[0](x), x * stopped[1](x), x * table(x), bisected(x + 0.2)])

    sine = [0.8 * np.sin(0.8), np.sin(0.8) + 0.8 * np.cos(0.8), 0.81952854597, -2.70943364018]
    expected = np.stack([sine, sine, sine, [1, -0.25, 0.03125, 0.03515625]], axis=1)
    for method in METHODS:
        found = tk.derivatives(f, [0.8], 3, method).packed[..., 0]
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=ROUNDING, err_msg=method)


def identity(rule: Function) -> Function:
    """A custom_vjp identity with this rule (x, cotangent) ↦ cotangent."""

    @jax.custom_vjp
    def function(x: Any) -> Any:
        return x

    function.defvjp(lambda x: (x, x), lambda x, g: (rule(x, g),))
    return function


def by_turns(x: Any, g: Any) -> Any:
    """A loop whose carry begins at the cotangent, and grows by what does not depend on it."""
    return lax.fori_loop(0, 3, lambda i, c: c + x, g)


# Rules that are not linear, and what each makes of f′ = −1.82.
NOT_LINEAR: dict[str, tuple[Function, float]] = {
    "g + 1": (lambda x, g: g + 1, -0.82),
    "g + sign(x) / 10": (lambda x, g: g + 0.1 * jnp.sign(x), -1.72),
    "sign": (lambda x, g: jnp.sign(g), -1.0),
    "round": (lambda x, g: jnp.round(4 * g) / 4, -1.75),
    "stopped clip": (lambda x, g: lax.stop_gradient(jnp.clip(g, -0.5, 0.5)), -0.5),
    "constant": (lambda x, g: jnp.ones_like(g), 1.0),
    "half precision": (lambda x, g: g.astype(jnp.float16).astype(g.dtype), float(np.float16(-1.82))),
    "whole numbers": (lambda x, g: g.astype(int).astype(g.dtype), -1.0),
    "reduced": (lambda x, g: lax.reduce_precision(g, 8, 2), -1.75),
    "put beside": (lambda x, g: jnp.stack([g, x]).sum(), -1.12),
    "chosen": (lambda x, g: jnp.where(x > 1, g, x), 0.7),
    "jit": (lambda x, g: jax.jit(lambda c: c + 1)(g), -0.82),
    "branches": (lambda x, g: lax.cond(x > 0, lambda c: c + 1, lambda c: c, g), -0.82),
    "loop": (by_turns, -1.82 + 2.1),
    "square": (lambda x, g: g * g, 1.82**2),
}


@pytest.mark.parametrize("name", NOT_LINEAR)
def test_fault_R4_backward_rules_that_are_not_linear(name: str) -> None:
    """Methods that begin in reverse mode give what JAX's reverse mode gives; series says that it does not serve."""
    rule, slope = NOT_LINEAR[name]
    held = identity(rule)

    def f(x: Any) -> Any:
        return -1.3 * held(x) ** 2

    with jax.enable_x64(True):
        assert float(jax.grad(f)(0.7)) == pytest.approx(slope, rel=1e-14)
    for method in ("nested", "reverse", "auto"):
        found = tk.derivatives(f, [0.7], 1, method).packed[:, 0]
        np.testing.assert_allclose(found, [-0.637, slope], rtol=1e-14, err_msg=method)
    with pytest.raises(tk.SpecError, match=r"'series' does not serve the custom_vjp function.*not linear"):
        tk.derivatives(f, [0.7], 1, "series")


# Rules that are linear, with zeros that JAX or their author wrote.
LINEAR: dict[str, Function] = {
    "factors": lambda x, g: 0.5 * g * (1 + x),
    "zeros": lambda x, g: jnp.zeros_like(g),
    "sum with zeros": lambda x, g: g + jnp.zeros((2, 1)).reshape(2).astype(g.dtype)[0] * x,
    "mask": lambda x, g: jnp.where(x > 0, g, 0.0),
    "put into zeros": lambda x, g: jnp.zeros(3).at[1].set(g).at[2].add(2 * g) @ jnp.arange(3.0),
    "product of arrays": lambda x, g: (jnp.full((2, 2), x).T @ jnp.stack([g, 2 * g])).sum(),
    "linear solve": lambda x, g: jnp.linalg.solve(jnp.eye(2) * (1 + x), jnp.stack([g, g]))[1],
    "padded": lambda x, g: jnp.pad(jnp.cumsum(jnp.stack([g, x * g])), 1).sum(),
}


@pytest.mark.parametrize("name", LINEAR)
def test_backward_rules_that_are_linear(name: str) -> None:
    """They have a forward mode: series serves them, with the derivatives of reverse mode."""
    held = identity(LINEAR[name])

    def f(x: Any) -> Any:
        return -1.3 * held(x) ** 2

    with jax.enable_x64(True):
        expected = [float(f(0.7)), float(jax.grad(f)(0.7))]
    for method in METHODS:
        found = tk.derivatives(f, [0.7], 1, method).packed[:, 0]
        np.testing.assert_allclose(found, expected, rtol=1e-13, err_msg=method)


# Programs with branches and loops that are linear in g, and others.
LOOPS: dict[str, tuple[Function, bool]] = {
    "branches": (lambda g: lax.cond(jnp.arange(3)[1] > 0, lambda c: 2 * c, jnp.zeros_like, g), True),
    "one branch of a number": (lambda g: lax.cond(jnp.arange(3)[1] > 0, lambda c: 2 * c, jnp.ones_like, g), False),
    "a branch chosen by g": (lambda g: lax.cond(g > 0, lambda c: 2 * c, lambda c: c, g), False),
    "from zero": (lambda g: lax.fori_loop(0, 3, lambda i, c: i * c + g, jnp.zeros_like(g)), True),
    "from one": (lambda g: lax.fori_loop(0, 3, lambda i, c: i * c + g, jnp.ones_like(g)), False),
    "carried around": (lambda g: lax.scan(lambda c, i: ((c[1], c[0] * i), c[0]), (g, 1.0), jnp.ones(2))[1], False),
    "while": (lambda g: lax.while_loop(lambda c: c[0] < 9, lambda c: (2 * c[0], c[1] / 3), (1, g))[1], True),
    "while g": (lambda g: lax.while_loop(lambda c: c < 9, lambda c: 2 * c, g), False),
}


@pytest.mark.parametrize("name", LOOPS)
def test_linear_through_branches_and_loops(name: str) -> None:
    function, linear = LOOPS[name]
    assert is_linear(jax.make_jaxpr(function)(1.0)) == linear
