"""Slow, independent ways to the same derivatives, and how close two of them must be."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from functools import cache
from math import factorial, prod
from typing import Any

import jax
import numpy as np
from flint import arb, arb_mat, arb_series, ctx

from taylorkit import multi_index
from tests.cases import Case

EPS = float(np.finfo(np.float64).eps)

# Degrees that nested jacfwd compiles within a second.
DEAR = 4

# Two double-precision computations of a few hundred operations each, summed in different orders.
AGAINST_JACFWD = 2**12 * EPS
# One such computation against a value exact to 60 digits.
AGAINST_EXACT = 2**11 * EPS
# Taylor arithmetic to order 20: sums of twenty products, twenty times over; and the derivative of the logistic
# function, v (1 − v), loses what 1 − v cancels.
IN_SERIES = 2**10 * EPS
# Single precision has 2^29 times the rounding of double.
SINGLE = 2**11 * float(np.finfo(np.float32).eps)


@cache
def nested_jacfwd(case: Case) -> list[np.ndarray]:
    """D^k f at all points for each degree up to 4 by vmap(jacfwd(… jacfwd(f))), unpacked: (N, *S, D, …, D)."""
    vector: dict[str, Callable] = {
        "scalar": lambda v: case.function(v[0]),
        "vector": case.function,
        "scalars": lambda v: case.function(*v),
    }
    tower = [lambda v: jax.numpy.asarray(vector[case.form](v), v.dtype)]
    while len(tower) <= min(case.order, DEAR):
        tower.append(jax.jacfwd(tower[-1]))
    with jax.enable_x64(True):
        values = jax.jit(jax.vmap(lambda v: [f(v) for f in tower]))(case.rows)
        return [np.asarray(v) for v in values]


@contextmanager
def precision(degree: int, bits: int = 200) -> Iterator[None]:
    """Flint with so many bits, and series up to `degree` (it keeps ten terms unless told)."""
    before = ctx.prec, ctx.cap
    ctx.prec, ctx.cap = bits, degree + 1
    try:
        yield
    finally:
        ctx.prec, ctx.cap = before


def exact_series(series: Callable[..., list[Any]], x: np.ndarray, along: np.ndarray, degree: int) -> np.ndarray:
    """Taylor coefficients in t of f(x + t·along), as real balls: (|S|, degree+1) objects."""
    rays = [arb_series([arb(float(a)), arb(int(d))]) for a, d in zip(x, along, strict=True)]
    return np.array([[_term(out, k) for k in range(degree + 1)] for out in series(*rays)], object)


def _term(series: Any, k: int) -> Any:
    return series[k] if k < len(series) else arb(0)


def exact_coefficients(series: Callable[..., list[Any]], x: np.ndarray, degree: int) -> np.ndarray:
    """The Taylor coefficients of exactly `degree`, in graded order: (C(D+k−1, k), |S|), correctly rounded.

    Along integer directions d, f(x + t d) has the coefficient Σ_{|α|=k} c_α d^α at t^k: as many directions as there are
    α, one linear system of integers, solved in real balls.
    """
    exponents = multi_index.multi_indices(len(x), degree)[-len(multi_index.sorted_tuples(len(x), degree)) :]
    with precision(degree):
        # The simplex of α's themselves, shifted by one: polynomials of degree k are determined on it.
        rays = exponents + 1
        system = arb_mat(
            [[arb(prod(int(d) ** int(a) for d, a in zip(ray, e, strict=True))) for e in exponents] for ray in rays]
        )
        right = arb_mat([[row[degree] for row in exact_series(series, x, ray, degree)] for ray in rays])
        solved = system.solve(right)
        return np.array([[_rounded(solved[i, j]) for j in range(solved.ncols())] for i in range(solved.nrows())])


def _rounded(ball: Any) -> float:
    """A ball's midpoint; one that holds 0 and is narrower than the smallest double is 0."""
    assert float(ball.rad()) <= 1e-30 * max(1.0, abs(float(ball.mid()))), f"{ball} is too wide to compare with"
    return 0.0 if ball.contains(0) else float(ball.mid())


def exact_derivatives(case: Case) -> np.ndarray:
    """∂^α f at all points in graded order, from the exact source: (P, |S|, N)."""
    by_point = []
    for x in case.rows:
        terms = np.concatenate([exact_coefficients(case.series, x, k) for k in range(case.order + 1)])
        factorials = [prod(map(factorial, alpha)) for alpha in multi_index.multi_indices(len(x), case.order).tolist()]
        by_point.append(terms * np.array(factorials, float)[:, None])
    return np.stack(by_point, axis=-1)


Polynomial = dict[tuple[int, ...], int]


def differentiate(polynomial: Polynomial, alpha: tuple[int, ...]) -> Polynomial:
    """∂^α of Σ c x^e, in integers."""
    return {
        tuple(e - a for e, a in zip(exponents, alpha, strict=True)): c
        * prod(factorial(e) // factorial(e - a) for e, a in zip(exponents, alpha, strict=True))
        for exponents, c in polynomial.items()
        if all(e >= a for e, a in zip(exponents, alpha, strict=True))
    }


def value(polynomial: Polynomial, x: tuple[Fraction, ...]) -> Fraction:
    """Σ c x^e, exactly."""
    return sum((c * prod(v**e for v, e in zip(x, es, strict=True)) for es, c in polynomial.items()), Fraction(0))


def assert_close(actual: np.ndarray, expected: np.ndarray, variables: int, order: int, tolerance: float) -> None:
    """Degree by degree, point by point, |actual − expected| within `tolerance` of the largest expected derivative of
    that degree or a lower one: what cancellation leaves is measured by what was cancelled. Both (P, |S|, N)."""
    degrees = multi_index.degrees(variables, order)
    scale = np.zeros(expected.shape[-1])
    for k in range(order + 1):
        difference = np.abs(actual[degrees == k] - expected[degrees == k]).max(axis=(0, 1))
        scale = np.maximum(scale, np.abs(expected[degrees == k]).max(axis=(0, 1)))
        assert (difference <= tolerance * scale).all(), f"degree {k}: off by {difference} of {scale}"


def flat(packed: Any) -> np.ndarray:
    """(P, *S, N) ↦ (P, |S|, N), in double precision."""
    array = np.asarray(packed, np.float64)
    return array.reshape(len(array), -1, array.shape[-1])
