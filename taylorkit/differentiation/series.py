"""Method `series`: truncated Taylor arithmetic in D variables through every operation of f.

P = C(D+n, n) coefficients go through each operation once; a product costs C(2D+n, n) multiplications. Functions of few
numbers are taken apart into single numbers, each with its own zeros; others keep their arrays whole.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from taylorkit import multi_index
from taylorkit.series import Run, monomials
from taylorkit.series.algebra import Series
from taylorkit.series.forms import Value, moves, object_array
from taylorkit.series.parts import Dense, Sparse
from taylorkit.trace import Traced, equations

NAME, LOWERING = "series", "xla"

# Arrays up to this size are taken apart; a program of single numbers may hold so many products.
SMALL, PRODUCTS = 16, 100_000


def unsupported(traced: Traced) -> list[str]:
    """Primitives that this method cannot serve and others might: none."""
    return []


def kind(traced: Traced, order: int) -> str:
    """`scalars` where f is taken apart into single numbers, `arrays` where it keeps its arrays whole."""
    inner = list(equations(traced.jaxpr.jaxpr))
    small = all(v.aval.size <= SMALL for e in inner for v in (*e.outvars, *e.invars))
    each = multi_index.count(2 * traced.variables, order)
    numbers = sum(v.aval.size for e in inner for v in e.outvars)
    return "scalars" if small and each * numbers <= PRODUCTS * 10 else "arrays"


def working_values(traced: Traced, order: int) -> int:
    """Numbers that one point takes: a series for each operation of f, at most."""
    largest = max([traced.outputs, *(v.aval.size for e in traced.jaxpr.jaxpr.eqns for v in e.outvars)])
    return multi_index.count(traced.variables, order) * largest


def packed(traced: Traced, order: int) -> Callable[[jax.Array], jax.Array]:
    """v (D,) ↦ all ∂^α f up to `order` (P, *S), in graded order."""

    def derivatives(v: jax.Array) -> jax.Array:
        run = Run(traced.variables, order, kind(traced, order) == "scalars", traced.dtype)
        (out,) = run(traced.jaxpr.jaxpr, traced.jaxpr.consts, [seed(run, v)])
        return pack(run, out, traced.shape)

    return derivatives


def seed(run: Run, v: jax.Array) -> Value:
    """The variables themselves: value v, and 1 at their own monomial."""
    if not run.numbers:
        value = Dense(v[None], run.variables, 0)
        identity = Dense(jnp.eye(run.variables, dtype=run.dtype), run.variables, 1)
        return Series(lambda k: (value, identity)[k], stop=1)

    def variable(i: int) -> Series:
        parts = Sparse({0: run.program.leaf(v[i])}), Sparse({monomials.unit(i): run.program.number(1.0)})
        return Series(lambda k: parts[k], stop=1)

    return object_array([variable(i) for i in range(run.variables)], (run.variables,))


def pack(run: Run, out: Value, shape: tuple[int, ...]) -> jax.Array:
    """The coefficients of a result times α!: (P, *S)."""
    series = run.whole(out)
    rows = []
    for k in range(run.order + 1):
        part = series.part(k)
        count = len(monomials.codes(run.variables, k))
        empty = part is None
        rows.append(jnp.zeros((count, *shape), run.dtype) if empty else jnp.broadcast_to(part.array, (count, *shape)))
    factorials = multi_index.factorials(run.variables, run.order).reshape(-1, *[1] * len(shape))
    return jnp.concatenate(rows) * jnp.asarray(factorials, run.dtype)
