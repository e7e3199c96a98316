"""Factorisations: degree k of a matrix's factors from degree k of the matrix and from all degrees below.

Each rests on a product equation, A = L U and its like. Its degree k is linear in the factors' degree k with their
values for coefficients, so a triangular solve or two answer it for all monomials; at k = 1 it is the JVP (Giles 2008,
*Collected matrix derivative results for forward and reverse mode algorithmic differentiation*).
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.extend.core import JaxprEqn

from taylorkit.series.algebra import Series, add, scale
from taylorkit.series.forms import Value
from taylorkit.series.general import from_jvp
from taylorkit.series.parts import Dense, Part
from taylorkit.series.registry import whole
from taylorkit.series.rules.linalg import filled, matmul, product
from taylorkit.trace import rerun

Residuals = Callable[..., list[Part | None]]
"""(k, *factors) ↦ degree k of the equations, less what holds the factors' degree k."""
Step = Callable[..., tuple[Any, ...]]
"""(*residuals) of one monomial ↦ the factors' degree k."""


def factors(run: Any, values: list[Any], residuals: Residuals, like: list[Any], step: Step) -> list[Series]:
    """The series of factors from their values; `like` are arrays of the residuals' shapes and types."""
    parts: dict[int, list[Any]] = {0: [Dense(value[None], run.variables, 0) for value in values]}

    def solution(k: int) -> list[Any]:
        if k not in parts:
            given = residuals(k, *found)
            some = next((part for part in given if part is not None), None)
            parts[k] = [None] * len(values) if some is None else solved(given, some)
        return parts[k]

    def solved(given: list[Part | None], some: Any) -> list[Any]:
        arrays = jax.vmap(step)(*(filled(part, some, shape) for part, shape in zip(given, like, strict=True)))
        return [Dense(array, some.variables, some.degree) for array in arrays]

    def factor(place: int) -> Series:
        return Series(lambda k: solution(k)[place])

    found = [factor(place) for place in range(len(values))]
    return found


def mapped(function: Callable[[Any], Any], part: Part | None) -> Part | None:
    """A linear function of one array, on all of a part's coefficients."""
    return None if part is None else part.map(jax.vmap(function))


def adjoint(a: Any) -> Any:
    return jnp.swapaxes(a, -1, -2).conj()


def on_diagonal(matrix: Any, diagonal: Any) -> Any:
    """The matrix with another diagonal."""
    rows, columns = (lax.broadcasted_iota(jnp.int32, matrix.shape, matrix.ndim + axis) for axis in (-2, -1))
    return jnp.where(rows == columns, diagonal, matrix)


def diagonal(matrix: Any) -> Any:
    return jnp.diagonal(matrix, axis1=-2, axis2=-1)


def imaginary(a: Any) -> Any:
    """i Im a, of the type of a."""
    return (a - a.conj()) / 2


@whole("cholesky")
def cholesky(run: Any, equation: JaxprEqn, inputs: list[Value]) -> list[Value]:
    """A = L Lᴴ:  M + Mᴴ = L₀⁻¹ (A_k − Σ_{j=1..k−1} L_j L_{k−j}ᴴ) L₀⁻ᴴ for M = L₀⁻¹ L_k, which is lower triangular."""
    a = run.whole(inputs[0], equation.invars[0].aval)
    # Above the diagonal the primitive leaves what it likes.
    value = jnp.tril(rerun(equation, [a.value.array[0]])[0])

    def residuals(k: int, lower: Series) -> list[Part | None]:
        below = product(lambda x, y: matmul(x, adjoint(y)), lower, lower, k, k - 1)
        return [add(a.part(k), scale(-1, below))]

    def step(s: Any) -> tuple[Any]:
        s = lax.linalg.triangular_solve(value, s, left_side=True, lower=True)
        s = lax.linalg.triangular_solve(value, s, lower=True, transpose_a=True, conjugate_a=True)
        return (matmul(value, jnp.tril(on_diagonal(s, diagonal(s)[..., None] / 2))),)

    found = factors(run, [value], residuals, [value], step)
    return [run.deliver(found[0], equation.outvars[0].aval)]


@whole("lu")
def lu(run: Any, equation: JaxprEqn, inputs: list[Value]) -> list[Value]:
    """P A = L U:  M = L₀⁻¹ (P A_k − Σ_{j=1..k−1} L_j U_{k−j}) U₀⁻¹ is L₀⁻¹ L_k below the diagonal, U_k U₀⁻¹ elsewhere.

    Both stand in one array. A matrix that is not square is thought continued by the identity.
    """
    a = run.whole(inputs[0], equation.invars[0].aval)
    packed, pivots, permutation = rerun(equation, [a.value.array[0]])
    *_, rows, columns = packed.shape
    size = min(rows, columns)

    def lower(p: Any) -> Any:
        return jnp.tril(p, -1)[..., :, :size]

    def upper(p: Any) -> Any:
        return jnp.triu(p)[..., :size, :]

    def permuted(x: Any) -> Any:
        return jnp.take_along_axis(x, permutation[..., None], -2)

    def residuals(k: int, f: Series) -> list[Part | None]:
        below = product(lambda x, y: matmul(lower(x), upper(y)), f, f, k, k - 1)
        return [add(mapped(permuted, a.part(k)), scale(-1, below))]

    left, right = _continued(lower(packed), rows, 0), _continued(upper(packed), columns, size)

    def step(s: Any) -> tuple[Any]:
        s = lax.linalg.triangular_solve(left, s, left_side=True, lower=True, unit_diagonal=True)
        s = lax.linalg.triangular_solve(right, s)
        return (matmul(left, jnp.tril(s, -1)) + matmul(jnp.triu(s), right),)

    found = factors(run, [packed], residuals, [packed], step)
    return [run.deliver(found[0], equation.outvars[0].aval), pivots, permutation]


def _continued(a: Any, size: int, ones: int) -> Any:
    """A square matrix that begins with `a` and has ones on its diagonal from a place on."""
    *batch, rows, columns = a.shape
    padded = jnp.pad(a, [(0, 0)] * len(batch) + [(0, size - rows), (0, size - columns)])
    place = lax.broadcasted_iota(jnp.int32, padded.shape, padded.ndim - 1)
    return on_diagonal(padded, jnp.where(place >= ones, jnp.ones_like(padded), padded))


@whole("qr")
def qr(run: Any, equation: JaxprEqn, inputs: list[Value]) -> list[Value]:
    """A = Q R, Qᴴ Q = 1:  with S = A_k − Σ_{j=1..k−1} Q_j R_{k−j} and X = Q₀ᴴ Q_k,

    S R₀⁻¹ = Q_k + Q₀ R_k R₀⁻¹ shows X below the diagonal, and X + Xᴴ the rest of it. Columns of A beyond its rows, and
    columns of Q beyond A's, follow; the latter do not turn among themselves, as in JAX: there Qᴴ E Q = 0.
    """
    if equation.params["pivoting"]:
        return from_jvp(run, equation, inputs)  # which says what is not supported
    a = run.whole(inputs[0], equation.invars[0].aval)
    values = rerun(equation, [a.value.array[0]])
    q, r = values
    size = min(equation.invars[0].aval.shape[-2:])
    complete = q.shape[-1] > size

    def residuals(k: int, q: Series, r: Series) -> list[Part | None]:
        s = add(a.part(k), scale(-1, product(matmul, q, r, k, k - 1)))
        return [s, scale(-1 / k, product(lambda x, y: matmul(adjoint(x), y), q, q.euler, k, k - 1))]

    def step(s: Any, t: Any) -> tuple[Any, Any]:
        moved = lax.linalg.triangular_solve(r[..., :size, :size], s[..., :size])
        seen = matmul(adjoint(q), moved)
        x = _turn(seen, t)
        upper = jnp.triu(seen - x[..., :size])
        turned = matmul(q, x) if complete else moved - matmul(q, upper)
        upper = matmul(upper, r[..., :size, :size])
        rest = matmul(adjoint(q), s[..., size:] - matmul(turned, r[..., size:]))
        return turned, jnp.concatenate([upper, rest], -1)

    like = [a.value.array[0], jax.eval_shape(lambda q: matmul(adjoint(q), q), q)]
    found = factors(run, values, residuals, like, step)
    return [run.deliver(u, var.aval) for u, var in zip(found, equation.outvars, strict=True)]


def _turn(seen: Any, t: Any) -> Any:
    """X from its columns' lower triangle and from t, where X + Xᴴ = t + tᴴ, and X = t among columns not seen."""
    unseen = t.shape[-1] - seen.shape[-1]
    wide = jnp.pad(seen, [(0, 0)] * (seen.ndim - 1) + [(0, unseen)])
    below = jnp.tril(wide, -1)
    x = on_diagonal(below + jnp.triu(t + adjoint(t) - adjoint(below), 1), t - imaginary(t) + imaginary(wide))
    rows, columns = (lax.broadcasted_iota(jnp.int32, t.shape, t.ndim + axis) for axis in (-2, -1))
    return jnp.where(jnp.minimum(rows, columns) >= seen.shape[-1], t, x)
