"""Method `nested`: forward over forward … over reverse. Slow, obvious, and the reference.

    D^k f = jacfwd^(k−1) (grad f)   for scalar f,      D^k f = jacfwd^k f   otherwise.

The tower of all degrees is computed in one pass, each level handing the lower ones along as auxiliary output. Its cost
grows exponentially with the order, in compile time and in run time; at order 2 and below with many variables it wins.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp

from taylorkit.differentiation.gradients import has_gradient, wrong_gradient
from taylorkit.multi_index import packed_positions
from taylorkit.trace import Traced, equations
from taylorkit.vjp_rules import VJP_CALLS

NAME, LOWERINGS = "nested", ("xla",)


def unsupported(traced: Traced) -> list[str]:
    """A custom_vjp function may have no forward mode, and a `while` has no reverse mode: of both there is neither."""
    names = {e.primitive.name for e in equations(traced.jaxpr.jaxpr)}
    return ["a while together with a custom_vjp function"] if "while" in names and names & VJP_CALLS else []


def working_values(traced: Traced, order: int) -> int:
    """Numbers that one point takes: the full tensors of all degrees, Σ Dᵏ, of the largest array of f."""
    return traced.largest * sum(traced.variables**k for k in range(order + 1))


def packed(traced: Traced, order: int) -> Callable[[jax.Array], list[jax.Array]]:
    """v (D,) ↦ all ∂^α f up to `order`, in graded order: an array (C(D+k−1, k), *S) for each degree k."""
    tower = _tower(traced, order)

    def derivatives(v: jax.Array) -> list[jax.Array]:
        return [_pack(t, traced, k) for k, t in enumerate(tower(v))]

    return derivatives


def _tower(traced: Traced, order: int) -> Callable[[jax.Array], tuple[jax.Array, ...]]:
    """v ↦ (f, Df, …, Dⁿf), full tensors with the derivative axes last."""

    def level(v: jax.Array) -> tuple[jax.Array, tuple]:
        return traced.replay(v), ()

    for k in range(order):
        level = _differentiated(level, _innermost(traced) if k == 0 else jax.jacfwd)
    return lambda v: (lambda top, lower: (*lower, top))(*level(v))


def _differentiated(level: Callable, jacobian: Callable) -> Callable:
    def lifted(v: jax.Array) -> tuple[jax.Array, tuple]:
        top, lower = level(v)
        return top, (*lower, top)

    return jacobian(lifted, has_aux=True)


def _innermost(traced: Traced) -> Callable:
    """Which first derivative: `grad` for scalar f, except where only one of the two directions exists, or is right.

    A custom_vjp function that has no forward mode still has a gradient with one.
    """
    if any(e.primitive.name in VJP_CALLS for e in equations(traced.jaxpr.jaxpr)):
        return jax.jacrev
    begins = traced.shape == () and not wrong_gradient(traced) and has_gradient(traced)
    return jax.grad if begins else jax.jacfwd


def _pack(tensor: jax.Array, traced: Traced, degree: int) -> jax.Array:
    """(*S, D, …, D) ↦ (C(D+k−1, k), *S)."""
    flat = tensor.reshape(*traced.shape, -1)
    return jnp.moveaxis(flat[..., packed_positions(traced.variables, degree)], -1, 0)
