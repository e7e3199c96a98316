"""Which equations of f a method cannot differentiate: each is tried alone, in f and in the rules of its functions."""

from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
from jax.extend.core import Jaxpr, JaxprEqn

from taylorkit import motion
from taylorkit.rewriting import placed, source_line
from taylorkit.series.general import jvp_program
from taylorkit.series.registry import RULES
from taylorkit.trace import Traced, rerun, subjaxprs


def culprits(traced: Traced, order: int, method: str) -> list[str]:
    """`pure_callback at file.py:12:4 (name)`: what has no rule by this method up to the order, each once."""
    with traced.scope():
        leaves = list(_leaves(traced.jaxpr.jaxpr, order))
        found = [(e, at) for e, k, at in leaves if not _served(e, k, method)]
        if not found:  # a rule may serve its primitive in part: eigenvalues, but not eigenvectors
            found = [(e, at) for e, k, at in leaves if e.primitive.name in RULES and not _served(e, k, "nested")]
        if not found:  # or fail among others only: then it is one that has no rule here
            found = [(e, at) for e, _, at in leaves if e.primitive.name not in RULES]
    return list(dict.fromkeys(placed(e, at) for e, at in found))


def _leaves(jaxpr: Jaxpr, order: int, around: str = "") -> Iterator[tuple[JaxprEqn, int, str]]:
    """The equations that no others stand for, to which order each must work, and the line of the call around it: what a
    custom rule serves, to order 0, and what the rule computes, to one less."""
    for equation in jaxpr.eqns:
        ruled = equation.primitive.name == "custom_jvp_call"
        if equation.primitive.name not in motion.BODIES:
            yield equation, order, around
            continue
        line = source_line(equation) or around
        for body in subjaxprs(equation):
            yield from _leaves(body, 0 if ruled else order, line)
        if ruled and order:
            yield from _leaves(_rule(equation), order - 1, line)


def _rule(equation: JaxprEqn) -> Jaxpr:
    """What a custom rule computes; nothing where it cannot be traced."""
    try:
        return jvp_program(equation, [jnp.issubdtype(a.aval.dtype, jnp.inexact) for a in equation.invars]).jaxpr
    except Exception:  # whatever a rule raises: the method that met it says so
        return jax.make_jaxpr(lambda: ())().jaxpr


def _served(equation: JaxprEqn, order: int, method: str) -> bool:
    """Whether this one equation can be mapped over points and pushed forward `order` times."""
    if not equation.invars:
        return True
    arguments = [jax.ShapeDtypeStruct((2, *v.aval.shape), v.aval.dtype) for v in equation.invars]
    moving = [jnp.issubdtype(a.dtype, jnp.inexact) for a in arguments]
    if order == 0 or not any(moving) or (method != "nested" and equation.primitive.name in RULES):
        moving = [False] * len(moving)

    def push(values: list[Any]) -> Any:
        def alone(*floats: Any) -> Any:
            given = iter(floats)
            return rerun(equation, [next(given) if m else v for m, v in zip(moving, values, strict=True)])

        floats = tuple(v for m, v in zip(moving, values, strict=True) if m)
        return _pushed(alone, order)(*floats) if floats else alone()

    try:
        jax.eval_shape(jax.vmap(push), arguments)
    except Exception:  # whatever a missing rule raises
        return False
    return True


def _pushed(function: Callable[..., Any], times: int) -> Callable[..., Any]:
    """JVP of JVP of … of a function of arrays, along themselves."""
    if not times:
        return function
    return lambda *floats: jax.jvp(_pushed(function, times - 1), floats, floats)
