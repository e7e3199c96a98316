"""Determinants of singular matrices, equal eigenvalues, and what has no derivative."""

from collections.abc import Callable
from math import factorial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import taylorkit as tk

# Sums of some hundred products in double precision, in units of the largest derivative.
ROUNDING = 1e-11
RNG = np.random.default_rng(3)
MATRICES = {
    "rank 2": (np.arange(16.0).reshape(4, 4), np.diag([1.0, 2.0, 3.0, 4.0])),
    "rank 1": (np.outer(np.arange(1.0, 5.0), np.ones(4)), np.eye(4)),
    "zero": (np.zeros((4, 4)), np.arange(16.0).reshape(4, 4) ** 1.5),
    "a pivot of rounding": (np.diag([1.0, 1.0, 1.0, 1e-16]), np.arange(16.0).reshape(4, 4) ** 1.5),
    "two by two": (np.array([[1.0, 2.0], [2.0, 4.0]]), np.eye(2)),
}


def exact(a: np.ndarray, b: np.ndarray, order: int) -> list[float]:
    """The derivatives of det(a + s b) at 0, minor by minor: polynomials in s."""

    def det(rows: list[list[np.polynomial.Polynomial]]) -> np.polynomial.Polynomial:
        if not rows:
            return np.polynomial.Polynomial([1.0])
        minors = [[row[:j] + row[j + 1 :] for row in rows[1:]] for j in range(len(rows))]
        return sum(((-1) ** j * rows[0][j] * det(m) for j, m in enumerate(minors)), np.polynomial.Polynomial([0.0]))

    entries = [[np.polynomial.Polynomial([x, y]) for x, y in zip(r, q, strict=True)] for r, q in zip(a, b, strict=True)]
    coefficients = [*det(entries).coef, *[0.0] * (order + 1)]
    return [c * factorial(k) for k, c in enumerate(coefficients[: order + 1])]


@pytest.mark.parametrize("name", MATRICES)
def test_fault_R8_determinants(name: str) -> None:
    a, b = MATRICES[name]
    found = tk.derivatives(lambda s: jnp.linalg.det(a + s * b), np.array([0.0]), 3, "series").packed[:, 0]
    expected = np.array(exact(a, b, 3))
    np.testing.assert_allclose(found, expected, atol=ROUNDING * max(abs(expected).max(), 1))


def test_fault_R8_determinants_of_any_size() -> None:
    """Singular values diag(…) between turns: the determinant is that of two rows, two minors and so on."""
    size, rng = 12, np.random.default_rng(14)
    left, right = (np.linalg.qr(rng.normal(size=(size, size)))[0] for _ in range(2))
    values, change = np.array([0.0, 0, *np.linspace(1, 2, size - 2)]), np.linspace(-1.0, 1.5, size)
    found = tk.derivatives(
        lambda s: jnp.linalg.det(left @ jnp.diag(values + s * change) @ right), np.array([0.0]), 4, "series"
    )
    polynomial = np.polynomial.Polynomial([np.linalg.det(left) * np.linalg.det(right)])
    for value, slope in zip(values, change, strict=True):
        polynomial *= np.polynomial.Polynomial([value, slope])
    expected = polynomial.coef[:5] * [factorial(k) for k in range(5)]
    np.testing.assert_allclose(found.packed[:, 0], expected, atol=ROUNDING * abs(expected).max())


def test_fault_R8_rows_of_unlike_units_keep_their_digits() -> None:
    units, b = np.diag([1e6, 1e6, 1.0, 1e-6]), np.arange(16.0).reshape(4, 4) ** 0.5 - 2
    a = np.eye(4) + 0.1
    a[3] = a[0] + 1e-9 * a[3]
    found = tk.derivatives(lambda s: jnp.linalg.det(units @ (a + s * b)), np.array([0.0]), 4, "series").packed[:, 0]
    expected = np.array(exact(a, b, 4)) * 1e6
    np.testing.assert_allclose(found, expected, atol=ROUNDING * abs(expected).max())


def test_fault_R8_nearly_equal_eigenvalues_give_no_number() -> None:
    """A gap of 1e-12 has four digits, its powers none. A gap that has its digits keeps its derivatives."""
    shape, change = np.diag([1.0, 2.0, 3.0]), np.array([[1.0, 0.3, 0.1], [0.3, 2, 0.2], [0.1, 0.2, 3]])

    def f(s: jax.Array) -> jax.Array:
        return jnp.linalg.eigvalsh(2 * jnp.eye(3) + s[0] * shape + s[1] * change)

    for g in (f, lambda s: jnp.log(f(s)).sum()):
        d = tk.derivatives(g, np.array([[1e-12, 0.0], [1e-3, 0.0]]), 2, "series")
        last = d.packed[-1]
        assert not np.isfinite(last[..., 0]).any() and np.isfinite(last[..., 1]).all()
    # ∂²λ₁/∂s₁² = 2 Σ_j c_{1j}² / (λ₁ − λ_j) with gaps of 1e-3 and 2e-3.
    expected = 2 * (0.3**2 / -1e-3 + 0.1**2 / -2e-3)
    found = tk.derivatives(f, np.array([[1e-3, 0.0]]), 2, "series").packed[-1, 0]
    assert found[0] == pytest.approx(expected, rel=1e-11)  # the gap has 12 digits


def test_fault_R8_equal_eigenvalues_give_no_number() -> None:
    """Equal but for rounding: their derivatives from order 2 on are not finite, which status says, and not 1e16."""
    turn = np.linalg.qr(RNG.normal(size=(3, 3)))[0]
    matrix, change = turn @ np.diag([2.0, 2.0, 3.0]) @ turn.T, np.array([[1.0, 0.5, 0], [0.5, 1, 0.2], [0, 0.2, 1]])
    for f in (
        lambda s: jnp.linalg.eigvalsh(matrix + s * change),
        lambda s: jnp.linalg.svd(matrix + s * change, compute_uv=False),
    ):
        found = tk.derivatives(f, np.array([0.0]), 3, "series").packed[..., 0]
        assert np.isfinite(found[:2]).all() and not np.isfinite(found[3]).all()
        assert (abs(found[np.isfinite(found)]) < 1e3).all()


def test_fault_R8_symmetric_functions_of_equal_eigenvalues_are_not_reached() -> None:
    """Smooth, and NaN all the same from order 2 on. Preflight says why, and how to write them: so they are right."""
    matrix, change = 2 * np.eye(3), np.array([[1.0, 0.5, 0], [0.5, 1, 0.2], [0, 0.2, 1]])
    cases = {
        "log det": (lambda w: jnp.log(w).sum(), lambda a: jnp.linalg.slogdet(a)[1]),
        "product": (lambda w: w.prod(), jnp.linalg.det),
    }
    for of_values, of_matrix in cases.values():

        def f(s: jax.Array, of_values: Callable = of_values) -> jax.Array:
            return of_values(jnp.linalg.eigvalsh(matrix + s * change))

        def smooth(s: jax.Array, of_matrix: Callable = of_matrix) -> jax.Array:
            return of_matrix(matrix + s * change)

        expected = tk.derivatives(smooth, np.array([0.0]), 2, "series").packed[:, 0]
        found = tk.derivatives(f, np.array([0.0]), 2, "series").packed[:, 0]
        np.testing.assert_allclose(found[:2], expected[:2], rtol=ROUNDING)
        assert np.isnan(found[2]) and np.isfinite(expected[2])
    assert any("eigenvalues are equal" in words for words in tk.preflight(f, 0.0, 2).warnings)


def test_fault_R9_what_has_no_derivative_is_named() -> None:
    refused = tk.preflight(lambda s: jnp.linalg.eig(jnp.array([[2.0, 1], [0.5, 3]]) * s)[1].real, 1.5, 2).unsupported
    assert len(refused) == 1 and refused[0].startswith("eig at ") and "test_determinants.py" in refused[0]
    key = jax.random.key(0)
    for f in (lambda a: jax.random.gamma(key, a), lambda a: jax.random.gamma(key, 2 * a) ** 2):
        assert tk.preflight(f, 1.5, 1).unsupported == []
