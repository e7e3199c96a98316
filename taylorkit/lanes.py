"""Many loops in one: what `vmap` makes of a `while` whose test differs from lane to lane.

JAX keeps the test an array, with the lanes as its axes, the first ones of the state. The loop goes round as long as
one lane does; the others keep their state.
"""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.extend.core import ClosedJaxpr, JaxprEqn, jaxpr_as_fun


def in_lanes(loop: JaxprEqn) -> bool:
    """Whether a `while` is many in one."""
    return loop.params["cond_jaxpr"].out_avals[0].shape != ()


def together(loop: JaxprEqn) -> ClosedJaxpr:
    """The same as a program with one test."""
    tests, consts = loop.params["cond_nconsts"], loop.params["body_nconsts"]
    test, body = map(jaxpr_as_fun, (loop.params["cond_jaxpr"], loop.params["body_jaxpr"]))

    def looped(*operands: Any) -> list[Any]:
        asked, given, first = operands[:tests], operands[tests : tests + consts], operands[tests + consts :]
        return going_round(lambda state: test(*asked, *state)[0], lambda state: body(*given, *state), list(first))

    return jax.make_jaxpr(looped)(*(jax.ShapeDtypeStruct(a.aval.shape, a.aval.dtype) for a in loop.invars))


def going_round(test: Callable, step: Callable, first: list[Any]) -> list[Any]:
    """`lax.while_loop` whose test may be an array."""

    def kept(state: list[Any]) -> list[Any]:
        return chosen(test(state), step(state), state)

    return list(lax.while_loop(lambda state: jnp.any(test(state)), kept, first))


def chosen(going: Any, after: Sequence[Any], before: Sequence[Any]) -> list[Any]:
    """What goes on, and what stays as it was; all goes on where there is one test."""
    if not going.ndim:
        return list(after)
    wide = (going.reshape(going.shape + (1,) * (a.ndim - going.ndim)) for a in after)
    return [jnp.where(on, a, b) for on, a, b in zip(wide, after, before, strict=True)]
