"""Method `reverse`: Taylor arithmetic one order lower, over the program of f's gradient.

One pass gives all D first derivatives as series of order n − 1, and ∂^γ f = ∂^α (∂_i f) with γ = α + e_i: best for many
variables and a low order.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import ClosedJaxpr

from taylorkit import multi_index
from taylorkit.differentiation import series
from taylorkit.differentiation.gradients import wrong_gradient
from taylorkit.series import Run
from taylorkit.series.forms import Value
from taylorkit.trace import Traced

NAME, LOWERINGS = "reverse", ("llvm", "xla", "pallas")


def unsupported(traced: Traced) -> list[str]:
    """Why f has no reverse mode, or one that may lose points, a phrase each; empty where it has one."""
    if wrong := wrong_gradient(traced):
        return [f"a function whose gradient may be wrong ({wrong})"]
    try:
        gradient(traced)
    except Exception as error:  # whatever a missing transpose raises
        first, *_ = str(error).splitlines() or [type(error).__name__]
        return [f"a function without reverse mode ({first})"]
    return []


def gradient(traced: Traced) -> ClosedJaxpr:
    """The program of v ↦ (f, ∂f/∂v): shapes S and (*S, D)."""
    return traced.remembered("gradient", lambda: _gradient(traced))


def _gradient(traced: Traced) -> ClosedJaxpr:

    def both(v: jax.Array) -> tuple[jax.Array, jax.Array]:
        value, pull = jax.vjp(traced.replay, v)
        if traced.shape == ():
            return value, pull(jnp.ones((), value.dtype))[0]
        units = jnp.eye(traced.outputs, dtype=value.dtype).reshape(-1, *traced.shape)
        return value, jax.vmap(pull)(units)[0].reshape(*traced.shape, traced.variables)

    with traced.scope():
        return jax.make_jaxpr(both)(jax.ShapeDtypeStruct((traced.variables,), traced.dtype))


def working_values(traced: Traced, order: int) -> int:
    """Numbers that one point takes: the results, and series of the largest array of f."""
    lower = multi_index.count(traced.variables, max(0, order - 1))
    return max(multi_index.count(traced.variables, order) * traced.outputs, lower * traced.largest)


def kind(traced: Traced, order: int) -> str:
    """`scalars` where the gradient is taken apart into single numbers, `arrays` where it keeps its arrays whole."""
    return series.kind_of(gradient(traced), traced.variables, max(0, order - 1))


def packed(traced: Traced, order: int) -> Callable[[jax.Array], list[jax.Array]]:
    """v (D,) ↦ all ∂^α f up to `order`, in graded order: an array (rows, *S) for each degree."""
    if order == 0:
        return series.packed(traced, 0)

    def derivatives(v: jax.Array) -> list[jax.Array]:
        if kind(traced, order) == "scalars":
            return series.arrays(straight(traced, order)(v), traced.shape)
        program = gradient(traced)
        run = series.whole_run(program, traced.variables, order - 1, traced.dtype)
        value, slope = run(program.jaxpr, program.consts, [series.seed(run, v)])
        return [_primal(run, value, traced.shape), *_slopes(run, slope, traced)]

    return derivatives


def straight(traced: Traced, order: int) -> Callable[[jax.Array], series.Numbers]:
    """v (D,) ↦ the symbols of all ∂^α f up to `order`, in graded order."""
    if order == 0:
        return series.straight(traced, 0)

    def derivatives(v: jax.Array) -> series.Numbers:
        program, run = gradient(traced), Run(traced.variables, order - 1, True, traced.dtype)
        start = series.seed(run, v)
        value, slope = run(program.jaxpr, program.consts, [start])
        lower = series.rows(run, slope)
        above = [
            [lower[row][entry * traced.variables + i] for entry in range(traced.outputs)]
            for degree in range(1, order + 1)
            for row, i in zip(*_lower(traced, degree), strict=True)
        ]
        return series.Numbers(run, series.symbols_of(start), [series.rows(run, value)[0], *above])

    return derivatives


def _lower(traced: Traced, degree: int) -> tuple[list[int], list[int]]:
    """Of each term of a degree: the row of a term one degree below, and the variable between them."""
    parent, variable = multi_index.parents(traced.variables, degree)
    first = multi_index.count(traced.variables, degree - 2) if degree > 1 else 0
    return [first + p for p in parent.tolist()], variable.tolist()


def _primal(run: Run, value: Value, shape: tuple[int, ...]) -> jax.Array:
    aval = jax.ShapeDtypeStruct(shape, run.dtype)
    return jnp.broadcast_to(run.primal(value, aval), shape).astype(run.dtype)[None]


def _slopes(run: Run, slope: Value, traced: Traced) -> list[jax.Array]:
    """The derivatives of degrees 1 … n from the gradient's of degrees 0 … n − 1."""
    rows = jnp.concatenate(series.pack(run, slope, (*traced.shape, traced.variables)))
    found = []
    for degree in range(1, run.order + 2):
        row, variable = _lower(traced, degree)
        found.append(rows[np.array(row), ..., np.array(variable)])
    return found
