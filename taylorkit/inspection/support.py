"""What cannot be differentiated: found by trying the method itself, abstractly, and then told by name and line.

The kernel of low order is traced as it would be compiled, so nothing is refused that would have worked. Where it fails
each equation of f is tried alone.
"""

from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
from jax.extend.core import Jaxpr, JaxprEqn

from taylorkit.differentiation.methods import METHODS, Method, resolve
from taylorkit.errors import FunctionError, SpecError
from taylorkit.series.registry import RULES
from taylorkit.trace import Traced, rerun, source_line, subjaxprs

# A rule that cannot itself be differentiated shows at order 2.
TRIED_ORDER = 2


def require_differentiable(traced: Traced, order: int, name: str, method: str = "auto") -> None:
    """Raise FunctionError where something in f has no derivative rule, naming it and its line."""
    resolved = resolve(method, traced, order, jax.default_backend())
    if missing := obstacles(traced, order, resolved):
        raise FunctionError(
            f"{name} cannot be differentiated: {'; '.join(missing)}. Write that part with operations that JAX can "
            "differentiate, or give it a rule with jax.custom_jvp"
        )


def obstacles(traced: Traced, order: int, method: Method) -> tuple[str, ...]:
    """Primitives of f that the method has no rule for, each with its line of source; else what went wrong, and which
    method would do."""
    order = min(order, TRIED_ORDER)
    return traced.remembered(("obstacles", order, method), lambda: _obstacles(traced, order, method))


def _obstacles(traced: Traced, order: int, method: Method) -> tuple[str, ...]:
    if (reason := failure(traced, order, method.name)) is None:
        return ()
    leaves = list(_leaves(traced.jaxpr.jaxpr, order))
    culprits = [e for e, k in leaves if not _served(e, k, method.name)]
    if not culprits:  # a rule may serve its primitive in part: eigenvalues, but not eigenvectors
        culprits = [e for e, k in leaves if e.primitive.name in RULES and not _served(e, k, "nested")]
    named = dict.fromkeys(f"{e.primitive.name} at {source_line(e)}" for e in culprits)
    return tuple(named) or (_advised(traced, order, method.name, reason),)


def failure(traced: Traced, order: int, method: str) -> str | None:
    """What a method raises when its kernel is traced; None where it does not fail."""
    try:
        with traced.scope():
            points = jax.ShapeDtypeStruct((2, traced.variables), traced.dtype)
            jax.eval_shape(jax.vmap(METHODS[method].packed(traced, order), out_axes=-1), points)
    except Exception as error:  # whatever a missing rule raises
        first, *_ = str(error).splitlines() or [""]
        return f"{type(error).__name__}: {first}"
    return None


def _advised(traced: Traced, order: int, method: str, reason: str) -> str:
    others = [name for name in METHODS if name != method and _possible(traced, order, name)]
    return f"by method {method!r}: {reason}" + (f" (method = {others[0]!r} serves it)" if others else "")


def _possible(traced: Traced, order: int, method: str) -> bool:
    try:
        resolve(method, traced, order, jax.default_backend())
    except SpecError:
        return False
    return failure(traced, order, method) is None


def _leaves(jaxpr: Jaxpr, order: int) -> Iterator[tuple[JaxprEqn, int]]:
    """The equations without bodies, and to which order each must work: what a custom rule serves, to order 0."""
    for equation in jaxpr.eqns:
        inner = subjaxprs(equation)
        if not inner:
            yield equation, order
        for body in inner:
            yield from _leaves(body, 0 if equation.primitive.name == "custom_jvp_call" else order)


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
