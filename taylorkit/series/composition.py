"""Functions by their own Taylor coefficients at u₀: where a recurrence would lose digits, or divide by 0.

g(u) = Σ_j c_j(u₀) (u − u₀)^j
"""

from collections.abc import Callable
from functools import reduce
from math import comb
from typing import Any

from taylorkit.series.algebra import Degree, Series, add, call, choose, times
from taylorkit.series.parts import Part

Coefficient = Callable[[int], Callable[[Any], Any]]
"""j ↦ the function c_j of u₀."""


def composed(u: Series, coefficient: Coefficient, name: str) -> Degree:
    """The parts above degree 0 of the function with these coefficients."""
    powers = [Series(u.part, max(1, u.start), u.stop)]

    def degree(k: int) -> Part | None:
        while len(powers) < k:
            powers.append(powers[-1] * powers[0])
        terms = (times(powers[j - 1].part(k), call(coefficient(j), u.value, name=(name, j))) for j in range(1, k + 1))
        return reduce(add, terms, None)

    return degree


def whole(u: Series, coefficient: Coefficient, name: str) -> Series:
    """`composed` as a series of its own, its value with it."""
    above = composed(u, coefficient, name)
    return Series(lambda k: call(coefficient(0), u.value, name=(name, 0)) if k == 0 else above(k))


def of_powers(terms: list[float]) -> Coefficient:
    """Of Σ_m a_m u^m: c_j = Σ_m a_m C(m, j) u₀^{m−j}."""

    def coefficient(j: int) -> Callable[[Any], Any]:
        moved = [a * comb(m, j) for m, a in enumerate(terms)][j:]
        return lambda x: reduce(lambda value, a: value * x + a, reversed(moved), 0.0 * x)

    return coefficient


def either(which: Callable[[Any], Any], u: Series, inside: Degree, outside: Degree, name: str) -> Degree:
    """One way of computing where `which` says so of u₀, else the other."""

    def degree(k: int) -> Part | None:
        chosen = call(lambda x: which(x).astype("int32"), u.value, name=(name, "inside"))
        return choose(chosen, [outside(k), inside(k)])

    return degree
