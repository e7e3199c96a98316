"""Method `series`: Taylor arithmetic, one truncated power series through every operation of f.

Cost grows quadratically with the order where nesting grows exponentially. One variable so far, on
`jax.experimental.jet`, which is wrong or silent about some primitives (`pow` at negative arguments, `rem`, casts to
integers) and fails on others; so only primitives on which it was compared with an exact oracle are let through.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax.experimental import jet

from taylorkit import multi_index
from taylorkit.trace import Traced, equations

NAME, LOWERING = "series", "jet"

# Each name is checked in tests/derivatives/test_series.py to order 20.
SERVED = frozenset(
    "add sub mul div neg exp log sin cos sinh cosh tanh logistic sqrt integer_pow square "
    "add_any broadcast_in_dim reshape squeeze slice concatenate stack transpose reduce_sum dot_general "
    "copy pjit jit".split()
)


def unsupported(traced: Traced) -> list[str]:
    """Why this method does not serve f, a phrase each; empty where it does."""
    missing = sorted({e.primitive.name for e in equations(traced.jaxpr.jaxpr) if not _served(e)})
    several = [f"{traced.variables} variables (one is served)"] if traced.variables > 1 else []
    return several + [f"primitive {name}" for name in missing]


def _served(equation: jax.extend.core.JaxprEqn) -> bool:
    if equation.primitive.name == "convert_element_type":
        return all(jnp.issubdtype(v.aval.dtype, jnp.floating) for v in equation.invars)
    return equation.primitive.name in SERVED


def working_values(traced: Traced, order: int) -> int:
    """Numbers that one point takes: a series for each operation of f, at most."""
    return (order + 1) * max(traced.outputs, sum(v.aval.size for e in traced.jaxpr.jaxpr.eqns for v in e.outvars))


def packed(traced: Traced, order: int) -> Callable[[jax.Array], jax.Array]:
    """v (1,) ↦ f, f', …, f⁽ⁿ⁾ (n+1, *S)."""

    factorials = multi_index.factorials(1, order).tolist()

    def derivatives(v: jax.Array) -> jax.Array:
        # f itself, not jet's: its primals of tanh and its kin are off by 9e-5 of themselves near 0.
        value = traced.function(v)
        if order == 0:
            return value[None]
        seed = [jnp.ones_like(v)] + [jnp.zeros_like(v)] * (order - 1)
        # Our own factorials: jet's come from lgamma, and make the second derivative of x**2 1.999999999999995.
        _, terms = jet.jet(traced.function, (v,), (seed,), factorial_scaled=False)
        scaled = (t * factorial for t, factorial in zip(terms, factorials[1:], strict=True))
        return jnp.stack([value, *(jnp.broadcast_to(t, value.shape) for t in scaled)])

    return derivatives
