"""Time against the order: nesting grows exponentially, Taylor mode polynomially.

That is the headline of Bettencourt, Johnson & Duvenaud, "Taylor-Mode Automatic Differentiation for
Higher-Order Derivatives in JAX" (2019).
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import jax
import numpy as np

from taylorkit.growth import PROGRAMS, Program, nested
from taylorkit.jaxpr.table import Table
from taylorkit.timing.clock import medians, timed

Compiled = dict[tuple[str, int], Callable[[], Any]]


def orders_table(
    fun: Callable,
    points: np.ndarray,
    orders: Sequence[int] = range(11),
    repetitions: int = 5,
    limit_seconds: float = 5.0,
    programs: Mapping[str, Program] = PROGRAMS,
) -> Table:
    """Seconds to compile and to run each program of a scalar function over all points, in float64.

    A mode stops after the first order that takes longer than `limit_seconds` to trace and compile;
    what it skips is NaN.

    | column | dims | |
    |---|---|---|
    | mode, order | own | |
    | compile_seconds, run_seconds | mode, order | once; the median of `repetitions` |
    | points, repetitions, limit_seconds | none | how it was measured |
    """
    rows, columns = list(programs), list(orders)
    compile_seconds, run_seconds = np.full((2, len(rows), len(columns)), np.nan)
    with jax.enable_x64(True):
        xs = jax.device_put(np.asarray(points, np.float64))
        compiled, seconds = compile_all(fun, xs, columns, programs, limit_seconds)
        for (mode, order), value in seconds.items():
            compile_seconds[rows.index(mode), columns.index(order)] = value
        for (mode, order), value in medians(compiled, repetitions).items():
            run_seconds[rows.index(mode), columns.index(order)] = value
    return {
        "mode": (("mode",), np.array(rows, np.str_)),
        "order": (("order",), np.array(columns, np.int64)),
        "compile_seconds": (("mode", "order"), compile_seconds),
        "run_seconds": (("mode", "order"), run_seconds),
        "points": ((), np.array(len(xs))),
        "repetitions": ((), np.array(repetitions)),
        "limit_seconds": ((), np.array(float(limit_seconds))),
    }


def compile_all(
    fun: Callable,
    xs: jax.Array,
    orders: Sequence[int],
    programs: Mapping[str, Program],
    limit_seconds: float,
) -> tuple[Compiled, dict[tuple[str, int], float]]:
    """Kernels over `xs` by (mode, order), and the seconds from Python to machine code of each."""
    actions: Compiled = {}
    seconds: dict[tuple[str, int], float] = {}
    # The first compilation of a process also sets up the compiler and jnp's own traces.
    _compile(nested, fun, 0, xs)
    going = dict(programs)
    for order in orders:
        for mode, program in list(going.items()):
            kernel, taken = timed(partial(_compile, program, fun, order, xs))
            actions[mode, order] = partial(kernel, xs)
            seconds[mode, order] = taken
            if taken > limit_seconds:
                del going[mode]
    return actions, seconds


def _compile(program: Program, fun: Callable, order: int, xs: jax.Array) -> Callable[[jax.Array], Any]:
    return jax.jit(jax.vmap(program(fun, order))).lower(xs).compile()
