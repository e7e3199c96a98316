"""Functions of one affine form, expanded in one variable.

    u = u₀ + L, L = Σ aᵢ xᵢ:      g(u) = Σ_k g_k(u₀) L^k,      L^k = Σ_{|α| = k} (k! / α!) a^α x^α

The recurrences run on the g_k alone, n²/2 products instead of C(2D+n, n); what is made of such functions of one form
by sums, products and further functions is one again. Only its powers are spread over the monomials.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from math import factorial, prod
from typing import Any

from taylorkit.series.algebra import Circular, Degree, Series
from taylorkit.series.monomials import unit
from taylorkit.series.parts import Part, Sparse
from taylorkit.series.symbols import Symbol

Form = tuple[tuple[int, Symbol], ...]
"""L: its coefficients by the code of their variable."""


@dataclass(frozen=True, eq=False)
class Ridge:
    """`profile` is g as a series in one variable, the length of L; `unbounded` where it may be infinite: what does not
    stand in L then stays 0, and is no product of 0 and ∞."""

    form: Form
    profile: Series
    unbounded: bool = False


# What is infinite above some degree where its operand vanishes.
UNBOUNDED = frozenset("pow sqrt cbrt".split())


def along(
    name: str, inputs: Sequence[Series], recurrence: Callable[[list[Series]], Series], arithmetic: bool
) -> Series | None:
    """The recurrence on the profiles where all inputs are functions of one affine form; None where they are not.

    Sums and products of affine forms themselves are left as they are: they cost less.
    """
    moving = [u for u in inputs if u.stop > 0]
    if not moving or (arithmetic and all(u.ridge is None for u in moving)):
        return None
    ridges = [_ridge(u) for u in moving]
    forms = {r.form for r in ridges if r is not None}
    if len(forms) != 1 or None in ridges:
        return None
    (form,), profiles = forms, iter(r.profile for r in ridges if r is not None)
    unbounded = name in UNBOUNDED or any(r.unbounded for r in ridges if r is not None)
    given = [u if u.stop <= 0 else next(profiles) for u in inputs]
    profile = recurrence(given)
    profile.direction = next(u.direction for u in given if u.direction is not None)
    return spread(Ridge(form, profile, unbounded))


def _ridge(u: Series) -> Ridge | None:
    if u.ridge is not None:
        return u.ridge
    if u.stop != 1 or u.start > 0:
        return None
    try:
        value, slope = u.part(0), u.part(1)
    except Circular:
        return None
    if not isinstance(value, Sparse) or not isinstance(slope, Sparse) or len(slope.terms) < 2:
        return None
    parts = value, Sparse({unit(0): value.terms[0].program.number(1.0)})
    profile = Series(lambda k: parts[k], stop=1)
    profile.direction = slope.along(None).terms[0]
    return Ridge(tuple(sorted(slope.terms.items(), key=_code)), profile)


def _code(term: tuple[int, Symbol]) -> int:
    return term[0]


def spread(ridge: Ridge) -> Series:
    """The series in all variables."""
    profile = ridge.profile
    series = Series(_degree(ridge), profile.start, profile.stop, profile.known)
    series.ridge = ridge
    return series


def _degree(ridge: Ridge) -> Degree:
    times = _masked if ridge.unbounded else _scaled

    def degree(k: int) -> Part | None:
        part = ridge.profile.part(k)
        if k == 0 or part is None:
            return part
        assert isinstance(part, Sparse)
        (length,) = part.terms.values()
        return Sparse({code: times(power, length) for code, power in _powers(ridge.form, k)})

    return degree


def _scaled(power: tuple[int, Symbol], length: Symbol) -> Symbol:
    number, symbol = power
    return length.program.scale(number, symbol * length)


def _masked(power: tuple[int, Symbol], length: Symbol) -> Symbol:
    """`_scaled`, and 0 where the power is 0."""
    symbol, program = power[1], length.program
    if symbol.constant is not None:
        return _scaled(power, length)
    there = program.call("other than zero", _other_than_zero, [symbol])
    return program.choose(there, [program.number(0.0), _scaled(power, length)])


def _other_than_zero(number: Any) -> Any:
    return (number != 0).astype(number.dtype)


def _powers(form: Form, degree: int) -> list[tuple[int, tuple[int, Symbol]]]:
    """For each monomial of L^degree its code, its multinomial coefficient, and a^α."""
    found = []
    for places in combinations_with_replacement(range(len(form)), degree):
        multinomial = factorial(degree) // prod(factorial(places.count(i)) for i in set(places))
        code = sum(form[i][0] for i in places)
        # The factors before the last one are the same symbol one degree lower: the program knows it.
        found.append((code, (multinomial, _product([form[i][1] for i in places]))))
    return found


def _product(factors: list[Symbol]) -> Symbol:
    result = factors[0]
    for factor in factors[1:]:
        result = result * factor
    return result
