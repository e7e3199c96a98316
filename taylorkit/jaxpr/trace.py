"""The jaxpr of a function or of its derivative, and how jaxprs lie inside one another."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import jax
import numpy as np
from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn

from taylorkit.errors import FunctionError
from taylorkit.trace import name_of

INLINED = frozenset({"jit", "pjit", "closed_call", "core_call"})
"""Primitives that only name a piece of the program: their body stands for them."""


def jaxpr_of(fun: Callable, *example: Any) -> ClosedJaxpr:
    """The jaxpr of fun at `example`, one tree of numbers or arrays an input.

    Left out, it is 1.0 for each positional parameter. Raises FunctionError where fun cannot be
    traced there, or where its parameters cannot be read.
    """
    inputs = example or scalars_for(fun)
    try:
        return jax.make_jaxpr(fun)(*inputs)
    except Exception as error:  # whatever the user's code raises; the cause is kept
        shapes = ", ".join(str(jax.tree.map(_shape, value)) for value in inputs)
        reason = (str(error).splitlines() or [""])[0]
        raise FunctionError(
            f"{name_of(fun)} could not be traced with ({shapes}): {type(error).__name__}: {reason} "
            "Give one example of each input, of the shape and dtype that it takes."
        ) from error


def scalars_for(fun: Callable) -> tuple[float, ...]:
    """1.0 for each positional parameter without a default; FunctionError where they are unknown."""
    try:
        parameters = inspect.signature(fun).parameters.values()
    except (TypeError, ValueError) as error:
        raise FunctionError(f"{name_of(fun)}: {error}. Give one example of each input after the function.") from error
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        raise FunctionError(
            f"{name_of(fun)}{inspect.signature(fun)} takes any number of inputs: "
            "give one example of each after the function."
        )
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return tuple(1.0 for p in parameters if p.kind in positional and p.default is p.empty)


def derivative(fun: Callable, order: int, *example: Any) -> Callable:
    """The nested derivative by every input: `grad` where there is one number, else `jacfwd`.

    For a function of one scalar that is grad(grad(…)), the order-th derivative alone.
    """
    inputs = example or scalars_for(fun)
    argnums = 0 if len(inputs) == 1 else tuple(range(len(inputs)))
    for _ in range(order):
        scalar = [v.aval.shape for v in jaxpr_of(fun, *inputs).jaxpr.outvars] == [()]
        fun = (jax.grad if scalar else jax.jacfwd)(fun, argnums)
    return fun


def bodies(equation: JaxprEqn) -> Iterator[tuple[str, Jaxpr, tuple]]:
    """The jaxprs in an equation's parameters: (parameter, jaxpr, values of its constants)."""
    for name, value in equation.params.items():
        several = isinstance(value, tuple | list)
        for i, item in enumerate(value if several else (value,)):
            if isinstance(item, ClosedJaxpr):
                yield f"{name}[{i}]" if several else name, item.jaxpr, tuple(item.consts)
            elif isinstance(item, Jaxpr):
                yield f"{name}[{i}]" if several else name, item, ()


def _shape(leaf: Any) -> str:
    kind = getattr(leaf, "dtype", type(leaf).__name__)
    return f"{kind}[{','.join(map(str, np.shape(leaf)))}]"
