"""Linear systems: matrices of series, inverted at degree 0 only.

A x = b with A = A₀ + A₁ + …  has  A₀ x_k = b_k − Σ_{j=1..k} A_j x_{k−j}: one factorisation, of the matrix's values, and
for each degree one solve with all its monomials for right sides.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, reduce
from math import inf
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.extend.core import ClosedJaxpr, JaxprEqn, jaxpr_as_fun

from taylorkit.series.algebra import Series, add, choose, scale
from taylorkit.series.derived import is_complex
from taylorkit.series.forms import Value, moves
from taylorkit.series.parts import Dense, Part, bilinear
from taylorkit.series.registry import FUNCTIONS, Rule, whole
from taylorkit.series.rules import singular
from taylorkit.series.signatures import determinant
from taylorkit.trace import rerun

Multiply = Callable[[Any, Any], Any]
"""A product of two arrays that is linear in each."""


def product(multiply: Multiply, a: Series, b: Series, degree: int, last: float = inf) -> Part | None:
    """Σ multiply(a_j, b_{k−j}) over 1 ≤ j ≤ last.

    b is asked first: where it has nothing, a of that degree may not be known yet.
    """
    high = int(min(last, a.stop, degree - b.start))
    pairs = [(j, b.part(degree - j)) for j in range(max(1, a.start), high + 1)]
    there = [(a.part(j), right) for j, right in pairs if right is not None]
    return bilinear(multiply, [(1.0, left, right) for left, right in there if left is not None])


def matmul(a: Any, b: Any) -> Any:
    return jnp.matmul(a, b, precision=lax.Precision.HIGHEST)


def _solved(run: Any, equation: JaxprEqn, inputs: list[Value], products: Sequence[Multiply]) -> list[Value]:
    """The solution of A x = b where A is linear in all operands but the last, each with its product with x."""
    *matrix, b = (run.whole(v, atom.aval) for v, atom in zip(inputs, equation.invars, strict=True))
    values = [a.value.array[0] for a in matrix]

    def degree(k: int) -> Part | None:
        below = reduce(add, (product(p, a, x, k) for p, a in zip(products, matrix, strict=True)))
        right = add(b.part(k), scale(-1, below))
        return None if right is None else right.map(jax.vmap(lambda row: rerun(equation, [*values, row])[0]))

    x = Series(degree, b.start)
    return [run.deliver(x, equation.outvars[0].aval)]


@whole("triangular_solve")
def triangular_solve(run: Any, equation: JaxprEqn, inputs: list[Value]) -> list[Value]:
    """op(a) X = B, or X op(a) = B, of the triangle of a that the primitive reads."""
    parameters = equation.params
    place = 1 if parameters["unit_diagonal"] else 0  # a diagonal of ones does not move

    def multiply(a: Any, x: Any) -> Any:
        a = jnp.tril(a, -place) if parameters["lower"] else jnp.triu(a, place)
        a = a.conj() if parameters["conjugate_a"] else a
        a = jnp.swapaxes(a, -1, -2) if parameters["transpose_a"] else a
        return matmul(a, x) if parameters["left_side"] else matmul(x, a)

    return _solved(run, equation, inputs, [multiply])


@whole("tridiagonal_solve")
def tridiagonal_solve(run: Any, equation: JaxprEqn, inputs: list[Value]) -> list[Value]:
    """dl_i x_{i−1} + d_i x_i + du_i x_{i+1} = b_i."""

    def shifted(x: Any, by: int) -> Any:
        """x_{i+by}, zero outside."""
        padding = [(0, 0, 0)] * (x.ndim - 2) + [(-by, by, 0), (0, 0, 0)]
        return lax.pad(x, jnp.zeros((), x.dtype), padding)

    products = [lambda a, x, by=by: a[..., None] * shifted(x, by) for by in (-1, 0, 1)]
    return _solved(run, equation, inputs, products)


@whole("custom_linear_solve")
def custom_linear_solve(run: Any, equation: JaxprEqn, inputs: list[Value]) -> list[Value]:
    """A x = b where A is known by its products, and by a program that solves with A₀."""
    lengths, programs = equation.params["const_lengths"], equation.params["jaxprs"]
    solver, first = lengths.matvec + lengths.vecmat, sum(lengths)
    operands = list(zip(inputs, (atom.aval for atom in equation.invars), strict=True))
    matrix = [run.whole(v, aval) if moves(v) else v for v, aval in operands[: lengths.matvec]]
    factors = [run.primal(v, aval) for v, aval in operands[solver : solver + lengths.solve]]
    right = [run.whole(v, aval) for v, aval in operands[first:]]
    begin = min(b.start for b in right)
    solutions: dict[int, list[Any]] = {}

    def solution(k: int) -> list[Any]:
        if k not in solutions:
            below = _products(run, programs.matvec, matrix, x, k)
            sides = [add(b.part(k), scale(-1, p)) for b, p in zip(right, below, strict=True)]
            solutions[k] = _applied(
                jaxpr_as_fun(programs.solve), factors, sides, [aval for _, aval in operands[first:]]
            )
        return solutions[k]

    def unknown(place: int) -> Series:
        return Series(lambda k: solution(k)[place], begin)

    x = [unknown(place) for place in range(len(right))]
    found = [run.deliver(u, var.aval) for u, var in zip(x, equation.outvars, strict=False)]
    # What the solver says of itself, iterations and such, does not move.
    return found + [part.array[0] for part in solution(0)[len(right) :]]


# A determinant below this share of the product of its rows' `_lengths` is nearly one of a singular matrix; matrices of
# so many rows are small enough for a polynomial of that degree, and up to three JAX writes it out itself. Of larger
# ones so many singular values may be 0.
SINGULAR, FEWEST, MOST, KEPT = 1e-2, 4, 10, 6


def det(run: Any, equation: JaxprEqn, inputs: list[Value]) -> list[Value]:
    """The determinant by JAX's rule, which divides by pivots; of a matrix that is nearly singular as a polynomial, and
    of a large one by its singular values."""
    aval = equation.invars[0].aval
    (regular,) = replace(run, numbers=False).fresh(equation, [a := run.whole(inputs[0], aval)], named=False)
    if aval.shape[-1] > MOST and not is_complex(equation):
        above = singular.above_zero(run, a, KEPT)
        large = Series(lambda k: above(k) if k else regular.value)
        return [run.deliver(large, equation.outvars[0].aval)]
    if not FEWEST <= aval.shape[-1] <= MOST:
        return [run.deliver(regular, equation.outvars[0].aval)]
    matrix, value = a.value.array[0], regular.value

    @cache
    def lengths() -> Any:
        return _lengths(matrix, a.part(1))

    def balanced(k: int) -> Part | None:
        part = a.part(k)
        return part and part.map(jax.vmap(lambda rows: rows / lengths()[..., None]))

    polynomial = characteristic(Series(balanced, a.start, a.stop), aval.shape[-1])

    def degree(k: int) -> Part | None:
        if k == 0:
            return value
        size, part = lengths().prod(-1), polynomial.part(k)
        near = Dense((abs(value.array[0]) <= SINGULAR * size).astype(jnp.int32)[None], run.variables, 0)
        return choose(near, [regular.part(k), part and part.map(jax.vmap(lambda found: found * size))])

    return [run.deliver(Series(degree), equation.outvars[0].aval)]


def _lengths(matrix: Any, change: Part | None) -> Any:
    """Of each row its length, or that of its change where it is longer, up to that of the longest row: a row that
    vanishes here may not beside."""
    own = jnp.sqrt((matrix**2).sum(-1))
    found = own if change is None else jnp.sqrt((change.array**2).sum(-1)).max(0)
    found = jnp.maximum(own, jnp.minimum(found, own.max(-1, keepdims=True)))
    return jnp.where(found > 0, found, 1)


FUNCTIONS["det"] = Rule("whole", det, fits=determinant)


def characteristic(a: Series, size: int) -> Series:
    """det A by Faddeev and LeVerrier: M₁ = 1, c = −tr(A M_k)/k, M_{k+1} = A M_k + c; det A = ± the last c."""
    one = a.value.map(lambda rows: jnp.broadcast_to(jnp.eye(size, dtype=rows.dtype), rows.shape))
    m, c = Series.constant(one), Series.constant(None)
    for k in range(1, size + 1):
        multiplied = _matrix_product(a, m)
        c = _traced(multiplied) * (-1 / k)
        m = multiplied + _diagonal(c, one)
    return c * (-1) ** size


def _matrix_product(a: Series, b: Series) -> Series:
    def degree(k: int) -> Part | None:
        pairs = [(a.part(j), b.part(k - j)) for j in range(k + 1)]
        return bilinear(matmul, [(1.0, x, y) for x, y in pairs if x is not None and y is not None])

    return Series(degree)


def _traced(a: Series) -> Series:
    return Series(lambda k: _mapped(lambda x: jnp.trace(x, axis1=-2, axis2=-1), a.part(k)))


def _diagonal(c: Series, one: Part) -> Series:
    identity = one.array[0]
    return Series(lambda k: _mapped(lambda x: x[..., None, None] * identity, c.part(k)))


def _mapped(function: Callable[[Any], Any], part: Part | None) -> Part | None:
    return None if part is None else part.map(jax.vmap(function))


def _products(run: Any, matvec: ClosedJaxpr, matrix: list[Value], x: list[Series], degree: int) -> list[Part | None]:
    """(A x)_k without A₀ x_k, which is not known yet."""
    if degree == 0 or not any(map(moves, matrix)):
        return [None] * len(x)
    below = [Series(u.part, u.start, degree - 1) for u in x]
    found = replace(run, numbers=False, eager=False)(matvec.jaxpr, matvec.consts, [*matrix, *below])
    return [y.part(degree) if moves(y) else None for y in found]


def _applied(
    solve: Callable[..., list[Any]], factors: list[Any], right: Sequence[Part | None], avals: list[Any]
) -> list[Any]:
    """A₀⁻¹ on right sides of one degree, all monomials at once."""
    some = next((part for part in right if part is not None), None)
    if some is None:
        return [None] * len(right)
    found = jax.vmap(lambda *b: solve(*factors, *b))(
        *(filled(p, some, aval) for p, aval in zip(right, avals, strict=True))
    )
    return [Dense(array, some.variables, some.degree) for array in found]


def filled(part: Part | None, like: Any, aval: Any) -> Any:
    """A part's array; of a part that is not there, zeros for as many monomials as `like` has."""
    return jnp.zeros((len(like.array), *aval.shape), aval.dtype) if part is None else part.array
