"""How many operations all derivatives of one point take: formulas, not a measurement.

`series`, D variables, order n, P = C(D+n, n) coefficients; counted for each entry of the larger of operands and result:

| an operation of f | takes |
|---|---|
| of values that do not move, and steps | 1, at degree 0 alone |
| linear, and what chooses or adds (abs, max, select, …) | P |
| not linear: a product, a recurrence | 2 C(2D+n, n): × and + for each pair of terms of degrees j + k ≤ n |
| a matrix product | 2 m k l times P where one side moves, times C(2D+n, n) where both do |
| moving entries about | 0 |
| without an own rule | those of the program of its JVP |
| linear algebra | 2 C(2D+n, n) for each entry, times the length of its last axis |

The body of a loop counts as often as it runs; of a `while`, once. `reverse` is `series` at order n − 1 on the program
of the gradient. `nested`: F (1 + 2D)ⁿ, where a level pushes D directions through what the last one made, two operations
each, F the operations of f; 4 F (1 + 2D)^(n−1) where the first level is a gradient.
"""

from collections.abc import Callable
from math import prod
from typing import Any

from jax.extend.core import Jaxpr

from taylorkit import motion
from taylorkit.differentiation import reverse
from taylorkit.motion import Use
from taylorkit.multi_index import count
from taylorkit.series.general import jvp_program
from taylorkit.series.registry import RULES
from taylorkit.trace import Traced

CHOOSING = frozenset("add add_any sub neg copy copy_p real_copy abs max min clamp select_n rem".split())
# Which operands move where a product or a quotient is only a change of scale.
SCALING = {"mul": ((True, False), (False, True)), "div": ((True, False),)}
GRADIENT = 4


def predicted(traced: Traced, order: int, method: str) -> float:
    """About how many operations all derivatives of one point take by a method."""
    return OPERATIONS[method](traced, order)


def of_series(jaxpr: Jaxpr, variables: int, order: int) -> float:
    """What a program takes in Taylor arithmetic."""
    terms, products = count(variables, order), count(2 * variables, order)
    return float(sum(use.times * _cost(use, terms, products) for use in motion.uses(jaxpr)))


def _series(traced: Traced, order: int) -> float:
    return of_series(traced.jaxpr.jaxpr, traced.variables, order)


def _reverse(traced: Traced, order: int) -> float:
    return of_series(reverse.gradient(traced).jaxpr, traced.variables, order - 1) if order else _series(traced, 0)


def _nested(traced: Traced, order: int) -> float:
    own, level = _series(traced, 0), 1 + 2 * traced.variables
    gradient = order and traced.shape == ()
    return own * GRADIENT * level ** (order - 1) if gradient else own * level**order


OPERATIONS: dict[str, Callable[[Traced, int], float]] = {"nested": _nested, "series": _series, "reverse": _reverse}


def _cost(use: Use, terms: int, products: int) -> float:
    name, equation = use.name, use.equation
    if name in motion.BODIES:
        return 0  # its bodies are counted
    size = max([v.aval.size for v in (*equation.invars, *equation.outvars)], default=0)
    kind = RULES[name].kind if name in RULES else "jvp"
    if not any(use.moving):
        return 2 * _products(equation) if kind == "bilinear" else size * (kind != "structural")
    linear = name in CHOOSING or use.moving in SCALING.get(name, ())
    return size * terms if linear else COSTS[kind](use, size, terms, products)


def _products(equation: Any) -> float:
    """Multiplications of a matrix product: for each entry of the result the length of what is summed."""
    return equation.outvars[0].aval.size * SUMMED.get(equation.primitive.name, lambda e: 1)(equation)


def _contracted(equation: Any) -> float:
    (axes, _), _ = equation.params["dimension_numbers"]
    return prod(equation.invars[0].aval.shape[i] for i in axes)


def _kernel(equation: Any) -> float:
    """Each entry sums over the kernel, but for its axis of output channels."""
    kernel = equation.invars[1].aval
    return kernel.size / max(1, kernel.shape[equation.params["dimension_numbers"].rhs_spec[0]])


SUMMED: dict[str, Callable[[Any], float]] = {"dot_general": _contracted, "conv_general_dilated": _kernel}


def _bilinear(use: Use, size: int, terms: int, products: int) -> float:
    return 2 * _products(use.equation) * (products if all(use.moving[:2]) else terms)


def _own(use: Use, size: int, terms: int, products: int) -> float:
    shape = use.equation.invars[0].aval.shape
    return 2 * products * size * (shape[-1] if shape else 1)


def _by_jvp(use: Use, size: int, terms: int, products: int) -> float:
    try:
        rule = jvp_program(use.equation, list(use.moving))
    except Exception:  # it has none; that is said elsewhere
        return 0
    inner = [v.aval.size for e in rule.jaxpr.eqns for v in e.outvars]
    return 2 * products * sum(inner)


def _rewritten(use: Use, size: int, terms: int, products: int) -> float:
    """What stands in its place is a product or a sum of products over its entries."""
    return 2 * products * size


COSTS: dict[str, Callable[[Use, int, int, int], float]] = {
    "constant": lambda use, size, terms, products: size,
    "structural": lambda use, size, terms, products: 0,
    "linear": lambda use, size, terms, products: size * terms,
    "piecewise": lambda use, size, terms, products: size * terms,
    "rewritten": _rewritten,
    "elementwise": lambda use, size, terms, products: 2 * size * products,
    "bilinear": _bilinear,
    "whole": _own,
    "jvp": _by_jvp,
}
