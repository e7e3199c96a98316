"""A matrix times a vector of series, computed as the vector times the matrix.

Monomials and points then stand in rows, the matrix lies in memory as the product reads it, and no result has to be
turned round.
"""

from typing import Any

import jax.numpy as jnp
from jax.extend.core import JaxprEqn

from taylorkit.series.forms import Value, moves


def in_rows(equation: JaxprEqn, inputs: list[Value]) -> tuple[JaxprEqn, list[Value]]:
    """The same product with its operands changed over, where it is one of a plain array with a vector of series."""
    if equation.primitive.name != "dot_general" or moves(inputs[0]):
        return equation, inputs
    (left, right), (_, batch) = equation.params["dimension_numbers"]
    if batch or equation.invars[1].aval.ndim != len(right):
        return equation, inputs
    matrix = jnp.moveaxis(inputs[0], left, range(len(left)))
    return _swapped(equation, right, tuple(range(len(left)))), [inputs[1], matrix]


def _swapped(equation: JaxprEqn, left: Any, right: Any) -> JaxprEqn:
    precision = equation.params["precision"]
    changed = {
        "dimension_numbers": ((left, right), ((), ())),
        "precision": precision[::-1] if isinstance(precision, tuple) else precision,
    }
    return equation.replace(invars=equation.invars[::-1], params=equation.params | changed)
