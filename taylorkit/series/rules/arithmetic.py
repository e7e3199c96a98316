"""Sums, products, quotients."""

from functools import partial
from math import inf
from typing import Any

from taylorkit.series.algebra import Degree, Series, add, convolve, quotient, scale
from taylorkit.series.registry import elementwise, rewritten
from taylorkit.series.rules.powers import product_of_powers


def _larger(a: float, b: float, **_: Any) -> float:
    return max(a, b)


def _same(a: float, **_: Any) -> float:
    return a


@elementwise("add", "add_any", start=min, stop=_larger)
def add_(v: Series, a: Series, b: Series, **_: Any) -> Degree:
    return lambda k: add(a.part(k), b.part(k))


@elementwise("sub", start=min, stop=_larger)
def sub(v: Series, a: Series, b: Series, **_: Any) -> Degree:
    return lambda k: add(a.part(k), scale(-1, b.part(k)))


@elementwise("neg", start=lambda a: a, stop=_same)
def neg(v: Series, a: Series, **_: Any) -> Degree:
    return lambda k: scale(-1, a.part(k))


@elementwise("mul", start=lambda a, b: a + b, stop=lambda a, b, **_: a + b)
def mul(v: Series, a: Series, b: Series, **_: Any) -> Degree:
    if 0 in (a.known, b.known):
        return lambda k: None
    # The sparser factor leads: only its parts are asked of the other.
    first, second = (a, b) if a.stop <= b.stop else (b, a)
    return product_of_powers(v, a, b, partial(convolve, first, second))


@elementwise("div", start=lambda a, b: a, stop=lambda a, b, **_: inf if b else a)
def div(v: Series, a: Series, b: Series, **_: Any) -> Degree:
    return quotient(a, b, value=lambda: v.value).part


@elementwise("copy", "copy_p", "real_copy", start=lambda a: a, stop=_same)
def copy(v: Series, a: Series, **_: Any) -> Degree:
    return a.part


@rewritten("polynomial")
def polynomial(x: Any, *coefficients: Any, **_: Any) -> Any:
    """Horner's rule: a primitive of its own from JAX 0.12 on, whose JVP holds the primitive itself."""
    value = coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        value = value * x + coefficient
    return value
