"""Taylor coefficients in one variable, exact to 80 bits and more, from python-flint's series of real balls.

A function is written once more in flint: it takes u = x + t as an `arb_series` and returns f(u). What flint's series
lack is built from an antiderivative, an ordinary differential equation or the values of its derivatives. The precision
is raised until every ball is narrow, so that no cancellation (1e-12 to the 16th power) goes unseen.
"""

from collections.abc import Callable
from math import comb, factorial
from typing import Any, NamedTuple

import numpy as np
from flint import arb, arb_series, ctx

from tests.derivatives.oracles import precision

Series = Callable[[Any], Any]

# Balls must be as narrow as this; and one that holds 0 still, and is narrower than that, is 0.
ACCURATE_BITS = 100
VANISHING = 2.0**-200
PRECISIONS = (256, 1024, 4096)


class Exact(NamedTuple):
    """The coefficients as sums of two doubles, high + low: differences from `high` are exact beyond its last bit."""

    high: np.ndarray
    low: np.ndarray

    def error(self, values: np.ndarray) -> np.ndarray:
        """|values − exact|: infinite where a value is not a number."""
        difference = np.abs((np.asarray(values, np.float64) - self.high) - self.low)
        return np.where(np.isnan(difference), np.inf, difference)


def coefficients(series: Series, points: Any, order: int) -> Exact:
    """a_k of f at each point: (order+1, N)."""
    columns = [column(series, float(x), order) for x in points]
    return pairs(np.array(columns, object).T)


def pairs(balls: np.ndarray) -> Exact:
    """Each ball as two doubles."""
    high = np.vectorize(lambda b: float(b.mid()), otypes=[float])(balls)
    low = np.vectorize(lambda b, h: float((b - arb(h)).mid()), otypes=[float])(balls, high)
    return Exact(high, low)


def column(series: Series, x: Any, order: int) -> list[Any]:
    for bits in PRECISIONS:
        with precision(order, bits):
            out = series(arb_series([arb(x), 1]))
            terms = [out[k] if k < len(out) else arb(0) for k in range(order + 1)]
        if all(narrow(t) for t in terms):
            return terms
    return [_checked(t) for t in terms]


def narrow(ball: Any) -> bool:
    return ball.is_zero() or ball.rel_accuracy_bits() >= ACCURATE_BITS


def vanishes(ball: Any) -> bool:
    """What holds 0 after cancelling all that it was computed with."""
    return ball.contains(0) and float(ball.rad()) < VANISHING


def _checked(ball: Any) -> Any:
    assert narrow(ball) or vanishes(ball), f"{ball} is too wide to compare with"
    return arb(0) if vanishes(ball) else ball


def antiderivative(value: Any, derivative: Any) -> Any:
    """value + ∫ derivative."""
    return value + derivative.integral()


def power(u: Any, exponent: Any) -> Any:
    """u^r for u > 0."""
    return (u.log() * arb(exponent)).exp()


def flipped(series: Series, parity: int) -> Series:
    """f(−u) = parity · f(u): what is written for positive u serves negative u."""
    return lambda u: series(u) if u[0] > 0 else parity * series(-u)


def about(u: Any, terms: list[Any]) -> Any:
    """Σ terms[k] (u − u₀)^k."""
    return arb_series(terms)(arb_series([0, *list(u)[1:]]))


def inverse_erf(u: Any) -> Any:
    """y' = ½ √π exp(y²), one degree more right at each turn."""
    y = value = arb_series([u[0].erfinv()])
    for _ in range(ctx.cap):
        y = antiderivative(value, (y * y).exp() * arb.pi().sqrt() / 2)
    return about(u, list(y))


def bessel_i(order: int) -> Series:
    """I_ν from I_ν and I_ν' at the point and x² y'' + x y' − (x² + ν²) y = 0, at x ≠ 0."""

    def series(u: Any) -> Any:
        x = u[0]
        value, next_one = x.bessel_i(arb(order)), x.bessel_i(arb(order + 1))
        a = [arb(0), arb(0), value, next_one + order * value / x]  # a[k + 2] is the coefficient of degree k
        for k in range(ctx.cap - 2):
            right = (x * x + order**2 - k * k) * a[k + 2] + 2 * x * a[k + 1] + a[k]
            a.append((right - (2 * k + 1) * (k + 1) * x * a[k + 3]) / ((k + 1) * (k + 2) * x * x))
        return about(u, a[2 : ctx.cap + 2])

    return series


def hurwitz_zeta(s: int) -> Series:
    """ζ(s, u): the derivative in u is −s ζ(s+1, u)."""
    return lambda u: about(u, [(-1) ** k * comb(s + k - 1, k) * arb(s + k).zeta(u[0]) for k in range(ctx.cap)])


def polygamma(m: int) -> Series:
    """ψ^(m) = (−1)^(m+1) m! ζ(m+1, u), for m ≥ 1."""
    return lambda u: (-1) ** (m + 1) * factorial(m) * hurwitz_zeta(m + 1)(u)


def digamma(u: Any) -> Any:
    return antiderivative(u[0].digamma(), polygamma(1)(u) * u.derivative())


def gamma_lower(a: float) -> Series:
    """P(a, u): the derivative is u^(a−1) e^(−u) / Γ(a)."""
    return lambda u: antiderivative(
        u[0].gamma_lower(arb(a), regularized=1), u.derivative() * power(u, a - 1) * (-u).exp() / arb(a).gamma()
    )


def beta_lower(a: float, b: float) -> Series:
    """I_u(a, b): the derivative is u^(a−1) (1−u)^(b−1) / B(a, b)."""

    def series(u: Any) -> Any:
        whole = arb(a).gamma() * arb(b).gamma() / arb(a + b).gamma()
        value = u[0].beta_lower(arb(a), arb(b), regularized=1)
        return antiderivative(value, u.derivative() * power(u, a - 1) * power(1 - u, b - 1) / whole)

    return series


def atan2(y: Any, x: Any) -> Any:
    return antiderivative(arb.atan2(y[0], x[0]), (y.derivative() * x - x.derivative() * y) / (x * x + y * y))


def constant(value: float) -> Series:
    return lambda u: arb_series([arb(value)])
