"""Eigenvalues and singular values, all of them different: where two meet, their vectors have no derivatives.

Perturbation theory to any order: degree k of the vectors is written in the basis of their values, V_k = V₀ X. Off the
diagonal X is a residual over a difference of eigenvalues. The diagonal is a matter of convention, here as in JAX:
vectors stay of length 1 and do not turn their phase, (Vᴴ E V)_ii = 0.
"""

from typing import Any

import jax.numpy as jnp
from jax.extend.core import JaxprEqn

from taylorkit.series.algebra import Series, add, scale
from taylorkit.series.forms import Value
from taylorkit.series.general import from_jvp
from taylorkit.series.parts import Part
from taylorkit.series.registry import whole
from taylorkit.series.rules.factorizations import adjoint, diagonal, factors, imaginary, mapped, on_diagonal
from taylorkit.series.rules.linalg import Multiply, matmul, product
from taylorkit.trace import rerun

# Of the largest, in units of the last place's square root: eigenvalues that differ by less have lost half of the digits
# of their difference, which each further order divides by.
EQUAL = 1


def _columns(v: Any, w: Any) -> Any:
    """V diag(w)."""
    return v * w[..., None, :]


def _apart(w: Any) -> Any:
    """w_j − w_i, and 1 on the diagonal; 0 where rounding has left little of it, so that no number comes of it."""
    difference = w[..., None, :] - w[..., :, None]
    rounding = EQUAL * jnp.sqrt(jnp.finfo(w.dtype).eps) * abs(w).max(-1)[..., None, None]
    return on_diagonal(jnp.where(abs(difference) <= rounding, 0, difference), jnp.ones((), w.dtype))


def _lengths(v: Series, degree: int) -> Part | None:
    """X's diagonal from (Vᴴ E V)_ii = 0:  X_ii = −(1/k) Σ_{j=1..k−1} j (V_{k−j}ᴴ V_j)_ii."""
    found = product(lambda x, y: jnp.sum(x.conj() * y, -2), v, v.euler, degree, degree - 1)
    return scale(-1 / degree, found)


def _defect(multiply: Multiply, a: Series, v: Series, u: Series, w: Series, degree: int) -> Part | None:
    """Degree k of A V − U diag(w) without V_k, U_k and w_k."""
    return add(product(multiply, a, v, degree), scale(-1, product(_columns, u, w, degree, degree - 1)))


@whole("eigh")
def eigh(run: Any, equation: JaxprEqn, inputs: list[Value]) -> list[Value]:
    """A V = V Λ:  with S = V₀ᴴ (A V − V Λ)_k of what is known, Λ_k = diag S and X_ij = S_ij / (λ_j − λ_i)."""
    if equation.params.get("subset_by_index") is not None:
        return from_jvp(run, equation, inputs)  # which says what is not supported
    a = run.whole(inputs[0], equation.invars[0].aval)
    values = rerun(equation, [a.value.array[0]])

    def residuals(k: int, v: Series, w: Series) -> list[Part | None]:
        return [_defect(matmul, a, v, v, w, k), _lengths(v, k)]

    def step(s: Any, lengths: Any) -> tuple[Any, Any]:
        v, w = values
        s = matmul(adjoint(v), s)
        return matmul(v, on_diagonal(s / _apart(w), lengths[..., None, :])), diagonal(s).real

    found = factors(run, values, residuals, [values[0], values[0][..., 0, :]], step)
    return [run.deliver(u, var.aval) for u, var in zip(found, equation.outvars, strict=True)]


@whole("eig")
def eig(run: Any, equation: JaxprEqn, inputs: list[Value]) -> list[Value]:
    """Eigenvalues: A V = V Λ as above, V₀⁻¹ for V₀ᴴ and X_ii = 0. Eigenvectors go by their JVP."""
    names = "compute_left_eigenvectors", "compute_right_eigenvectors"
    if any(equation.params[name] for name in names):
        return from_jvp(run, equation, inputs)
    a = run.whole(inputs[0], equation.invars[0].aval)
    with_vectors = equation.replace(params={**equation.params, names[1]: True})
    w, v = rerun(with_vectors, [a.value.array[0]])

    def residuals(k: int, v: Series, w: Series) -> list[Part | None]:
        return [_defect(matmul, a, v, v, w, k)]

    def step(s: Any) -> tuple[Any, Any]:
        s = jnp.linalg.solve(v, s)
        return matmul(v, on_diagonal(s / _apart(w), jnp.zeros((), s.dtype))), diagonal(s)

    _, found = factors(run, [v, w], residuals, [v], step)
    return [run.deliver(found, equation.outvars[0].aval)]


@whole("svd")
def svd(run: Any, equation: JaxprEqn, inputs: list[Value]) -> list[Value]:
    """A V = U Σ and Aᴴ U = V Σ:  U_k = U₀ X + …, V_k = V₀ Y + …, what is outside the known vectors' span from one side.

    With M = U₀ᴴ (A V − U Σ)_k and N = V₀ᴴ (Aᴴ U − V Σ)_k of what is known, M = X Σ₀ − Σ₀ Y + Σ_k and
    N = Y Σ₀ − Σ₀ X + Σ_k: two equations for each pair of vectors, of determinant σ_j² − σ_i².
    """
    *_, rows, columns = equation.invars[0].aval.shape
    full = equation.params["compute_uv"] and equation.params["full_matrices"] and rows != columns
    if full or equation.params.get("subset_by_index") is not None:
        return from_jvp(run, equation, inputs)  # which says what is not supported
    a = run.whole(inputs[0], equation.invars[0].aval)
    thin = equation.replace(params={**equation.params, "compute_uv": True, "full_matrices": False})
    w, u, vh = rerun(thin, [a.value.array[0]])
    v = adjoint(vh)

    def residuals(k: int, w: Series, u: Series, v: Series) -> list[Part | None]:
        from_right = _defect(matmul, a, v, u, w, k)
        from_left = _defect(lambda x, y: matmul(adjoint(x), y), a, u, v, w, k)
        return [from_right, from_left, _lengths(u, k), _lengths(v, k)]

    def step(from_right: Any, from_left: Any, left: Any, right: Any) -> tuple[Any, Any, Any]:
        m, n = matmul(adjoint(u), from_right), matmul(adjoint(v), from_left)
        row, column = w[..., None, :], w[..., :, None]
        change = (diagonal(m) - w * (left - right)).real
        # The phase that the two equations leave open is U's to turn.
        left = left.real + right - right.real + imaginary(diagonal(m)) / w
        apart = _apart(w) * (row + column)
        x = on_diagonal((m * row + n * column) / apart, left[..., None, :])
        y = on_diagonal((m * column + n * row) / apart, right[..., None, :])
        outside_u = (from_right - matmul(u, m)) / row
        outside_v = (from_left - matmul(v, n)) / row
        return change, matmul(u, x) + outside_u, matmul(v, y) + outside_v

    like = [u, v, u[..., 0, :], v[..., 0, :]]
    sigma, left, right = factors(run, [w, u, v], residuals, like, step)
    found = [sigma, left, Series(lambda k: mapped(adjoint, right.part(k)))]
    return [run.deliver(f, var.aval) for f, var in zip(found, equation.outvars, strict=False)]
