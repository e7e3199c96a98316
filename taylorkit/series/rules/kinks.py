"""Functions that are smooth only piecewise. On a kink the derivatives follow JAX's convention; status says so."""

from typing import Any

import jax.numpy as jnp
from jax import lax

from taylorkit.series.algebra import Degree, Series, add, call, choose, scale, times
from taylorkit.series.parts import Part
from taylorkit.series.registry import RULES, Rule, elementwise

# Piecewise constant: their results do not move.
STEPS = (
    "sign floor ceil round is_finite eq ne lt le gt ge eq_to le_to lt_to and or xor not nextafter argmax argmin "
    "shift_left shift_right_logical shift_right_arithmetic population_count clz reduce_and reduce_or reduce_xor "
    "stop_gradient iota"
)
RULES.update(dict.fromkeys(STEPS.split(), Rule("constant")))


@elementwise("max")
def maximum(v: Series, a: Series, b: Series, **_: Any) -> Degree:
    """The larger one's series; where both are equal, the mean of the two."""
    return _extreme(a, b, call(_compare, a.value, b.value))


@elementwise("min")
def minimum(v: Series, a: Series, b: Series, **_: Any) -> Degree:
    return _extreme(a, b, call(_compare, b.value, a.value))


def _extreme(a: Series, b: Series, which: Part) -> Degree:
    """a's series, b's, or their mean."""
    return lambda k: choose(which, [a.part(k), b.part(k), scale(0.5, add(a.part(k), b.part(k)))])


def _compare(a: Any, b: Any) -> Any:
    return jnp.where(a > b, 0, jnp.where(b > a, 1, 2)).astype(jnp.int32)


@elementwise("clamp")
def clamp(v: Series, low: Series, u: Series, high: Series, **_: Any) -> Degree:
    """u's series strictly inside, a bound's strictly outside, 0 on the bound."""
    which = call(_place, low.value, u.value, high.value)
    return lambda k: choose(which, [low.part(k), u.part(k), high.part(k), None])


def _place(low: Any, u: Any, high: Any) -> Any:
    inside = jnp.where((u > low) & (u < high), 1, jnp.where(high < u, 2, 3))
    return jnp.where((low > u) & (low < high), 0, inside).astype(jnp.int32)


@elementwise("abs", start=lambda u: u)
def abs_(v: Series, u: Series, **_: Any) -> Degree:
    sign = call(lax.sign, u.value)
    return lambda k: times(u.part(k), sign)


@elementwise("select_n", start=lambda which, *cases: min(cases))
def select_n(v: Series, which: Series, *cases: Series, **_: Any) -> Degree:
    return lambda k: choose(which.value, [case.part(k) for case in cases])


@elementwise("rem")
def rem(v: Series, x: Series, y: Series, **_: Any) -> Degree:
    """v = x − trunc(x/y) y, the quotient a step."""
    steps = call(lambda a, b: -jnp.trunc(a / b), x.value, y.value, name="minus truncated quotient")
    return lambda k: add(x.part(k), times(y.part(k), steps))
