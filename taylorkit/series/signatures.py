"""Which calls of a function of JAX's own are calls of that function.

JAX derives and maps a call under its old name: a `jit` of `sinc` may be its JVP, half of its VJP, or `sinc` of a batch.
What JAX derived has lost the names of its operands. What it mapped has lost the names of its results, and may hold the
batch along another axis than before.
"""

from collections.abc import Callable
from typing import Any

from jax.extend.core import JaxprEqn

from taylorkit.rewriting import body, equations

Signature = Callable[[JaxprEqn], bool]


def entrywise(results: int = 1) -> Signature:
    """So many results, each of the shape and type of the last operand, entry by entry."""

    def fits(equation: JaxprEqn) -> bool:
        last, found = _of(equation.invars[-1]), [_of(var) for var in equation.outvars]
        return found == [last] * results and not (is_mapped(equation) and _turns(equation))

    return fits


def row(equation: JaxprEqn) -> bool:
    """From x to the values of several functions, along a new first axis."""
    (shape, dtype), *more = (_of(var) for var in equation.outvars)
    last = _of(equation.invars[-1])
    return not more and not is_mapped(equation) and len(equation.invars) == 1 and (shape[1:], dtype) == last


def determinant(equation: JaxprEqn) -> bool:
    """From square matrices to a number each; of a batch, where its axis can't be taken for one of the matrix."""
    if (len(equation.invars), len(equation.outvars)) != (1, 1):
        return False
    (shape, dtype), found = _of(equation.invars[0]), _of(equation.outvars[0])
    *batch, rows, columns = shape if len(shape) > 1 else (0, 1)
    return rows == columns and found == (tuple(batch), dtype) and not (is_mapped(equation) and rows in batch)


def is_derived(equation: JaxprEqn) -> bool:
    """Whether JAX made the body from that of a function, by a derivative."""
    return getattr(_debug_info(equation), "arg_names", None) is None


def is_mapped(equation: JaxprEqn) -> bool:
    """Whether the body may be one of a batch. Bodies of custom rules never name their results."""
    return getattr(_debug_info(equation), "result_paths", None) is None


def _turns(equation: JaxprEqn) -> bool:
    inner = body(equation)
    return any(e.primitive.name == "transpose" for e in equations(getattr(inner, "jaxpr", inner)))


def _debug_info(equation: JaxprEqn) -> Any:
    inner = body(equation)
    return getattr(getattr(inner, "jaxpr", inner), "debug_info", None)


def _of(var: Any) -> tuple[tuple[int, ...], Any]:
    return var.aval.shape, var.aval.dtype
