"""Method `reverse`: Taylor arithmetic one order lower, over the program of f's gradient.

One pass gives all D first derivatives as series of order n − 1, and ∂^γ f = ∂^α (∂_i f) with γ = α + e_i: best for many
variables and a low order. A custom_vjp rule is honoured, because reverse mode is what it is a rule for.
"""

from collections.abc import Callable
from functools import lru_cache

import jax
import jax.numpy as jnp
from jax.extend.core import ClosedJaxpr

from taylorkit import multi_index
from taylorkit.differentiation import series
from taylorkit.precision import scope
from taylorkit.series import Run
from taylorkit.series.forms import Value
from taylorkit.trace import Traced

NAME, LOWERING = "reverse", "xla"


def unsupported(traced: Traced) -> list[str]:
    """Why f has no reverse mode, a phrase each; empty where it has one."""
    try:
        gradient(traced)
    except Exception as error:  # whatever a missing transpose raises
        first, *_ = str(error).splitlines() or [type(error).__name__]
        return [f"a function without reverse mode ({first})"]
    return []


@lru_cache(maxsize=256)
def gradient(traced: Traced) -> ClosedJaxpr:
    """The program of v ↦ (f, ∂f/∂v): shapes S and (*S, D)."""

    def both(v: jax.Array) -> tuple[jax.Array, jax.Array]:
        value, pull = jax.vjp(traced.function, v)
        if traced.shape == ():
            return value, pull(jnp.ones((), value.dtype))[0]
        units = jnp.eye(traced.outputs, dtype=value.dtype).reshape(-1, *traced.shape)
        return value, jax.vmap(pull)(units)[0].reshape(*traced.shape, traced.variables)

    with scope(traced.dtype):
        return jax.make_jaxpr(both)(jax.ShapeDtypeStruct((traced.variables,), traced.dtype))


def working_values(traced: Traced, order: int) -> int:
    """Numbers that one point takes: the results, and series of the largest array of f."""
    lower = multi_index.count(traced.variables, max(0, order - 1))
    return max(multi_index.count(traced.variables, order) * traced.outputs, lower * traced.largest)


def packed(traced: Traced, order: int) -> Callable[[jax.Array], list[jax.Array]]:
    """v (D,) ↦ all ∂^α f up to `order`, in graded order: an array (rows, *S) for each degree."""
    if order == 0:
        return series.packed(traced, 0)
    program = gradient(traced)

    def derivatives(v: jax.Array) -> list[jax.Array]:
        single = series.kind_of(program, traced.variables, order - 1) == "scalars"
        run = Run(traced.variables, order - 1, single, traced.dtype)
        value, slope = run(program.jaxpr, program.consts, [series.seed(run, v)])
        return [_primal(run, value, traced.shape), *_slopes(run, slope, traced)]

    return derivatives


def _primal(run: Run, value: Value, shape: tuple[int, ...]) -> jax.Array:
    aval = jax.ShapeDtypeStruct(shape, run.dtype)
    return jnp.broadcast_to(run.primal(value, aval), shape).astype(run.dtype)[None]


def _slopes(run: Run, slope: Value, traced: Traced) -> list[jax.Array]:
    """The derivatives of degrees 1 … n from the gradient's of degrees 0 … n − 1."""
    rows = jnp.concatenate(series.pack(run, slope, (*traced.shape, traced.variables)))
    found, first = [], 0
    for degree in range(1, run.order + 2):
        parent, variable = multi_index.parents(traced.variables, degree)
        lower = rows[first : first + len(multi_index.sorted_tuples(traced.variables, degree - 1))]
        found.append(lower[parent, ..., variable])
        first += len(lower)
    return found
