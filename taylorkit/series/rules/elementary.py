"""Exponentials, logarithms, trigonometric and hyperbolic functions with their inverses, error functions.

Most are their derivative: v' = g(u), g written in the arithmetic of series, v itself allowed in it.
"""

from math import log, pi, sqrt
from typing import Any

import jax.numpy as jnp
from jax import lax

from taylorkit.series import branch_points
from taylorkit.series.algebra import (
    Degree,
    Series,
    call,
    convolve,
    exponential,
    integral,
    logarithm_degrees,
    power,
    scale,
)
from taylorkit.series.registry import elementwise


def follows(g: Series, u: Series) -> Degree:
    """v with v' = g(u), above degree 0."""
    return lambda k: integral(u, g, k)


@elementwise("exp")
def exp(v: Series, u: Series, **_: Any) -> Degree:
    return follows(v, u)


@elementwise("exp2")
def exp2(v: Series, u: Series, **_: Any) -> Degree:
    return follows(v * log(2), u)


@elementwise("expm1")
def expm1(v: Series, u: Series, **_: Any) -> Degree:
    return follows(Series(lambda k: call(lax.exp, u.value) if k == 0 else v.part(k)), u)


@elementwise("log")
def log_(v: Series, u: Series, **_: Any) -> Degree:
    return branch_points.unless_still(logarithm_degrees(v, u), u)


@elementwise("log1p")
def log1p(v: Series, u: Series, **_: Any) -> Degree:
    return logarithm_degrees(v, u + 1)


def _pair(u: Series, other: Any, sign: int, v: Series) -> Series:
    """The companion c of v: v' = c, c' = sign · v."""
    return Series(lambda k: call(other, u.value) if k == 0 else scale(sign, integral(u, v, k)))


@elementwise("sin")
def sin(v: Series, u: Series, **_: Any) -> Degree:
    return follows(_pair(u, lax.cos, -1, v), u)


@elementwise("cos")
def cos(v: Series, u: Series, **_: Any) -> Degree:
    # c' = −s, s' = c.
    s = Series(lambda k: call(lax.sin, u.value) if k == 0 else integral(u, v, k))
    return lambda k: scale(-1, integral(u, s, k))


@elementwise("sinh")
def sinh(v: Series, u: Series, **_: Any) -> Degree:
    return follows(_pair(u, lax.cosh, 1, v), u)


@elementwise("cosh")
def cosh(v: Series, u: Series, **_: Any) -> Degree:
    return follows(_pair(u, lax.sinh, 1, v), u)


@elementwise("tan")
def tan(v: Series, u: Series, **_: Any) -> Degree:
    return follows(1 + v * v, u)


@elementwise("tanh")
def tanh(v: Series, u: Series, **_: Any) -> Degree:
    """v' = s with s = 1 − v², its value as 1/cosh² u₀: where v is nearly 1 the difference has no digits left."""
    s = Series(lambda k: call(_sech_squared, u.value) if k == 0 else scale(-1, convolve(v, v, k)))
    return follows(s, u)


def _sech_squared(u: Any) -> Any:
    """4 t q² with t = exp(−2|u|) and q = 1 / (1 + t), which tanh is made of too."""
    if jnp.iscomplexobj(u):
        return 1 / lax.square(lax.cosh(u))
    t = lax.exp(-2 * lax.abs(u))
    return 4 * t * lax.square(1 / (1 + t))


@elementwise("logistic")
def logistic(v: Series, u: Series, **_: Any) -> Degree:
    """v' = v w with w = 1 − v, its value as the logistic function of −u₀."""
    w = Series(lambda k: call(_complement, u.value) if k == 0 else scale(-1, v.part(k)))
    return follows(v * w, u)


def _complement(u: Any) -> Any:
    return lax.logistic(-u)


@elementwise("asin")
def asin(v: Series, u: Series, **_: Any) -> Degree:
    return follows(power(_one_minus_square(u), -0.5), u)


@elementwise("acos")
def acos(v: Series, u: Series, **_: Any) -> Degree:
    return follows(-power(_one_minus_square(u), -0.5), u)


@elementwise("atan")
def atan(v: Series, u: Series, **_: Any) -> Degree:
    return follows(power(u * u + 1, -1), u)


@elementwise("atan2")
def atan2(v: Series, y: Series, x: Series, **_: Any) -> Degree:
    """E v = (x E y − y E x) / (x² + y²)."""
    slope = (x * y.euler - y * x.euler) / (x * x + y * y)
    return lambda k: scale(1 / k, slope.part(k))


@elementwise("asinh")
def asinh(v: Series, u: Series, **_: Any) -> Degree:
    return follows(power(u * u + 1, -0.5), u)


@elementwise("acosh")
def acosh(v: Series, u: Series, **_: Any) -> Degree:
    return follows(power((u - 1) * (u + 1), -0.5), u)


@elementwise("atanh")
def atanh(v: Series, u: Series, **_: Any) -> Degree:
    return follows(power(_one_minus_square(u), -1), u)


@elementwise("erf")
def erf(v: Series, u: Series, **_: Any) -> Degree:
    return follows(_gaussian(u) * (2 / sqrt(pi)), u)


@elementwise("erfc")
def erfc(v: Series, u: Series, **_: Any) -> Degree:
    return follows(_gaussian(u) * (-2 / sqrt(pi)), u)


@elementwise("erf_inv")
def erf_inv(v: Series, u: Series, **_: Any) -> Degree:
    """v' = (√π / 2) exp(v²)."""
    return follows(exponential(v * v) * (sqrt(pi) / 2), u)


def _gaussian(u: Series) -> Series:
    return exponential(-(u * u))


def _one_minus_square(u: Series) -> Series:
    """1 − u², its value as (1 − u₀)(1 + u₀): no digit is lost near 1."""
    return (1 - u) * (1 + u)
