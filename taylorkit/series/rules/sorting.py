"""Sorting, and the places of extremes. Where keys are equal their order is that beside x₀: see `sides`.

Entries are put in order by their value, then by what they grow by along `monomials.direction`, degree by degree. One
order serves all degrees, so that a smooth function of sorted numbers has its own derivatives.
"""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.extend.core import JaxprEqn

from taylorkit.series.algebra import Series
from taylorkit.series.forms import Value, moves
from taylorkit.series.parts import Dense
from taylorkit.series.registry import RULES, Rule, whole


def keys(run: Any, value: Value, aval: Any) -> list[Any]:
    """The value of each entry, and how it goes on beside x₀."""
    if not moves(value):
        return [jnp.broadcast_to(value, aval.shape)]
    u = run.whole(value, aval)
    above = [part.along(None).array[0] for part in map(u.peek, range(1, run.order + 1)) if part is not None]
    return [jnp.broadcast_to(a, aval.shape) for a in (u.value.array[0], *above)]


def _order(columns: Sequence[Any], axis: int) -> Any:
    """The places of the entries in order, along one axis."""
    places = lax.broadcasted_iota(jnp.int32, columns[0].shape, axis)
    return lax.sort([*columns, places], dimension=axis, is_stable=True, num_keys=len(columns))[-1]


def _taken(run: Any, value: Value, aval: Any, places: Any, axis: int, out: Any) -> Value:
    """The entries of a value at places along an axis."""

    def take(array: Any) -> Any:
        return jnp.take_along_axis(jnp.broadcast_to(array, aval.shape), places, axis)

    if not moves(value):
        return take(value)
    u = run.whole(value, aval)

    def degree(k: int) -> Dense | None:
        part = u.part(k)
        return None if part is None else part.map(jax.vmap(take))

    return run.deliver(Series(degree, u.start, u.stop), out.aval)


@whole("sort")
def sort(run: Any, equation: JaxprEqn, inputs: list[Value]) -> list[Value]:
    axis, count = equation.params["dimension"], equation.params["num_keys"]
    operands = list(zip(inputs, equation.invars, strict=True))
    places = _order([column for v, atom in operands[:count] for column in keys(run, v, atom.aval)], axis)
    outs = zip(operands, equation.outvars, strict=True)
    return [_taken(run, v, atom.aval, places, axis, out) for (v, atom), out in outs]


@whole("top_k")
def top_k(run: Any, equation: JaxprEqn, inputs: list[Value]) -> list[Value]:
    aval, (largest, _) = equation.invars[0].aval, equation.outvars
    axis = equation.params.get("axis", aval.ndim - 1) % aval.ndim
    places = _order([-column for column in keys(run, inputs[0], aval)], axis)
    places = lax.slice_in_dim(places, 0, equation.params["k"], axis=axis)
    return [_taken(run, inputs[0], aval, places, axis, largest), places]


def _place(towards: float) -> Rule:
    """Of argmax and argmin: of several the one that goes furthest beside x₀."""

    def place(run: Any, equation: JaxprEqn, inputs: list[Value]) -> list[Value] | None:
        (axis,), aval = equation.params["axes"], equation.invars[0].aval
        if not jnp.issubdtype(aval.dtype, jnp.floating):
            return None
        foremost = jnp.ones(aval.shape, bool)
        for column in keys(run, inputs[0], aval):
            gain = jnp.where(jnp.isnan(column), jnp.inf, towards * column)  # the first NaN is what JAX takes
            gain = jnp.where(foremost, gain, -jnp.inf)
            foremost = foremost & (gain == gain.max(axis, keepdims=True))
        return [lax.argmax(foremost.astype(jnp.int8), axis, equation.params["index_dtype"])]

    return Rule("constant", place)


RULES["argmax"], RULES["argmin"] = _place(1.0), _place(-1.0)
