"""Method `series`: truncated Taylor arithmetic in D variables through every operation of f.

P = C(D+n, n) coefficients go through each operation once; a product costs C(2D+n, n) multiplications. Functions of few
numbers are taken apart into single numbers, each with its own zeros; others keep their arrays whole.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import ClosedJaxpr, JaxprEqn

from taylorkit import multi_index
from taylorkit.lowering import xla
from taylorkit.series import Run, monomials
from taylorkit.series.algebra import Series
from taylorkit.series.forms import Value, object_array
from taylorkit.series.parts import Dense, Sparse
from taylorkit.series.symbols import Symbol
from taylorkit.trace import Traced, equations, loops
from taylorkit.vjp_rules import VJP_CALLS, no_forward_mode

NAME, LOWERINGS = "series", ("llvm", "xla", "pallas")

# Arrays up to this size are taken apart; a program of single numbers may hold so many products.
SMALL, PRODUCTS = 16, 1_000_000
# XLA compiles the body of a loop, and takes a second for some thousands of operations; so many may be written out.
LOOPED = 4_000


def unsupported(traced: Traced) -> list[str]:
    """What this method cannot serve and others might: custom_vjp functions that have no forward mode."""
    return [no_forward_mode(e) for e in equations(traced.jaxpr.jaxpr) if e.primitive.name in VJP_CALLS]


def kind(traced: Traced, order: int) -> str:
    """`scalars` where f is taken apart into single numbers, `arrays` where it keeps its arrays whole."""
    return kind_of(traced.jaxpr, traced.variables, order)


def kind_of(program: ClosedJaxpr, variables: int, order: int) -> str:
    inner = list(equations(program.jaxpr))
    small = all(v.aval.size <= SMALL for e in inner for v in (*e.outvars, *e.invars))
    most = LOOPED if loops(program.jaxpr) else PRODUCTS
    return "scalars" if small and _products(inner, variables, order) <= most else "arrays"


def _products(inner: list[JaxprEqn], variables: int, order: int) -> int:
    """Products of coefficients if each number that is computed were a product of two series."""
    return multi_index.count(2 * variables, order) * sum(v.aval.size for e in inner for v in e.outvars)


def whole_run(program: ClosedJaxpr, variables: int, order: int, dtype: Any) -> Run:
    """A run of `program` on whole arrays. In a loop of many equations no product of two series is written out."""
    many = loops(program.jaxpr) and _products(list(equations(program.jaxpr)), variables, order) > LOOPED
    run = Run(variables, order, False, dtype)
    return replace(run, written=0) if many else run


def working_values(traced: Traced, order: int) -> int:
    """Numbers that one point takes: P of the largest array of f."""
    return multi_index.count(traced.variables, order) * traced.largest


def packed(traced: Traced, order: int) -> Callable[[jax.Array], list[jax.Array]]:
    """v (D,) ↦ all ∂^α f up to `order`, in graded order: arrays (rows, *S) of P rows together."""

    def derivatives(v: jax.Array) -> list[jax.Array]:
        if kind(traced, order) == "scalars":
            return arrays(straight(traced, order)(v), traced.shape)
        run = whole_run(traced.jaxpr, traced.variables, order, traced.dtype)
        (out,) = run(traced.jaxpr.jaxpr, traced.jaxpr.consts, [seed(run, v)])
        return pack(run, out, traced.shape)

    return derivatives


@dataclass(frozen=True)
class Numbers:
    """A function taken apart into single numbers: the symbols of its variables, and of each term's |S| entries."""

    run: Run
    variables: list[Symbol]
    rows: list[list[Symbol]]


def straight(traced: Traced, order: int) -> Callable[[jax.Array], Numbers]:
    """v (D,) ↦ the symbols of all ∂^α f up to `order`, in graded order."""

    def derivatives(v: jax.Array) -> Numbers:
        run = Run(traced.variables, order, True, traced.dtype)
        start = seed(run, v)
        (out,) = run(traced.jaxpr.jaxpr, traced.jaxpr.consts, [start])
        return Numbers(run, symbols_of(start), rows(run, out))

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


def symbols_of(start: np.ndarray) -> list[Symbol]:
    """The leaves of the variables."""
    return [variable.value.terms[0] for variable in start]


def pack(run: Run, out: Value, shape: tuple[int, ...]) -> list[jax.Array]:
    """The coefficients of a result in whole form times α!, in arrays (rows, *S) of P rows together."""
    series = run.whole(out)
    found = []
    for k in range(run.order + 1):
        part, count = series.part(k), len(monomials.codes(run.variables, k))
        there = jnp.zeros(()) if part is None else part.array
        factorials = _factorials(run, k).reshape(-1, *[1] * len(shape))
        found.append(jnp.broadcast_to(there * jnp.asarray(factorials, run.dtype), (count, *shape)).astype(run.dtype))
    return found


def rows(run: Run, out: Value) -> list[list[Symbol]]:
    """The symbols of a result's coefficients times α!: a row of |S| for each term."""
    zero, found = run.program.number(0.0), []
    entries = run.entries(out).reshape(-1)
    for k in range(run.order + 1):
        parts = [entry.part(k) for entry in entries]
        for code, factor in zip(monomials.codes(run.variables, k), _factorials(run, k).tolist(), strict=True):
            row = [zero if part is None else part.terms.get(code, zero) for part in parts]
            found.append([run.program.scale(factor, symbol) for symbol in row])
    return found


def arrays(numbers: Numbers, shape: tuple[int, ...]) -> list[jax.Array]:
    """One array (1, *S) a derivative: nothing is stacked that the kernel has not to write together."""
    run = numbers.run
    flat = xla.values(run.program, [s for row in numbers.rows for s in row], run.dtype)
    entries = iter(jnp.asarray(a, run.dtype) for a in flat)
    return [jnp.stack([next(entries) for _ in row]).reshape(1, *shape) for row in numbers.rows]


def _factorials(run: Run, degree: int) -> np.ndarray:
    """α! of one degree's terms."""
    last = multi_index.count(run.variables, degree)
    first = last - len(monomials.codes(run.variables, degree))
    return multi_index.factorials(run.variables, degree)[first:last]
