"""How large a computation is, in equations."""

from collections.abc import Callable
from typing import Any

from jax.extend.core import Jaxpr

from taylorkit.jaxpr.trace import INLINED, bodies, jaxpr_of


def count_equations(fun: Callable, *example: Any) -> int:
    """The number of equations in fun's jaxpr, as many as `describe_jaxpr` lists.

    Counted are all equations, those whose result nothing uses among them, and those of inner
    jaxprs; not the calls that only name a piece of the program (`jit`). A body counts once however
    often it runs. `example` as in `describe_jaxpr`. Raises FunctionError where fun cannot be traced there.

    >>> import jax, jax.numpy as jnp
    >>> count_equations(lambda x: x**2 + jnp.exp(x), 1.0)
    3
    """
    return _count(jaxpr_of(fun, *example).jaxpr)


def _count(jaxpr: Jaxpr) -> int:
    return sum(
        (equation.primitive.name not in INLINED) + sum(_count(body) for _, body, _ in bodies(equation))
        for equation in jaxpr.eqns
    )
