"""Functions that are smooth only piecewise. On a kink derivatives are those of one side (`sides`); status says so."""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.extend.core import JaxprEqn

from taylorkit.series import kinds
from taylorkit.series.algebra import Degree, Series, add, call, choose, times
from taylorkit.series.derived import is_complex
from taylorkit.series.forms import Value, concrete, object_array
from taylorkit.series.general import follows
from taylorkit.series.parts import Part
from taylorkit.series.registry import RULES, Rule, elementwise, rewritten, whole
from taylorkit.series.sides import Sides

# Piecewise constant: their results do not move.
STEPS = (
    "floor ceil round is_finite eq ne lt le gt ge eq_to le_to lt_to and or xor not "
    "shift_left shift_right_logical shift_right_arithmetic population_count clz reduce_and reduce_or reduce_xor "
    "stop_gradient iota bitcast_convert_type mulhi"
)
RULES.update(dict.fromkeys(STEPS.split(), Rule("constant")))


@elementwise("max")
def maximum(v: Series, a: Series, b: Series, **_: Any) -> Degree:
    """The larger one's series; where both are equal, that of the larger one beside it: see `sides`."""
    return _extreme(Sides(a, b), a, b)


@elementwise("min")
def minimum(v: Series, a: Series, b: Series, **_: Any) -> Degree:
    return _extreme(Sides(a, b), b, a)


def _extreme(sides: Sides, larger: Series, less: Series) -> Degree:
    """Of two series the first where a ≥ b."""

    def degree(k: int) -> Part | None:
        which = call(_negative, sides.at(k))
        return choose(which, [larger.part(k), less.part(k)])

    return degree


@rewritten("clamp")
def clamp(low: Any, x: Any, high: Any) -> Any:
    return jnp.minimum(jnp.maximum(x, low), high)


@whole("abs")
def abs_(run: Any, equation: JaxprEqn, inputs: list[Value]) -> list[Value]:
    """±u; of complex numbers √(x² + y²)."""
    if is_complex(equation):
        return kinds.rewritten(run, equation, inputs, Rule("rewritten", _modulus))
    return kinds.elementwise(run, equation, inputs, Rule("elementwise", _absolute))


def _absolute(v: Series, u: Series, **_: Any) -> Degree:
    zero = Series.constant(u.value.number(0.0))
    return _extreme(Sides(u, zero), u, -u)


def _negative(u: Any) -> Any:
    return (u < 0).astype(jnp.int32)


def _modulus(z: Any) -> Any:
    return jnp.sqrt(lax.real(z) ** 2 + lax.imag(z) ** 2)


def _direction(z: Any) -> Any:
    """The sign of a complex number, which turns with it: so says JAX from 0.12 on."""
    length = _modulus(z)
    return jnp.where(length == 0, 0, z) / jnp.where(length == 0, 1, length)


def sign(run: Any, equation: JaxprEqn, inputs: list[Value]) -> list[Value] | None:
    """A step; of complex numbers it turns with them. In a derivative rule (a lazy run) the sign of 0 is the one beside
    it, on the side that abs takes."""
    if is_complex(equation):
        turned = Rule("rewritten", _direction)
        return kinds.rewritten(run, equation, inputs, turned) if follows(equation, 0) else None
    if run.eager or not jnp.issubdtype(equation.invars[0].aval.dtype, jnp.floating):
        return None
    u = run.whole(inputs[0], equation.invars[0].aval)
    beside = Sides(Series(u.peek, stop=u.stop), Series.constant(u.value.number(0.0)))
    return [beside.at(run.order).broadcast(equation.outvars[0].aval.shape).array[0]]


RULES["sign"] = Rule("constant", sign)


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
