"""Rules that a gradient or a transposition of JAX's would drop, and backward rules that are not linear."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import taylorkit as tk
from taylorkit.errors import TaylorkitError
from tests.faults.programs import METHODS

AT = 0.4


@jax.custom_jvp
def doubled(x: jax.Array) -> jax.Array:
    """sin x, of which the rule says 2 cos x: its body has another derivative."""
    return jnp.sin(x)


doubled.defjvp(lambda p, t: (doubled(*p), 2 * jnp.cos(p[0]) * t[0]))

# Ways to compute doubled(x) within a loop, a branch or a call.
WITHIN: dict[str, Callable[[Any], Any]] = {
    "scan": lambda x: lax.scan(lambda c, _: (c, doubled(x)), 0.0, None, length=2)[1].sum() / 2,
    "fori": lambda x: lax.fori_loop(0, 2, lambda _, c: c + doubled(x) / 2, jnp.zeros_like(x)),
    "map": lambda x: lax.map(doubled, jnp.stack([x, x])).mean(),
    "cond": lambda x: lax.cond(x > 0, doubled, jnp.cos, x),
    "jit": jax.jit(doubled),
}


def forward(way: Callable) -> Callable:
    """k with k' = doubled, by a rule that computes it in some way."""
    k = jax.custom_jvp(jnp.sin)
    k.defjvp(lambda p, t: (k(*p), way(p[0]) * t[0]))
    return k


def backward(way: Callable) -> Callable:
    k = jax.custom_vjp(jnp.sin)
    k.defvjp(lambda x: (k(x), x), lambda x, g: (way(x) * g,))
    return k


def residual(way: Callable) -> Callable:
    k = jax.custom_vjp(jnp.sin)
    k.defvjp(lambda x: (k(x), way(x)), lambda r, g: (r * g,))
    return k


@pytest.mark.parametrize("made", [forward, backward, residual])
@pytest.mark.parametrize("name", WITHIN)
def test_fault_R3_rules_within_loops_of_rules(made: Callable, name: str) -> None:
    """k' = sin x and k'' = 2 cos x, by the rules: x k(x) y at order 2, exact; of two variables, where nested
    begins with a gradient."""
    k = made(WITHIN[name])
    s, c = np.sin(AT), np.cos(AT)
    # ∂_x, ∂_y, ∂_xx, ∂_xy, ∂_yy of x k(x) y at (AT, 1).
    exact = [AT * s, s + AT * s, AT * s, 2 * s + 2 * AT * c, s + AT * s, 0.0]
    answered = 0
    for method in METHODS:
        try:
            found = tk.derivatives(lambda v: v[0] * k(v[0]) * v[1], np.array([[AT, 1.0]]), 2, method=method)
        except TaylorkitError as error:
            assert method == "reverse" and "in a scan" in str(error), (method, error)
            continue
        np.testing.assert_allclose(found.packed[:, 0], exact, rtol=1e-13, atol=1e-15, err_msg=method)
        answered += 1
    assert answered >= 3


def constant() -> Callable:
    """Its gradient is 1, whatever the cotangent is."""
    k = jax.custom_vjp(jnp.sin)
    k.defvjp(lambda x: (jnp.sin(x), x), lambda x, g: (jnp.ones_like(x),))
    return k


ONE = constant()

# Backward rules that are not linear in the cotangent.
BENT: dict[str, Callable[[Any, Any], Any]] = {
    "rem": lambda x, g: lax.rem(g, 0.8) * jnp.cos(x),
    "mod": lambda x, g: jnp.mod(g, 0.7),
    "trunc": lambda x, g: jnp.trunc(g),
    "nextafter": lambda x, g: lax.nextafter(g, jnp.inf * jnp.ones_like(g)) * jnp.cos(x),
    "a rule that is constant": lambda x, g: jax.vjp(lambda y: y * y + ONE(y), x)[1](g)[0],
    "another, stacked": lambda x, g: jax.vjp(lambda y: jnp.stack([y, ONE(y)]).sum(), x)[1](g)[0],
    "clipped norm": lambda x, g: g / jnp.maximum(jnp.abs(g), 1) * jnp.cos(x),
    "leaky": lambda x, g: jnp.where(g > 1, g, 2 * g) * jnp.cos(x),
    "sorted": lambda x, g: jnp.sort(jnp.stack([g, jnp.ones_like(g)]))[0],
}


@pytest.mark.parametrize("name", BENT)
def test_fault_R3_backward_rules_that_are_not_linear(name: str) -> None:
    """What JAX's gradient gives, or a refusal by name."""
    k = jax.custom_vjp(jnp.sin)
    k.defvjp(lambda x: (jnp.sin(x), x), lambda x, g: (BENT[name](x, g),))
    with jax.enable_x64(True):
        right = float(jax.grad(lambda x: 2.5 * k(x))(jnp.float64(AT)))
    for method in METHODS:
        if method == "series":
            with pytest.raises(TaylorkitError, match="not linear in its cotangents"):
                tk.derivatives(lambda x: 2.5 * k(x), np.array([AT]), 1, method=method)
        else:
            found = tk.derivatives(lambda x: 2.5 * k(x), np.array([AT]), 1, method=method).packed[1, 0]
            assert abs(found - right) < 1e-14, method
