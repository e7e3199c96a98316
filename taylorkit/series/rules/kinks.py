"""Functions that are smooth only piecewise. On a kink the derivatives follow JAX's convention; status says so."""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.extend.core import JaxprEqn

from taylorkit.series import kinds
from taylorkit.series.algebra import Degree, Series, add, call, choose, scale, times
from taylorkit.series.derived import is_complex
from taylorkit.series.forms import Value, concrete, object_array
from taylorkit.series.parts import Part
from taylorkit.series.registry import RULES, Rule, elementwise, whole

# Piecewise constant: their results do not move.
STEPS = (
    "sign floor ceil round is_finite eq ne lt le gt ge eq_to le_to lt_to and or xor not argmax argmin "
    "shift_left shift_right_logical shift_right_arithmetic population_count clz reduce_and reduce_or reduce_xor "
    "stop_gradient iota bitcast_convert_type mulhi"
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


@whole("clamp")
def clamp(run: Any, equation: JaxprEqn, inputs: list[Value]) -> list[Value]:
    return _of_one_shape(run, equation, inputs, Rule("elementwise", _clamped))


def _clamped(v: Series, low: Series, u: Series, high: Series, **_: Any) -> Degree:
    """u's series strictly inside, a bound's strictly outside, 0 on the bound."""
    which = call(_place, low.value, u.value, high.value)
    return lambda k: choose(which, [low.part(k), u.part(k), high.part(k), None])


def _place(low: Any, u: Any, high: Any) -> Any:
    inside = jnp.where((u > low) & (u < high), 1, jnp.where(high < u, 2, 3))
    return jnp.where((low > u) & (low < high), 0, inside).astype(jnp.int32)


@whole("abs")
def abs_(run: Any, equation: JaxprEqn, inputs: list[Value]) -> list[Value]:
    """±u; of complex numbers √(x² + y²)."""
    if is_complex(equation):
        return kinds.rewritten(run, equation, inputs, Rule("rewritten", _modulus))
    return kinds.elementwise(run, equation, inputs, Rule("elementwise", _absolute))


def _absolute(v: Series, u: Series, **_: Any) -> Degree:
    """u where it is 0 too, as in JAX."""
    negative = call(_negative, u.value)
    return lambda k: choose(negative, [u.part(k), scale(-1, u.part(k))])


def _negative(u: Any) -> Any:
    return (u < 0).astype(jnp.int32)


def _modulus(z: Any) -> Any:
    return jnp.sqrt(lax.real(z) ** 2 + lax.imag(z) ** 2)


def _direction(z: Any) -> Any:
    """The sign of a complex number, which turns with it: so says JAX from 0.12 on."""
    length = _modulus(z)
    return jnp.where(length == 0, 0, z) / jnp.where(length == 0, 1, length)


RULES["sign"] = Rule("constant", _direction)


@elementwise("nextafter")
def nextafter(v: Series, a: Series, towards: Series, **_: Any) -> Degree:
    return a.part


@whole("select_n")
def select_n(run: Any, equation: JaxprEqn, inputs: list[Value]) -> list[Value]:
    if run.numbers and concrete(inputs[0]) and not is_complex(equation):
        return [_picked(inputs[0], [run.entries(case) for case in inputs[1:]])]
    return _of_one_shape(run, equation, inputs, Rule("elementwise", _selected, start=_first_of_cases))


def _picked(which: Any, cases: list[np.ndarray]) -> np.ndarray:
    """A choice that is known moves the numbers that it takes."""
    places = np.broadcast_to(np.asarray(which, int), cases[0].shape).reshape(-1)
    return object_array([cases[c].flat[i] for i, c in enumerate(places)], cases[0].shape)


def _selected(v: Series, which: Series, *cases: Series, **_: Any) -> Degree:
    return lambda k: choose(which.value, [case.part(k) for case in cases])


def _first_of_cases(which: int, *cases: int) -> int:
    return min(cases)


def _of_one_shape(run: Any, equation: JaxprEqn, inputs: list[Value], rule: Rule) -> list[Value]:
    """Entry by entry, once a scalar operand (the bounds of clamp, the switch of select_n) has the others' shape."""
    shape = equation.outvars[0].aval.shape
    if all(a.aval.shape == shape for a in equation.invars):
        return kinds.elementwise(run, equation, inputs, rule)

    def spread(*operands: Any, **parameters: Any) -> Any:
        return equation.primitive.bind(*(jnp.broadcast_to(a, shape) for a in operands), **parameters)

    return kinds.rewritten(run, equation, inputs, Rule("rewritten", spread))


@elementwise("rem")
def rem(v: Series, x: Series, y: Series, **_: Any) -> Degree:
    """v = x − trunc(x/y) y, the quotient a step."""
    steps = call(lambda a, b: -jnp.trunc(a / b), x.value, y.value, name="minus truncated quotient")
    return lambda k: add(x.part(k), times(y.part(k), steps))
