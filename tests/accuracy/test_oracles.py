"""The exact coefficients themselves: against their own values a step away, and against mpmath; and the radii."""

from collections.abc import Callable
from math import inf, isclose, pi
from typing import Any

import mpmath
import numpy as np
import pytest
from flint import arb

from taylorkit.multi_index import degrees
from tests.accuracy import balls, exact, radii, several
from tests.accuracy.elementary import EXPONENT, TABLE
from tests.derivatives import oracles

ORDER = 16
# A step of 2^-30 r leaves 2^-510 of the series' remainder, and shows a wrong coefficient of degree 3 at 2^-90.
STEP, CLOSE = 2.0**-30, 2.0**-85

# Functions that are built here, not flint's own, once more in mpmath.
MPMATH: dict[str, Callable[[Any], Any]] = {
    "atan2 below": lambda x: mpmath.atan2(-2, x),
    "cbrt": lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)),
    "hypot": lambda x: mpmath.hypot(x, 3),
    "sinc": mpmath.sincpi,
    "tanh": mpmath.tanh,
    "logistic": lambda x: 1 / (1 + mpmath.exp(-x)),
    "acosh": mpmath.acosh,
    "x ** pi": lambda x: mpmath.power(x, EXPONENT),
    "erf_inv": mpmath.erfinv,
    "lgamma": mpmath.loggamma,
    "digamma": mpmath.digamma,
    "polygamma": lambda x: mpmath.psi(2, x),
    "zeta": lambda x: mpmath.zeta(3, x),
    "i0": lambda x: mpmath.besseli(0, x),
    "i1e": lambda x: mpmath.exp(-abs(x)) * mpmath.besseli(1, x),
    "igamma": lambda x: mpmath.gammainc(mpmath.mpf(5) / 2, 0, x, regularized=True),
    "betainc": lambda x: mpmath.betainc(mpmath.mpf(5) / 2, mpmath.mpf(7) / 2, 0, x, regularized=True),
}


@pytest.mark.parametrize("name", TABLE)
def test_a_series_gives_the_value_a_step_away(name: str) -> None:
    entry = TABLE[name]
    for x in entry.points[::3]:
        r = entry.radius(x, ORDER)
        step = STEP * (min(r, 1.0) if r > 0 else 1.0)
        here = exact.column(entry.exact, arb(x), ORDER)
        with oracles.precision(0, 1024):
            there = exact.column(entry.exact, arb(x) + arb(step), 1)[0]
            difference = sum(c * arb(step) ** k for k, c in enumerate(here)) - there
            assert abs(float(difference)) <= CLOSE * max(abs(float(there)), step), x


@pytest.mark.parametrize("name", MPMATH)
def test_equals_mpmath(name: str) -> None:
    points = TABLE[name].points[1::3]
    with mpmath.workdps(60):
        for x in points:
            expected = mpmath.taylor(MPMATH[name], mpmath.mpf(x), 5)
            ours = exact.coefficients(TABLE[name].exact, [x], 5)
            for k, c in enumerate(expected):
                assert mpmath.almosteq(c, mpmath.mpf(ours.high[k, 0]) + mpmath.mpf(ours.low[k, 0]), 1e-28, 1e-28), (
                    x,
                    k,
                )


def test_balls_equal_the_linear_system_of_rays() -> None:
    """Two ways to mixed coefficients: products of polynomials, and series along integer directions."""
    x = np.array([0.5, -1.25])
    series = lambda x, y: [(x * y).exp() / (1 + x * x + y * y)]  # noqa: E731
    function = lambda x, y: several.exp(x * y) / (1 + x * x + y * y)  # noqa: E731
    got = balls.coefficients(function, x[None], 6).high[:, 0]
    for k in range(7):
        expected = oracles.exact_coefficients(series, x, k)[:, 0]
        np.testing.assert_allclose(got[degrees(2, 6) == k], expected, rtol=1e-15, atol=1e-60)


def test_a_pair_of_doubles_keeps_what_one_loses() -> None:
    third = exact.coefficients(lambda u: u / 3, [1.0], 1)
    assert third.high[0, 0] == 1 / 3
    assert isclose(third.error(np.full((2, 1), 1 / 3))[0, 0], 1 / 3 * 2.0**-54, rel_tol=1e-9)
    assert third.error(np.full((2, 1), np.nan)).min() == inf


def test_a_wide_ball_is_refused() -> None:
    with pytest.raises(AssertionError, match="too wide to compare with"):
        exact.coefficients(lambda u: u * arb(1, 1e-3), [1.0], 1)


def test_radii() -> None:
    assert radii.singular_at(1, -1)(0.75, 9) == 0.25
    assert isclose(radii.tangent(30.0, 1), abs(30 - 9.5 * pi))
    assert radii.gamma_poles(2.5, 1) == 2.5 and isclose(radii.gamma_poles(-2.25, 1), 0.25)
    assert isclose(radii.exponential_type(2)(5.0, 3), 6 ** (1 / 3) / 2)
    # exp(−(x + z)²) = exp(−x²) exp(−2xz − z²): its majorant's second coefficient is 2x² + 1.
    assert isclose(radii.gaussian(-3.0, 2), (2 * 9 + 1) ** -0.5)
    assert isclose(radii.through_polydisc(8.0, 2.0, 1.0), 2.0)
    # The zeros of 2 + cos.
    assert isclose(abs(2 + np.cos(complex(pi, radii.cosine_is_minus_two(pi, 1)))), 0.0, abs_tol=1e-12)
