"""Linear algebra on series: against nested derivatives, against exact rationals, and by its own equations."""

from collections.abc import Callable
from itertools import product
from math import factorial
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from flint import ctx, fmpq, fmpq_poly, fmpq_series
from jax import lax, scipy

import taylorkit as tk
from taylorkit.differentiation import nested
from taylorkit.errors import FunctionError
from tests.series import compare

# Solves and factorisations of small well-conditioned matrices: their condition numbers, below 100, are lost.
CONDITIONED = 100 * compare.ROUNDING
# The two sides of an equation to order 5: sums of some hundred products, and the conditioning.
EQUATION = 100 * compare.ROUNDING

Matrix = Callable[[Any], Any]


def matrices(size: int, batch: tuple[int, ...] = ()) -> tuple[Matrix, Matrix, Matrix]:
    """A matrix of v, a positive one of v, and right sides: entries of all degrees, eigenvalues far apart."""
    rng = np.random.default_rng(3)
    slopes = rng.normal(size=(2, *batch, size, size))
    base = np.broadcast_to(np.diag(3.0 * size + 2.0 * np.arange(size)), (*batch, size, size))
    right = rng.normal(size=(*batch, size, 2))

    def general(v: Any) -> Any:
        return base + jnp.sin(v[0]) * slopes[0] + v[0] * v[-1] * slopes[1]

    def positive(v: Any) -> Any:
        a = general(v)
        return (a + jnp.swapaxes(a, -1, -2)) / 2

    return general, positive, lambda v: jnp.cos(v[-1]) * right


def functions(size: int, batch: tuple[int, ...] = ()) -> dict[str, Callable[[Any], Any]]:
    """What the public interfaces offer, by name."""
    a, s, b = matrices(size, batch)
    linalg = jnp.linalg
    return {
        "solve": lambda v: linalg.solve(a(v), b(v)),
        "matrix stays": lambda v: linalg.solve(a(np.full(2, 0.5)), b(v)),
        "right side stays": lambda v: linalg.solve(a(v), b(np.full(2, 0.5))),
        "inverse": lambda v: linalg.inv(a(v)),
        "determinant": lambda v: linalg.det(a(v)),
        "logarithm of the determinant": lambda v: linalg.slogdet(a(v))[1],
        "cholesky": lambda v: linalg.cholesky(s(v)),
        "lu": lambda v: lax.linalg.lu(a(v)[..., ::-1, :])[0],
        "tall lu": lambda v: lax.linalg.lu(a(v)[..., :-1])[0],
        "wide lu": lambda v: lax.linalg.lu(a(v)[..., :-1, :])[0],
        "qr": lambda v: jnp.concatenate(linalg.qr(a(v)), -1),
        "tall qr": lambda v: linalg.qr(a(v)[..., :-1], mode="r"),
        "wide qr": lambda v: jnp.concatenate(linalg.qr(a(v)[..., :-1, :]), -1),
        "complete qr": lambda v: linalg.qr(a(v)[..., :-1], mode="complete")[0],
        "symmetric eigenvalues": lambda v: linalg.eigvalsh(s(v)),
        "symmetric eigenvectors": lambda v: linalg.eigh(s(v))[1],
        "singular values": lambda v: linalg.svd(a(v), compute_uv=False),
        "tall singular vectors": lambda v: linalg.svd(a(v)[..., :-1], full_matrices=False)[0],
        "wide singular vectors": lambda v: linalg.svd(a(v)[..., :-1, :], full_matrices=False)[2],
        "solve triangular": lambda v: scipy.linalg.solve_triangular(a(v), b(v), trans=1),
        "solve by cholesky": lambda v: scipy.linalg.cho_solve((linalg.cholesky(s(v)), True), b(v)),
    }


def others() -> dict[str, Callable[[Any], Any]]:
    """What takes one matrix only."""
    a, s, b = matrices(3)
    zeroed = np.array([0.0, 1.0, 1.0])
    return {
        "least squares": lambda v: jnp.linalg.lstsq(a(v)[:, :2], b(v))[0],
        "pseudo-inverse": lambda v: jnp.linalg.pinv(a(v)[:, :2]),
        "conjugate gradients": lambda v: scipy.sparse.linalg.cg(lambda x: s(v) @ x, b(v), tol=1e-15)[0],
        "tridiagonal": lambda v: lax.linalg.tridiagonal_solve(
            a(v)[0] * zeroed / 9, a(v)[1] + 5, a(v)[2] * zeroed[::-1] / 9, b(v)
        ),
        "normal density": lambda v: scipy.stats.multivariate_normal.logpdf(b(v)[:, 0], jnp.zeros(3), s(v)),
        "negative power": lambda v: jnp.linalg.matrix_power(a(v), -2),
    }


def assert_like_nested(table: compare.Table, variables: int, order: int) -> None:
    points = np.random.default_rng(1).uniform(0.2, 0.8, (3, variables))
    wrong = {k: e for k, e in compare.differences(table, points, order, compare.QUICK).items() if not e <= CONDITIONED}
    assert not wrong


def test_small_matrices() -> None:
    """Their equations are asked for higher degrees, in one variable."""
    assert_like_nested(functions(2), 2, 2)


def test_matrices_of_three_that_are_not_square() -> None:
    """Those that are square have equations."""
    names = {name for name in functions(3) if name.startswith(("tall", "wide", "complete"))}
    assert len(names) == 7
    assert_like_nested({name: f for name, f in functions(3).items() if name in names}, 1, 2)


@pytest.mark.parametrize(("size", "batch", "order"), [(6, (), 2), (2, (2,), 1)], ids=["larger", "stacks"])
def test_in_whole_form_which_is_theirs(size: int, batch: tuple[int, ...], order: int) -> None:
    table, points = functions(size, batch), np.random.default_rng(1).uniform(0.2, 0.8, (3, 1))
    actual = compare.in_form("arrays", table, points, order)
    expected = compare.by_name(table, points, order, nested)
    assert [n for n, e in expected.items() if not np.abs(actual[n] - e).max() <= CONDITIONED * np.abs(e).max()] == []


def test_what_is_made_of_them() -> None:
    assert_like_nested(others(), 1, 2)


def test_exponential_of_a_matrix() -> None:
    a, *_ = matrices(2)
    assert_like_nested({"expm": lambda v: scipy.linalg.expm(a(v) / 9)}, 1, 2)


def equations(size: int) -> dict[str, Callable[[Any], Any]]:
    """Left side less right side, zero at every degree."""
    a, s, b = matrices(size)

    def t(x: Any) -> Any:
        return jnp.swapaxes(x, -1, -2)

    def lu(v: Any) -> Any:
        packed, _, permutation = lax.linalg.lu(a(v)[::-1])
        return (jnp.tril(packed, -1) + jnp.eye(size)) @ jnp.triu(packed) - a(v)[::-1][permutation]

    def qr(v: Any) -> Any:
        q, r = jnp.linalg.qr(a(v))
        return jnp.stack([q @ r - a(v), t(q) @ q - jnp.eye(size)])

    def eigh(v: Any) -> Any:
        w, vectors = jnp.linalg.eigh(s(v))
        return jnp.stack([s(v) @ vectors - vectors * w[None], t(vectors) @ vectors - jnp.eye(size)])

    def svd(v: Any) -> Any:
        u, w, vh = jnp.linalg.svd(a(v))
        return jnp.stack([(u * w[None]) @ vh - a(v), t(u) @ u - jnp.eye(size), vh @ t(vh) - jnp.eye(size)])

    def eig(v: Any) -> Any:
        turned = a(v) + 20 * v[0] * np.eye(size, k=1) - 20 * v[0] * np.eye(size, k=-1)
        return jnp.sum(jnp.linalg.eigvals(turned) ** 2).real - jnp.trace(turned @ turned)

    return {
        "solve": lambda v: a(v) @ jnp.linalg.solve(a(v), b(v)) - b(v),
        "cholesky": lambda v: jnp.linalg.cholesky(s(v)) @ t(jnp.linalg.cholesky(s(v))) - s(v),
        "lu": lu,
        "qr": qr,
        "eigh": eigh,
        "svd": svd,
        "eigenvalues, complex ones among them": eig,
        "products of products": lambda v: composed(a(v), s(v), b(v)),
        "several unknowns": lambda v: several(a(v), s(v), b(v)),
        **{str(p): triangular(size, *p) for p in product([True, False], repeat=4)},
    }


def composed(a: Any, s: Any, b: Any) -> Any:
    """A S x = b where the solver is known by a product of a product."""

    def solve(_: Any, y: Any) -> Any:
        return jnp.linalg.solve(a @ s, y)

    return a @ (s @ lax.custom_linear_solve(lambda x: a @ (s @ x), b, solve, solve)) - b


def several(a: Any, s: Any, b: Any) -> Any:
    """A x + y = b, S y = 2 b."""

    def matvec(z: Any) -> Any:
        return a @ z[0] + z[1], s @ z[1]

    def solve(_: Any, right: Any) -> Any:
        y = jnp.linalg.solve(s, right[1])
        return jnp.linalg.solve(a, right[0] - y), y

    first, second = matvec(lax.custom_linear_solve(matvec, (b, 2 * b), solve, solve))
    return jnp.stack([first - b, second - 2 * b])


def triangular(size: int, left: bool, lower: bool, transpose: bool, unit: bool) -> Callable[[Any], Any]:
    """op(a) X = B or X op(a) = B; a's other triangle, and a diagonal of ones, are not read."""
    a, _, b = matrices(size)

    def residual(v: Any) -> Any:
        full, right = a(v) / size, b(v) if left else b(v).T
        x = lax.linalg.triangular_solve(
            full, right, left_side=left, lower=lower, transpose_a=transpose, unit_diagonal=unit
        )
        read = jnp.tril(full) if lower else jnp.triu(full)
        read = read - jnp.diag(jnp.diag(read)) + jnp.eye(size) if unit else read
        read = read.T if transpose else read
        return (read @ x if left else x @ read) - right

    return residual


@pytest.mark.parametrize("form", compare.QUICK)
def test_equations_hold_at_every_degree(form: str) -> None:
    points = np.random.default_rng(1).uniform(0.2, 0.8, (3, 1))
    order = 4 if form == "arrays" else 3
    packed = compare.in_form(form, equations(3), points, order)
    factorials = np.array([factorial(k) for k in range(order + 1)])[:, None, None]
    worst = {name: np.abs(p / factorials).max() for name, p in packed.items()}
    assert {name: error for name, error in worst.items() if not error <= EQUATION} == {}


def test_inverse_is_exact_to_order_8() -> None:
    entries = [[[5, 1, 2], [1, -1]], [[0, 3, 0, 1], [4, 0, -2]]]  # polynomials, lowest degree first
    points, order = np.array([0.0, 0.5, -0.25]), 8

    def inverse(x: Any) -> Any:
        return jnp.linalg.inv(
            jnp.stack([jnp.stack([jnp.polyval(np.array(c[::-1], float), x) for c in row]) for row in entries])
        )

    packed = tk.derivatives(inverse, points, order, "series").packed
    expected = np.stack([exact_inverse(entries, fmpq(*x.as_integer_ratio()), order) for x in points.tolist()], -1)
    scale = np.abs(expected).max(axis=(1, 2), keepdims=True)
    assert (np.abs(packed - expected) / scale).max() <= compare.ROUNDING


def exact_inverse(entries: list, x: fmpq, order: int) -> np.ndarray:
    """The derivatives (order + 1, 2, 2) of a 2 × 2 matrix of polynomials: the adjugate over the determinant."""
    before, ctx.cap = ctx.cap, order + 1
    try:
        (a, b), (c, d) = [[fmpq_series(fmpq_poly(e)(fmpq_poly([x, 1]))) for e in row] for row in entries]
        found = [[e / (a * d - b * c) for e in row] for row in ((d, -b), (-c, a))]
        return np.array([[[float_of(e[k]) * factorial(k) for e in row] for row in found] for k in range(order + 1)])
    finally:
        ctx.cap = before


def float_of(number: fmpq) -> float:
    return int(number.p) / int(number.q)


def test_vectors_of_equal_eigenvalues_have_no_derivative() -> None:
    """Nothing finite is made up where two eigenvalues meet."""

    def vectors(v: Any) -> Any:
        return jnp.linalg.eigh(jnp.eye(2) + v[0] * jnp.ones((2, 2)))[1]

    assert not np.isfinite(tk.derivatives(vectors, np.zeros((1, 1)), 1, "series").packed[1]).all()


def test_says_what_is_not_supported() -> None:
    with pytest.raises(FunctionError, match="not implemented for full matrices"):
        tk.derivatives(lambda v: jnp.linalg.svd(v.reshape(1, 2))[2], np.ones((1, 2)), 1, "series")
