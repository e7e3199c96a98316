"""What cannot be differentiated: found by trying the method itself, abstractly, and then told by name and line.

The kernel of low order is traced as it would be compiled, so nothing is refused that would have worked. Where it fails
each equation of f is tried alone.
"""

import jax

from taylorkit.differentiation.choice import TRIED_ORDER, fails
from taylorkit.differentiation.culprits import culprits
from taylorkit.differentiation.methods import METHODS, Method, resolve, tried
from taylorkit.errors import FunctionError, SpecError
from taylorkit.trace import Traced


def require_differentiable(traced: Traced, order: int, name: str, method: str = "auto") -> None:
    """Raise FunctionError where something in f has no derivative rule, naming it and its line."""
    resolved = tried(method, traced, order, jax.default_backend())
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
    if (reason := fails(traced, order, METHODS[method.name])) is None:
        return ()
    return tuple(culprits(traced, order, method.name)) or (_advised(traced, order, method.name, reason),)


def _advised(traced: Traced, order: int, method: str, reason: str) -> str:
    others = [name for name in METHODS if name != method and _possible(traced, order, name)]
    return f"by method {method!r}: {reason}" + (f" (method = {others[0]!r} serves it)" if others else "")


def _possible(traced: Traced, order: int, method: str) -> bool:
    try:
        resolve(method, traced, order, jax.default_backend())
    except SpecError:
        return False
    return fails(traced, order, METHODS[method]) is None
