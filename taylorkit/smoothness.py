"""Where f is not smooth: points that lie on a kink or a jump of something that f computes.

A non-smooth primitive has a switch that vanishes there: the operand of |u| and sign u, the difference of the
operands of max, min and of a comparison, the distance to the next whole number for floor and its kin. f's jaxpr is
run once more at each point with an eye on the switches. Bodies of loops and branches are not looked into. At such a
point the derivatives follow JAX's convention and are kept; status says so.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.extend.core import Jaxpr, Literal

from taylorkit.trace import Traced, equations, rerun


def _difference(a: jax.Array, b: jax.Array) -> jax.Array:
    return a - b


SWITCHES: dict[str, Callable[..., jax.Array]] = {
    "abs": lambda a: a,
    "sign": lambda a: a,
    "floor": lambda a: a - jnp.round(a),
    "ceil": lambda a: a - jnp.round(a),
    "round": lambda a: a - jnp.floor(a) - 0.5,
    "rem": lambda a, b: jnp.where(jnp.isfinite(a / b), a / b - jnp.round(a / b), 1.0),
    "clamp": lambda low, x, high: (x - low) * (x - high),
    **dict.fromkeys(("max", "min", "lt", "le", "gt", "ge", "eq", "ne"), _difference),
}
INLINED = {
    "pjit",
    "jit",
    "closed_call",
    "custom_jvp_call",
    "custom_vjp_call",
    "custom_vjp_call_jaxpr",
    "remat2",
    "checkpoint",
}


def non_smooth(traced: Traced) -> list[str]:
    """The non-smooth primitives that f uses on floating-point values."""
    used = {e.primitive.name for e in equations(traced.jaxpr.jaxpr) if _watched(e)}
    return sorted(used)


def at_kink(traced: Traced) -> Callable[[jax.Array], jax.Array]:
    """v (D,) ↦ whether some switch of f vanishes at v: a bool."""

    def kink(v: jax.Array) -> jax.Array:
        hits: list[jax.Array] = [jnp.zeros((), bool)]
        _run(traced.jaxpr.jaxpr, traced.jaxpr.consts, [v], hits)
        return jnp.stack(hits).any()

    return kink


def _watched(equation: Any) -> bool:
    floating = [jnp.issubdtype(v.aval.dtype, jnp.floating) for v in equation.invars]
    return equation.primitive.name in SWITCHES and all(floating)


def _run(jaxpr: Jaxpr, consts: list[Any], args: list[Any], hits: list[jax.Array]) -> list[Any]:
    """Evaluate `jaxpr`, adding to `hits` one bool for each switch met."""
    values: dict[Any, Any] = dict(zip(jaxpr.constvars + jaxpr.invars, [*consts, *args], strict=True))

    def read(atom: Any) -> Any:
        return atom.val if isinstance(atom, Literal) else values[atom]

    for equation in jaxpr.eqns:
        inputs = [read(atom) for atom in equation.invars]
        if _watched(equation):
            hits.append((SWITCHES[equation.primitive.name](*inputs) == 0).any())
        values.update(zip(equation.outvars, _outputs(equation, inputs, hits), strict=True))
    return [read(atom) for atom in jaxpr.outvars]


def _outputs(equation: Any, inputs: list[Any], hits: list[jax.Array]) -> list[Any]:
    inner = equation.params.get("jaxpr", equation.params.get("call_jaxpr"))
    if equation.primitive.name in INLINED and inner is not None:
        jaxpr = getattr(inner, "jaxpr", inner)
        return _run(jaxpr, getattr(inner, "consts", []), inputs, hits)
    return rerun(equation, inputs)
