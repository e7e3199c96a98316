"""How the computation grows with the order: equations of nested `grad` against those of Taylor mode.

    nested    the k-th derivative alone, grad(grad(…)): each level differentiates all that the last one made, so the
              number of equations is multiplied, order by order
    series    f, f', …, the k-th derivative at once, by this project's Taylor arithmetic: degree k convolves k + 1
              coefficients, so the number grows with the square of the order

Only traced, never compiled: order 10 of the former is hundreds of thousands of equations.
"""

from collections.abc import Callable, Mapping, Sequence

import jax
import jax.numpy as jnp
import numpy as np

from taylorkit.differentiation import series as taylor_mode
from taylorkit.jaxpr import count_equations
from taylorkit.jaxpr.table import Table
from taylorkit.trace import trace

Program = Callable[[Callable, int], Callable]
"""(f of one scalar, order) ↦ the function of one scalar that computes the derivatives."""


def nested(fun: Callable, order: int) -> Callable:
    """x ↦ the order-th derivative of fun, a scalar function of one scalar."""
    for _ in range(order):
        fun = jax.grad(fun)
    return fun


def series(fun: Callable, order: int) -> Callable:
    """x ↦ f, f', …, the order-th derivative by the method `series`: arrays that together are (order + 1,)."""

    def derivatives(x: jax.Array) -> list[jax.Array]:
        point = jnp.asarray(x)[None]
        return taylor_mode.packed(trace(fun, "scalar", 1, point.dtype), order)(point)

    return derivatives


PROGRAMS: Mapping[str, Program] = {"nested": nested, "series": series}


def growth_table(
    fun: Callable,
    example: float = 1.0,
    orders: Sequence[int] = range(9),
    programs: Mapping[str, Program] = PROGRAMS,
) -> Table:
    """The number of equations of each program of fun at each order.

    Columns: `mode` and `order`, and `equations` (mode, order), integers. Raises FunctionError where
    a program cannot be traced at `example`.
    """
    counts = [[count_equations(program(fun, order), example) for order in orders] for program in programs.values()]
    return {
        "mode": (("mode",), np.array(list(programs), np.str_)),
        "order": (("order",), np.array(orders, np.int64)),
        "equations": (("mode", "order"), np.array(counts, np.int64)),
    }
