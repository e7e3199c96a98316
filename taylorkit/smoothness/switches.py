"""The non-smooth primitives. Each has a switch that vanishes where it is not smooth.

The operand of |u| and sign u, the difference of the operands of max, min and of a comparison, the distance to the next
whole number for floor and its kin.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import JaxprEqn, Literal


def _difference(a: jax.Array, b: jax.Array, **_: Any) -> jax.Array:
    return a - b


def _largest_alone(a: jax.Array, axes: Sequence[int], **_: Any) -> jax.Array:
    """0 where two entries share the maximum."""
    return jnp.minimum((a == a.max(axis=axes, keepdims=True)).sum(axis=axes), 2) - 2


def _least_alone(a: jax.Array, axes: Sequence[int], **_: Any) -> jax.Array:
    return _largest_alone(-a, axes)


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
    "reduce_min": _least_alone,
    "argmax": _largest_alone,
    "argmin": _least_alone,
    "sort": _gaps,
    **dict.fromkeys(("max", "min", "lt", "le", "gt", "ge", "eq", "ne"), _difference),
}

CONTINUOUS = frozenset("abs max min clamp reduce_max reduce_min".split())
"""Those that bend but do not jump."""

EQUALITY = frozenset("eq ne".split())
"""Those that single out a point: both sides of the switch are alike."""


RESHAPING = frozenset("reshape broadcast_in_dim squeeze".split())


def watched(equation: JaxprEqn) -> bool:
    """Whether an equation has a switch, on floating-point values."""
    floating = [jnp.issubdtype(v.aval.dtype, jnp.floating) for v in equation.invars]
    # isnan is x ≠ x: equal everywhere, and no switch.
    same = len(equation.invars) == 2 and equation.invars[0] is equation.invars[1]
    return (
        equation.primitive.name in SWITCHES and all(floating) and not same and not any(map(_infinite, equation.invars))
    )


def _infinite(atom: Any) -> bool:
    """What infinity is compared with never reaches it."""
    return isinstance(atom, Literal) and bool(np.isinf(atom.val).all())


def continuous(equation: JaxprEqn) -> bool:
    """Whether the results only bend where the switch vanishes. What is sorted along with others jumps at their ties."""
    return equation.primitive.name in CONTINUOUS or (equation.primitive.name == "sort" and len(equation.outvars) == 1)


def finds_its_place(equation: JaxprEqn, made: Mapping[Any, JaxprEqn]) -> bool:
    """Whether an equality asks which operand a maximum or a minimum took, as their derivatives do: it holds all along.

    `made` has the equation that made each variable.
    """
    if equation.primitive.name not in EQUALITY:
        return False
    a, b = equation.invars
    return any(_extreme_of(x, y, made) for x, y in ((a, b), (b, a)) if not isinstance(x, Literal))


def _extreme_of(extreme: Any, operand: Any, made: Mapping[Any, JaxprEqn]) -> bool:
    maker = made.get(extreme)
    while maker is not None and maker.primitive.name in RESHAPING:
        maker = made.get(maker.invars[0])
    return maker is not None and maker.primitive.name in CONTINUOUS and any(operand is v for v in maker.invars)


def vanishes(equation: JaxprEqn, inputs: Sequence[Any]) -> jax.Array:
    """Where the switch is 0: bool."""
    return SWITCHES[equation.primitive.name](*inputs, **equation.params) == 0
