"""Linear systems: matrices of series, inverted at degree 0 only.

A x = b with A = A₀ + A₁ + …  has  A₀ x_k = b_k − Σ_{j=1..k} A_j x_{k−j}: one factorisation, of the matrix's values, and
for each degree one solve with all its monomials for right sides.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.extend.core import JaxprEqn, jaxpr_as_fun

from taylorkit.series.algebra import Series, add, scale
from taylorkit.series.forms import Value, moves
from taylorkit.series.parts import Dense, bilinear
from taylorkit.series.registry import whole
from taylorkit.trace import rerun


def product(multiply: Callable[[Any, Any], Any], a: Series, b: Series, degree: int, first: int, last: int) -> Any:
    """Σ multiply(a_j, b_{degree−j}) over first ≤ j ≤ last, for a product of arrays that is linear in each."""
    pairs = [(a.part(j), b.part(degree - j)) for j in range(first, last + 1) if a.part(j) is not None]
    return bilinear(multiply, [(1.0, left, right) for left, right in pairs if right is not None])  # type: ignore[misc]


@whole("triangular_solve")
def triangular_solve(run: Any, equation: JaxprEqn, inputs: list[Value]) -> list[Value]:
    """op(a) X = B, or X op(a) = B, of the triangle of a that the primitive reads."""
    a, b = (run.whole(v, atom.aval) for v, atom in zip(inputs, equation.invars, strict=True))
    coefficient = _triangle(equation.params)

    def multiply(left: Any, right: Any) -> Any:
        factors = (coefficient(left), right) if equation.params["left_side"] else (right, coefficient(left))
        return jnp.matmul(*factors, precision=lax.Precision.HIGHEST)

    def degree(k: int) -> Dense | None:
        right = add(b.part(k), scale(-1, product(multiply, a, x, k, 1, k - b.start)))
        solve = jax.vmap(lambda rows: rerun(equation, [a.value.array[0], rows])[0])  # type: ignore[union-attr]
        return None if right is None else right.map(solve)  # type: ignore[union-attr]

    x = Series(degree, b.start)
    return [run.deliver(x, equation.outvars[0].aval)]


def _triangle(parameters: dict[str, Any]) -> Callable[[Any], Any]:
    """What of a coefficient above degree 0 stands in op(a); a diagonal of ones does not move."""
    place = 1 if parameters["unit_diagonal"] else 0

    def coefficient(a: Any) -> Any:
        kept = jnp.tril(a, -place) if parameters["lower"] else jnp.triu(a, place)
        kept = kept.conj() if parameters["conjugate_a"] else kept
        return jnp.swapaxes(kept, -1, -2) if parameters["transpose_a"] else kept

    return coefficient


@whole("custom_linear_solve")
def custom_linear_solve(run: Any, equation: JaxprEqn, inputs: list[Value]) -> list[Value]:
    """A x = b where A is known by its products and by how the program solves with it."""
    lengths, programs = equation.params["const_lengths"], equation.params["jaxprs"]
    avals = [atom.aval for atom in equation.invars]
    last, start = lengths.matvec, lengths.matvec + lengths.vecmat
    matrix = [run.whole(v, a) if moves(v) else v for v, a in zip(inputs[:last], avals, strict=False)]
    factors = [run.primal(v, a) for v, a in zip(inputs[start:][: lengths.solve], avals[start:], strict=False)]
    first = sum(lengths)
    right = [run.whole(v, a) for v, a in zip(inputs[first:], avals[first:], strict=True)]
    arrays = replace(run, numbers=False, eager=False)

    def products(k: int) -> list[Any]:
        """(A x)_k without A₀ x_k."""
        if k == 0 or not any(map(moves, matrix)):
            return [None] * len(right)
        below = [Series(lambda j, u=u: u.part(j), u.start, k - 1) for u in x]
        out = arrays(programs.matvec.jaxpr, programs.matvec.consts, [*matrix, *below])
        return [y.part(k) if moves(y) else None for y in out]

    solutions: dict[int, list[Any]] = {}

    def solution(k: int) -> list[Any]:
        if k not in solutions:
            known = [add(b.part(k), scale(-1, p)) for b, p in zip(right, products(k), strict=True)]
            solutions[k] = _solved(jaxpr_as_fun(programs.solve), factors, known, avals[first:])
        return solutions[k]

    begin = min(b.start for b in right)
    x = [Series(lambda k, i=i: solution(k)[i], begin) for i in range(len(right))]
    found = [run.deliver(u, var.aval) for u, var in zip(x, equation.outvars, strict=False)]
    return [*found, *(part.array[0] for part in solution(0)[len(right) :])]


def _solved(solve: Callable[..., list[Any]], factors: list[Any], right: list[Any], avals: list[Any]) -> list[Any]:
    """A₀⁻¹ on right sides of one degree, all monomials at once."""
    some = next((part for part in right if part is not None), None)
    if some is None:
        return [None] * len(right)
    rows = [
        jnp.zeros((len(some.array), *aval.shape), aval.dtype) if part is None else part.array
        for part, aval in zip(right, avals, strict=True)
    ]
    found = jax.vmap(lambda *b: solve(*factors, *b))(*rows)
    return [Dense(array, some.variables, some.degree) for array in found]
