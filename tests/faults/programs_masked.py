"""Programs with a mask before a pole."""

from typing import Any

import jax
import jax.numpy as jnp
import mpmath as mp
from jax import lax

from tests.faults.program_case import Case


def pairs(v: jax.Array) -> jax.Array:
    """Σ 1/r⁶ over pairs, the diagonal masked."""
    r = v[:, None] - v[None, :]
    return jnp.where(r > 0, 1 / r**6, 0).sum()


def picked_pairs(v: jax.Array) -> jax.Array:
    """The same, by the indices of a triangle."""
    return (1 / (v[:, None] - v[None, :]) ** 6)[jnp.tril_indices(len(v), -1)].sum()


def plain_pairs(v: jax.Array) -> jax.Array:
    return sum(1 / (v[i] - v[j]) ** 6 for i in range(len(v)) for j in range(i))


def entropy(v: jax.Array) -> jax.Array:
    return -jnp.where(v > 0, v * jnp.log(v), 0).sum()


def mp_entropy(x: Any, y: Any, z: Any) -> Any:
    """Of which y is 0, and masked."""
    return -x * mp.log(x) - z * mp.log(z)


def branch(v: jax.Array) -> jax.Array:
    return lax.cond(v[0] > 0, jnp.log, jnp.exp, v[0]) + jnp.where(v[0] > 1, jnp.sqrt(v[0] - 0.6), 0)


MASKED: tuple[Case, ...] = (
    Case("masked pairs", pairs, (0.1, 0.9, 1.8), plain_pairs, plain=True, order=3, quick=True),
    Case("picked pairs", picked_pairs, (0.1, 0.9, 1.8), plain_pairs, plain=True, order=3),
    Case("masked entropy", entropy, (0.3, 0.0, 0.6), mp_entropy, order=3),
    Case("masked branch", branch, (0.6,), mp.log, order=3),
)
