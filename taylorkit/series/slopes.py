"""The general rule by first derivatives, one variable after the other: what nested derivatives are, as series.

    v = p(u),  ∂_i v = J(u) [∂_i u]           so     v_α = (J(u) [∂_i u])_(α − e_i) / α_i

with i the first variable of α. Variables before i are not in α, so that they are put to 0: J's program runs in the
variables from i on, one order lower. Of a rule that is no gradient this takes the order of differentiation that method
`nested` has: first by the first variable of a term.

Degree k of v needs J's program to degree k − 1 only. So all of it is computed degree by degree, each equation when its
turn comes, and a rule may ask for its own results, or for the function itself of a direction: that has one order less.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import jax.numpy as jnp
from jax.extend.core import ClosedJaxpr, JaxprEqn

from taylorkit.series import forms, monomials
from taylorkit.series.algebra import Series
from taylorkit.series.forms import Value, moves
from taylorkit.series.monomials import BITS, codes
from taylorkit.series.parts import Dense, Part, Sparse

if TYPE_CHECKING:
    from taylorkit.series.interpreter import Run

EXPONENT = monomials.unit(1) - 1
"""The bits of a code that the exponent of the first variable takes."""


class Slopes:
    """The derivatives of an equation's floating results: J's program, run once for each variable where it is asked."""

    def __init__(self, run: "Run", equation: JaxprEqn, inputs: list[Value], moving: list[bool], rule: ClosedJaxpr):
        self.run, self.equation, self.inputs, self.moving, self.rule = run, equation, inputs, moving, rule
        self.outputs: list[Value] = []
        """The results themselves, for what the rule computes of them."""
        self.runs: dict[int, tuple[Run, list[Value]]] = {}

    def of(self, variable: int) -> "tuple[Run, list[Value]]":
        """J(u) [∂_i u] in the variables from i on, and the run that makes it."""
        if variable not in self.runs:
            run = self.run.below(variable)
            inputs, outputs = (
                [without(v, variable, self.run.variables) for v in vs] for vs in (self.inputs, self.outputs)
            )
            run.remember(self.equation, inputs, outputs)
            pairs = zip(inputs, self.equation.invars, self.moving, strict=True)
            directions = [slope(run, v, a.aval) for v, a, m in pairs if m]
            self.runs[variable] = run, run(self.rule.jaxpr, self.rule.consts, [*inputs, *directions])
        return self.runs[variable]

    def part(self, degree: int, place: int, entry: int | None, rows: bool) -> Part | None:
        """Degree k ≥ 1 of a result, or of one entry of it; its coefficients as symbols where `rows`."""
        found = []
        for variable in range(self.run.variables):
            run, slopes = self.of(variable)
            run.settle(degree - 1)
            found.append(_part(run, slopes[place], degree - 1, entry, rows))
        return _dense(self.run, found, degree) if entry is None and not rows else _sparse(found)


def _part(run: "Run", value: Value, degree: int, entry: int | None, rows: bool) -> Part | None:
    if entry is not None:
        return run.entries(value).reshape(-1)[entry].part(degree)
    series = run.whole(value)
    return (forms.rows(series, run.variables, run.program) if rows else series).part(degree)


def _sparse(found: list[Part | None]) -> Sparse | None:
    """x_i times the i-th part, over the exponent that x_i then has."""
    terms = {}
    for variable, part in enumerate(found):
        for code, symbol in ({} if part is None else part.terms).items():
            factor = 1 / ((code & EXPONENT) + 1)
            terms[(code + 1) << BITS * variable] = symbol.program.scale(factor, symbol)
    return Sparse(terms) if terms else None


def _dense(run: "Run", found: list[Part | None], degree: int) -> Dense | None:
    """The same in rows: in graded order the monomials that begin with x_0 come first, and so on."""
    like = next((part.array for part in found if part is not None), None)
    if like is None:
        return None
    rows = []
    for variable, part in enumerate(found):
        below = codes(run.variables - variable, degree - 1)
        shape = (len(below), *like.shape[1:])
        array = jnp.zeros(shape, like.dtype) if part is None else jnp.broadcast_to(part.array, shape)
        rows.append(array / _exponents([code + 1 for code in below], array))
    return Dense(jnp.concatenate(rows), run.variables, degree)


def _exponents(below: list[int], like: Any) -> Any:
    """The exponent of the first variable, shaped to meet rows of arrays."""
    exponents = jnp.asarray([code & EXPONENT for code in below], like.real.dtype)
    return exponents.reshape(-1, *[1] * (like.ndim - 1))


def without(value: Value, count: int, variables: int) -> Value:
    """A value where the first `count` variables are 0, in the others; the same object each time."""
    if not moves(value) or count == 0:
        return value
    if isinstance(value, Series):
        return _without(value, count, variables)
    return forms.object_array([_without(s, count, variables) for s in value.reshape(-1)], value.shape)


def _without(series: Series, count: int, variables: int) -> Series:
    source, dropped = series.source or (series, 0)
    variables += dropped
    count += dropped
    if count not in source.restricted:
        found = _derived(source, lambda part, degree: _restricted(part, degree, count, variables), 0)
        found.source = source, count
        source.restricted[count] = found
    return source.restricted[count]


def _restricted(part: Part, degree: int, count: int, variables: int) -> Part | None:
    if isinstance(part, Sparse):
        gone = (1 << BITS * count) - 1
        terms = {code >> BITS * count: symbol for code, symbol in part.terms.items() if not code & gone}
        return Sparse(terms) if terms else None
    kept = len(codes(variables - count, degree))
    array = jnp.broadcast_to(part.array, (len(codes(variables, degree)), *part.array.shape[1:]))
    return Dense(array[-kept:], variables - count, degree)


def slope(run: "Run", value: Value, aval: Any) -> Value:
    """∂_0 of a value."""
    if isinstance(value, Series):
        return _slope(run, value, aval)
    return forms.object_array([_slope(run, s, aval) for s in value.reshape(-1)], value.shape)


def _slope(run: "Run", series: Series, aval: Any) -> Series:
    if series.slope is None:

        def change(part: Part, degree: int) -> Part | None:
            return _sloped(part, degree, run.variables)

        def zero(rows: bool) -> Part:
            if rows or run.numbers:
                return Sparse({0: run.program.number(0.0)})
            return Dense(jnp.zeros((1, *aval.shape), aval.dtype), run.variables, 0)

        series.slope = _derived(series, change, 1, zero)
    return series.slope


def _sloped(part: Part, degree: int, variables: int) -> Part | None:
    if isinstance(part, Sparse):
        terms = {c - 1: s.program.scale(float(c & EXPONENT), s) for c, s in part.terms.items() if c & EXPONENT}
        return Sparse(terms) if terms else None
    first = codes(variables, degree)[: len(codes(variables, degree - 1))]
    array = jnp.broadcast_to(part.array, (len(codes(variables, degree)), *part.array.shape[1:]))[: len(first)]
    return Dense(array * _exponents(list(first), array), variables, degree - 1)


def _derived(
    series: Series, change: Callable[[Any, int], Part | None], shift: int, zero: Callable[[bool], Part] | None = None
) -> Series:
    """A series whose degree k comes from degree k + shift of another; where that is known as symbols, so is this."""

    def of(source: Series, rows: bool) -> Series:
        def degree(k: int) -> Part | None:
            part = source.part(k + shift)
            changed = None if part is None else change(part, k + shift)
            return zero(rows) if changed is None and k == 0 and zero else changed

        return Series(degree, max(0, source.start - shift), max(0, source.stop - shift))

    found = of(series, False)
    if series.twin is not None:
        found.twin = of(series.twin, True)
    return found
