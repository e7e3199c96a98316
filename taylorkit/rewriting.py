"""The equations of a program, those of the jaxprs that they hold among them, and programs made of other programs."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

from jax.extend import source_info_util
from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn


def subjaxprs(equation: JaxprEqn) -> list[Jaxpr]:
    """The jaxprs that an equation's parameters hold: bodies of loops, branches, inner calls."""
    found = []
    for value in equation.params.values():
        for item in value if isinstance(value, tuple | list) else (value,):
            if isinstance(item, ClosedJaxpr):
                found.append(item.jaxpr)
            elif isinstance(item, Jaxpr):
                found.append(item)
    return found


def equations(jaxpr: Jaxpr) -> Iterator[JaxprEqn]:
    """Every equation, outer ones first, then those of the jaxprs that it holds."""
    for equation in jaxpr.eqns:
        yield equation
        for inner in subjaxprs(equation):
            yield from equations(inner)


def body(equation: JaxprEqn) -> Any:
    """The one body of a call, a Jaxpr or a ClosedJaxpr."""
    return next(equation.params[n] for n in ("jaxpr", "call_jaxpr", "fun_jaxpr") if n in equation.params)


def called(equation: JaxprEqn) -> str:
    """`f at file.py:12`: the function whose body a call holds, or where it is called."""
    inner = body(equation)
    found = getattr(getattr(inner, "jaxpr", inner).debug_info, "func_src_info", None)
    return found or f"a function at {source_line(equation)}"


def rerun(equation: JaxprEqn, inputs: list[Any]) -> list[Any]:
    """The outputs of one equation for other inputs, of the same shapes.

    What JAX's rules of a primitive add has its line. What a person's function or rule adds has one of its own.
    """
    parameters = equation.primitive.get_bind_params(equation.params)
    line = nullcontext() if subjaxprs(equation) else source_info_util.user_context(equation.source_info.traceback)
    with line:
        results = equation.primitive.bind(*inputs, **parameters)
    return list(results) if equation.primitive.multiple_results else [results]


def source_line(equation: JaxprEqn) -> str:
    """Where in the user's code an equation comes from: `file.py:12:4 (name)`."""
    return source_info_util.summarize(equation.source_info)


def placed(equation: JaxprEqn, around: str = "") -> str:
    """`while at file.py:12:4 (name)`: in functions of JAX's own the line of the call `around` it."""
    return f"{equation.primitive.name} at {source_line(equation) or around or 'a line that JAX does not tell'}"


def rewritten(value: Any, changed: Callable[[Jaxpr], Jaxpr]) -> Any:
    """A program, or a parameter of an equation, with `changed` of each jaxpr that it holds at first hand."""
    if isinstance(value, ClosedJaxpr):
        return ClosedJaxpr(changed(value.jaxpr), value.consts)
    if isinstance(value, Jaxpr):
        return changed(value)
    if isinstance(value, tuple | list) and any(isinstance(v, ClosedJaxpr | Jaxpr) for v in value):
        items = [rewritten(v, changed) for v in value]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    return value
