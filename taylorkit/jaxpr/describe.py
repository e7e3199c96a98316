"""From a function to its description."""

import inspect
from collections.abc import Callable
from textwrap import dedent
from typing import Any

from taylorkit.jaxpr.lister import Lister
from taylorkit.jaxpr.listing import JaxprDescription
from taylorkit.jaxpr.trace import jaxpr_of


def describe_jaxpr(fun: Callable, *example: Any) -> JaxprDescription:
    """The computation that JAX sees in fun: source, inputs, constants, equations, outputs; print it
    to read it.

    `example` is one value for each input, of the shape and dtype that fun takes; left out, 1.0 for
    each positional parameter. Raises FunctionError where fun cannot be traced there.

    >>> describe_jaxpr(lambda x: x**2).equations[0].primitive
    'integer_pow'
    """
    closed = jaxpr_of(fun, *example)
    listing = Lister().listing("", closed.jaxpr, tuple(closed.consts))
    return JaxprDescription(source=source_of(fun), **vars(listing))


def source_of(fun: Callable) -> str:
    """The source text, or a note; of jax.grad(f) and its kin the source of f, marked as such."""
    try:
        text = dedent(inspect.getsource(fun)).rstrip()
    except (OSError, TypeError) as error:
        return f"(no source: {error})"
    return f"# transformed from\n{text}" if hasattr(fun, "__wrapped__") else text
