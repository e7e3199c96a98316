"""What the golden artifacts hold: a function that no mended fault touches, and one whose numbers of 0.4 are wrong."""

import jax
import jax.numpy as jnp
from jax import lax


def wave(x: jax.Array, y: jax.Array) -> jax.Array:
    """Nothing of it was wrong in 0.4."""
    return jnp.sin(x) * y + x**2 * y


def root(a: jax.Array) -> jax.Array:
    """The root of x³ + a x = 2: in 0.4 its derivatives above the first are wrong, at a = 1 −0.03125 for 0.03125."""

    def residual(x: jax.Array) -> jax.Array:
        return x**3 + a * x - 2

    def solve(g: object, x0: jax.Array) -> jax.Array:
        return lax.fori_loop(0, 40, lambda _, x: x - (x**3 + a * x - 2) / (3 * x**2 + a), x0)

    return lax.custom_root(residual, jnp.ones_like(a), solve, lambda g, y: y / g(jnp.ones_like(y)))
