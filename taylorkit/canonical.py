"""Programs as text that depends on what they compute, not on how their source is written: JAX's lowering of them.

Stored fingerprints are hashes of these texts, so what is lowered here must stay as it is: it is no method, and does not
follow `nested` when that changes.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from taylorkit.multi_index import packed_positions
from taylorkit.trace import Traced, equations


def lowered(traced: Traced, function: Callable[[jax.Array], Any]) -> str:
    """The lowering of a function of f's one vector; the wrapper gives every function the same name."""

    def wrapper(v: jax.Array) -> Any:
        return function(v)

    with traced.scope():
        point = jax.ShapeDtypeStruct((traced.variables,), traced.dtype)
        return jax.jit(wrapper).lower(point).as_text()


def derivatives(traced: Traced, order: int) -> Callable[[jax.Array], list[jax.Array]]:
    """v ↦ f and its packed derivatives up to `order`, by forward over forward … over reverse."""

    def level(v: jax.Array) -> tuple[jax.Array, tuple]:
        return traced.function(v), ()

    for k in range(order):
        level = _differentiated(level, _innermost(traced) if k == 0 else jax.jacfwd)

    def packed(v: jax.Array) -> list[jax.Array]:
        top, lower = level(v)
        return [_pack(t, traced, k) for k, t in enumerate((*lower, top))]

    return packed


def _differentiated(level: Callable, jacobian: Callable) -> Callable:
    def lifted(v: jax.Array) -> tuple[jax.Array, tuple]:
        top, lower = level(v)
        return top, (*lower, top)

    return jacobian(lifted, has_aux=True)


def _innermost(traced: Traced) -> Callable:
    """A `while` has no reverse mode; a custom_vjp function has no forward mode, but its gradient does."""
    names = {e.primitive.name for e in equations(traced.jaxpr.jaxpr)}
    if "while" in names:
        return jax.jacfwd
    if any(name.startswith("custom_vjp") for name in names):
        return jax.jacrev
    return jax.grad if traced.shape == () else jax.jacfwd


def _pack(tensor: jax.Array, traced: Traced, degree: int) -> jax.Array:
    flat = tensor.reshape(*traced.shape, -1)
    return jnp.moveaxis(flat[..., packed_positions(traced.variables, degree)], -1, 0)
