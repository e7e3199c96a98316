"""Where f is not smooth: points that lie on a kink or a jump of something that f computes.

A non-smooth primitive has a switch that vanishes there: the operand of |u| and sign u, the difference of the
operands of max, min and of a comparison, the distance to the next whole number for floor and its kin. f's jaxpr is
run once more at each point with an eye on the switches. A custom derivative rule is watched in place of the function
that it serves: softplus takes a maximum, but its rule does not. Bodies of loops and branches are not looked into. At
such a point the derivatives follow JAX's convention and are kept; status says so.
"""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.dtypes import float0
from jax.extend.core import ClosedJaxpr, Jaxpr, Literal

from taylorkit.trace import Traced, equations, rerun


def _difference(a: jax.Array, b: jax.Array, **_: Any) -> jax.Array:
    return a - b


def _largest_alone(a: jax.Array, axes: Sequence[int], **_: Any) -> jax.Array:
    """0 where two entries share the maximum."""
    return jnp.minimum((a == a.max(axis=axes, keepdims=True)).sum(axis=axes), 2) - 2


def _gaps(a: jax.Array, *others: jax.Array, dimension: int, **_: Any) -> jax.Array:
    """What lies between neighbours in sorted order."""
    return jnp.diff(jnp.sort(a, axis=dimension), axis=dimension)


SWITCHES: dict[str, Callable[..., jax.Array]] = {
    "abs": lambda a, **_: a,
    "sign": lambda a, **_: a,
    "floor": lambda a, **_: a - jnp.round(a),
    "ceil": lambda a, **_: a - jnp.round(a),
    "round": lambda a, **_: a - jnp.floor(a) - 0.5,
    "rem": lambda a, b, **_: jnp.where(jnp.isfinite(a / b), a / b - jnp.round(a / b), 1.0),
    "clamp": lambda low, x, high, **_: (x - low) * (x - high),
    "reduce_max": _largest_alone,
    "reduce_min": lambda a, axes, **_: _largest_alone(-a, axes),
    "sort": _gaps,
    **dict.fromkeys(("max", "min", "lt", "le", "gt", "ge", "eq", "ne"), _difference),
}
INLINED = {"pjit", "jit", "closed_call", "custom_vjp_call", "custom_vjp_call_jaxpr", "remat2", "checkpoint"}
# Piecewise constant: what is made of their results alone does not move with v, and to compare it is no switch.
STEPS = frozenset("sign floor ceil round lt le gt ge eq ne is_finite argmax argmin".split())

Seen = tuple[Any, bool]
"""A value, and whether it moves with v."""


def non_smooth(traced: Traced) -> list[str]:
    """The non-smooth primitives that f uses on floating-point values."""
    used = {e.primitive.name for e in equations(traced.jaxpr.jaxpr) if _watched(e)}
    return sorted(used)


def at_kink(traced: Traced) -> Callable[[jax.Array], jax.Array]:
    """v (D,) ↦ whether some switch of f vanishes at v: a bool."""

    def kink(v: jax.Array) -> jax.Array:
        hits: list[jax.Array] = [jnp.zeros((), bool)]
        _run(traced.jaxpr.jaxpr, traced.jaxpr.consts, [(v, True)], hits)
        return jnp.stack(hits).any()

    return kink


def _watched(equation: Any) -> bool:
    floating = [jnp.issubdtype(v.aval.dtype, jnp.floating) for v in equation.invars]
    # isnan is x ≠ x: equal everywhere, and no switch.
    same = len(equation.invars) == 2 and equation.invars[0] is equation.invars[1]
    return equation.primitive.name in SWITCHES and all(floating) and not same


def _run(
    jaxpr: Jaxpr, consts: Sequence[Any], args: list[Seen], hits: list[jax.Array], rules: bool = True
) -> list[Seen]:
    """Evaluate `jaxpr`, adding to `hits` one bool for each switch met; custom rules are looked into where `rules`."""
    fixed = [(c, False) for c in consts]
    values: dict[Any, Seen] = dict(zip([*jaxpr.constvars, *jaxpr.invars], [*fixed, *args], strict=True))

    felt = _felt(jaxpr)

    def read(atom: Any) -> Seen:
        return (atom.val, False) if isinstance(atom, Literal) else values[atom]

    for equation in jaxpr.eqns:
        seen = [read(atom) for atom in equation.invars]
        inputs = [value for value, _ in seen]
        moves = any(moving for _, moving in seen) and not felt.isdisjoint(equation.outvars)
        if moves and _watched(equation):
            hits.append((SWITCHES[equation.primitive.name](*inputs, **equation.params) == 0).any())
        if moves and rules and equation.primitive.name == "custom_jvp_call":
            rule = _rule(equation, inputs)
            _run(rule.jaxpr, rule.consts, seen, hits, rules=False)
        values.update(zip(equation.outvars, _outputs(equation, seen, hits if moves else [], rules), strict=True))
    return [read(atom) for atom in jaxpr.outvars]


def _felt(jaxpr: Jaxpr) -> set[Any]:
    """The variables whose changes the results feel: not what is only read through `stop_gradient`, as the maximum that
    logsumexp takes out."""
    felt = {atom for atom in jaxpr.outvars if not isinstance(atom, Literal)}
    for equation in reversed(jaxpr.eqns):
        if equation.primitive.name != "stop_gradient" and not felt.isdisjoint(equation.outvars):
            felt.update(atom for atom in equation.invars if not isinstance(atom, Literal))
    return felt


def _outputs(equation: Any, seen: list[Seen], hits: list[jax.Array], rules: bool) -> list[Seen]:
    inner = equation.params.get("jaxpr", equation.params.get("call_jaxpr"))
    if equation.primitive.name in INLINED and inner is not None:
        return _run(getattr(inner, "jaxpr", inner), getattr(inner, "consts", []), seen, hits, rules)
    moves = equation.primitive.name not in STEPS and any(moving for _, moving in seen)
    return [(value, moves) for value in rerun(equation, [value for value, _ in seen])]


def _rule(equation: Any, inputs: list[Any]) -> ClosedJaxpr:
    """The program of a custom rule: the inputs ↦ (value, change) for the direction of ones."""

    def push(*values: jax.Array) -> Any:
        moving = [jnp.issubdtype(v.dtype, jnp.floating) for v in values]
        change = (jnp.ones_like(v) if m else np.zeros(v.shape, float0) for v, m in zip(values, moving, strict=True))
        return jax.jvp(lambda *given: rerun(equation, list(given)), values, tuple(change))

    return jax.make_jaxpr(push)(*inputs)
