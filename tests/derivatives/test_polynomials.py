"""Polynomials with integer coefficients at quarters: every value on the way fits a float, so derivatives are exact."""

from collections.abc import Callable
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np
import pytest

import taylorkit as tk
from taylorkit import multi_index
from tests.derivatives import oracles

MONOMIALS, POINTS = 8, 3
# (variables, degree of the polynomial, order). Nesting is dear beyond order 4; series goes on to 8 in one variable.
SIZES = [(1, 8, 4), (2, 8, 3), (3, 6, 2), (4, 5, 2), (5, 4, 2)]


def sparse_polynomial(variables: int, degree: int, rng: np.random.Generator) -> oracles.Polynomial:
    """Some monomials, one of them of full degree, with coefficients from 1 to 9."""
    exponents = multi_index.multi_indices(variables, degree)
    chosen = {len(exponents) - 1, *rng.choice(len(exponents), min(MONOMIALS, len(exponents)), replace=False).tolist()}
    return {tuple(exponents[i].tolist()): int(rng.integers(1, 10)) for i in sorted(chosen)}


def as_function(polynomial: oracles.Polynomial) -> Callable[..., Any]:
    def f(*x: Any) -> Any:
        return sum(c * prod(v**e for v, e in zip(x, es, strict=True)) for es, c in polynomial.items())

    return f


def quarters(variables: int, rng: np.random.Generator) -> np.ndarray:
    return rng.integers(-6, 7, (POINTS, variables)) / 4


def exact(polynomial: oracles.Polynomial, rows: np.ndarray, order: int) -> np.ndarray:
    """∂^α in rationals, as floats: (P, N)."""
    alphas = [tuple(a) for a in multi_index.multi_indices(rows.shape[1], order).tolist()]
    points = [tuple(map(Fraction, row)) for row in rows.tolist()]
    derivatives = [oracles.differentiate(polynomial, alpha) for alpha in alphas]
    return np.array([[float(oracles.value(d, x)) for x in points] for d in derivatives])


@pytest.mark.parametrize(("variables", "degree", "order"), SIZES)
def test_nested_is_exact(variables: int, degree: int, order: int, rng: np.random.Generator) -> None:
    polynomial, rows = sparse_polynomial(variables, degree, rng), quarters(variables, rng)
    points = tuple(rows.T) if variables > 1 else rows[:, 0]
    d = tk.derivatives(as_function(polynomial), points, order, "nested")
    np.testing.assert_array_equal(d.packed, exact(polynomial, rows, order))


def test_series_to_order_8(rng: np.random.Generator) -> None:
    polynomial, rows = sparse_polynomial(1, 7, rng), quarters(1, rng)
    d = tk.derivatives(as_function(polynomial), rows[:, 0], 8, "series")
    expected = exact(polynomial, rows, 8)
    assert (expected[8] == 0).all()
    oracles.assert_close(oracles.flat(d.packed), expected[:, None], 1, 8, oracles.IN_SERIES)


@pytest.mark.parametrize(("variables", "order"), [(1, 5), (2, 3), (4, 1)])
def test_taylor_polynomial_of_a_polynomial_is_itself(variables: int, order: int, rng: np.random.Generator) -> None:
    polynomial, (center, *elsewhere) = sparse_polynomial(variables, order, rng), quarters(variables, rng)
    f = as_function(polynomial)
    T = tk.taylor(lambda v: f(*v), center, order)
    T = tk.TaylorPolynomial(T.center, np.asarray(T.coefficients))
    values = [float(oracles.value(polynomial, tuple(map(Fraction, x.tolist())))) for x in elsewhere]
    np.testing.assert_allclose(T(np.stack(elsewhere)), values, rtol=1e-13, atol=1e-12)
