"""Powers. A whole exponent, whatever its type, is a whole power: x³·⁰ at −2 and x²·⁰ at 0 are as right as x³ and x²."""

from typing import Any

from taylorkit.series.algebra import Degree, Series, add, call, convolve, logarithm, power_degrees, scale, times
from taylorkit.series.registry import elementwise


def whole_power(v: Series, u: Series, r: int) -> Degree:
    """Repeated squaring for r ≥ 0, which needs no division; the recurrence below."""
    if r < 0:
        return power_degrees(v, u, r)
    if r == 0:
        return lambda k: None
    return _repeated(u, r).part


def _repeated(u: Series, r: int) -> Series:
    if r == 1:
        return u
    half = _repeated(u, r // 2)
    square = half * half
    return square * u if r % 2 else square


@elementwise("integer_pow")
def integer_pow(v: Series, u: Series, y: int, **_: Any) -> Degree:
    return whole_power(v, u, y)


@elementwise("pow")
def pow_(v: Series, u: Series, y: Series, **_: Any) -> Degree:
    """Constant exponents by their recurrence; else E v = v (y E u / u + log u E y)."""
    exponent = number(y)
    if exponent is not None and exponent == int(exponent):
        return whole_power(v, u, int(exponent))
    if exponent is not None:
        return power_degrees(v, u, exponent)
    slope = v * (y * u.euler / u)
    if y.stop > 0:
        slope = slope + v * (logarithm(u) * y.euler)
    return lambda k: scale(1 / k, slope.part(k))


def number(u: Series) -> float | None:
    """The one number that a constant series is at every entry, where it is known while tracing."""
    return u.known if u.stop == 0 else None


@elementwise("sqrt")
def sqrt(v: Series, u: Series, **_: Any) -> Degree:
    """2 v₀ v_k = u_k − Σ_{j=1..k−1} v_j v_{k−j}."""
    inverse = call(lambda a: 0.5 / a, v.value, name="half reciprocal")
    return lambda k: times(add(u.part(k), scale(-1, convolve(v, v, k, 1, k - 1))), inverse)


@elementwise("rsqrt")
def rsqrt(v: Series, u: Series, **_: Any) -> Degree:
    return power_degrees(v, u, -0.5)


@elementwise("cbrt")
def cbrt(v: Series, u: Series, **_: Any) -> Degree:
    return power_degrees(v, u, 1 / 3)
