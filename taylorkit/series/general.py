"""The general rule: a primitive with a JVP and without a rule of its own, custom rules among them.

The JVP's program J(u) [·] is run in the same arithmetic, on the operands and on their derivatives, in one of two ways:

| way | says | for |
|---|---|---|
| `euler` | k v_k = (J(u) [E u])_k, with Euler's operator E | gradients whose directions meet no further rule |
| `slopes` | α_i v_α = (J(u) [∂_i u])_(α − e_i) | any rule: it is what nested derivatives are |

An operand whose direction the rule ignores still moves if the rule reads its value. Where the rule holds the primitive
itself (the JVP of i0e holds i0e), the memory finds the series that is being made: without it each level would begin
anew and the cost double with every degree.
"""

from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import ClosedJaxpr, JaxprEqn, Literal

from taylorkit.errors import FunctionError
from taylorkit.rewriting import placed
from taylorkit.series import derived, directions, euler, forms, kinds
from taylorkit.series.forms import Value, moves
from taylorkit.series.registry import Rule
from taylorkit.series.slopes import Slopes
from taylorkit.series.tidying import without_dead, without_zeros
from taylorkit.trace import rerun

if TYPE_CHECKING:
    from taylorkit.series.interpreter import Run


def from_jvp(run: "Run", equation: JaxprEqn, inputs: list[Value]) -> list[Value]:
    """The outputs' series from the primitive's JVP."""
    return _in_form(run, equation, inputs, Rule("jvp"))


def _from_jvp(run: "Run", equation: JaxprEqn, inputs: list[Value], _: Rule) -> list[Value]:
    key = run.key(equation, inputs)
    if key not in run.memory:
        # The inputs are kept with the outputs: as long as they live no other object takes their ids.
        run.memory[key] = inputs, _made(run, equation, inputs)
    return run.memory[key][1]


_in_form = derived.wholly(_from_jvp)


def _made(run: "Run", equation: JaxprEqn, inputs: list[Value]) -> list[Value]:
    _refuse_closed_over(equation, inputs)
    moving = [moves(v) and _floating(a) for v, a in zip(inputs, equation.invars, strict=True)]
    try:
        rule = jvp_program(equation, moving)
    except Exception as error:  # whatever a missing rule raises
        return _values_alone(run, equation, inputs, error)
    if (needed := _needed(rule, moving)) != moving:
        fewer = jvp_program(equation, needed)
        if _needed(fewer, needed) == needed:  # else the rule asks which operands move
            moving, rule = needed, fewer
    inputs = [v if m else run.primal(v, a.aval) for v, m, a in zip(inputs, moving, equation.invars, strict=True)]
    if not any(moving):
        return rerun(equation, inputs)
    linear = _is_linear(rule, moving)
    if linear and not (directions.is_custom(equation) and directions.meet_rules(rule, moving)):
        return derived.piecewise(run, equation, inputs, Rule("piecewise"))
    if not linear and _is_bilinear(equation, moving):
        places = [i for i, m in enumerate(moving) if m]
        return kinds.bilinear_(run, equation, inputs, Rule("bilinear", None, lambda count: places))
    if directions.suit_euler(run, equation, rule, moving):
        return euler.outputs(run, equation, inputs, moving, rule)
    return _by_slopes(run, equation, inputs, Slopes(run, equation, inputs, moving, rule))


def _by_slopes(run: "Run", equation: JaxprEqn, inputs: list[Value], slopes: Slopes) -> list[Value]:
    slopes.outputs = euler.lazily(run, equation, inputs, slopes.part)
    return slopes.outputs


def _values_alone(run: "Run", equation: JaxprEqn, inputs: list[Value], error: Exception) -> list[Value]:
    """The results of what has no derivative, as long as none is asked for."""
    first, *_ = str(error).splitlines() or [""]
    own = isinstance(error, FunctionError)
    where = placed(equation)
    reason = first if own else f"{where} has no derivative ({first}): give it a rule with jax.custom_jvp"

    def refuse(*asked: Any) -> None:
        raise FunctionError(reason) from error

    return euler.lazily(run, equation, inputs, refuse)


def _refuse_closed_over(equation: JaxprEqn, inputs: list[Value]) -> None:
    """What a custom function closes over has no place in its rule: JAX raises there, or drops its derivative."""
    count = equation.params.get("num_consts", 0) if directions.is_custom(equation) else 0
    if any(moves(v) for v in inputs[:count]):
        raise FunctionError(
            f"{placed(equation)} closes over a value that depends on the variables, "
            "which its rule cannot see: hand it over as an argument"
        )


def _needed(rule: ClosedJaxpr, moving: list[bool]) -> list[bool]:
    """Of the operands that move, those that the results' changes rest on, by their value or by their direction."""
    used, own = used_by(rule), iter(rule.jaxpr.invars[len(moving) :])
    found = [m and next(own) in used for m in moving]
    read = [m and v in used for m, v in zip(moving, rule.jaxpr.invars, strict=False)]
    return [a or b for a, b in zip(found, read, strict=True)] if any(found) else found


def jvp_program(equation: JaxprEqn, moving: list[bool]) -> ClosedJaxpr:
    """(inputs, directions of the moving ones) ↦ the directions of the floating outputs, without the outputs."""
    floating = [jnp.issubdtype(v.aval.dtype, jnp.inexact) for v in equation.outvars]

    def push(values: list[Any], directions: list[Any]) -> list[Any]:
        # What stays is closed over: some primitives have no derivative in it, and need none.
        def of_moving(*floats: Any) -> list[Any]:
            given = iter(floats)
            return rerun(equation, [next(given) if m else v for v, m in zip(values, moving, strict=True)])

        _, out = jax.jvp(of_moving, tuple(v for v, m in zip(values, moving, strict=True) if m), tuple(directions))
        return [t for t, f in zip(out, floating, strict=True) if f]

    avals = [jax.ShapeDtypeStruct(a.aval.shape, a.aval.dtype) for a in equation.invars]
    program = jax.make_jaxpr(push)(avals, [a for a, m in zip(avals, moving, strict=True) if m])
    return without_dead(without_zeros(program))


def _is_bilinear(equation: JaxprEqn, moving: list[bool]) -> bool:
    """Whether a primitive is linear in each of two operands. A custom rule says nothing of its function."""
    if sum(moving) != 2 or directions.is_custom(equation):
        return False
    return all(_is_linear(jvp_program(equation, one), one) for one in _ones(moving))


def _ones(moving: list[bool]) -> list[list[bool]]:
    """One moving operand at a time."""
    return [[i == place for i in range(len(moving))] for place, m in enumerate(moving) if m]


def _is_linear(rule: ClosedJaxpr, moving: list[bool]) -> bool:
    """Whether the JVP does not look at the values of what moves: then its own series would never come to an end."""
    used = used_by(rule)
    return not any(v in used for v, m in zip(rule.jaxpr.invars, moving, strict=False) if m)


def follows(equation: JaxprEqn, place: int) -> bool:
    """Whether the results move with this operand at all."""
    if not _floating(equation.invars[place]):
        return False
    rule = jvp_program(equation, [i == place for i in range(len(equation.invars))])
    return rule.jaxpr.invars[-1] in used_by(rule)


def used_by(program: ClosedJaxpr) -> set[Any]:
    """The variables that a program reads or hands on."""
    read = [*program.jaxpr.outvars, *(a for e in program.jaxpr.eqns for a in e.invars)]
    return {a for a in read if not isinstance(a, Literal)}


def _floating(atom: Any) -> bool:
    return bool(jnp.issubdtype(atom.aval.dtype, jnp.inexact))


def same(value: Value) -> Any:
    """Series by being the same, plain arrays that are known by their entries."""
    if not moves(value):
        if not forms.concrete(value):
            return id(value)
        with jax.ensure_compile_time_eval():
            keys = jnp.issubdtype(jnp.result_type(value), jax.dtypes.prng_key)
            array = np.asarray(jax.random.key_data(value) if keys else value)
        return array.shape, str(array.dtype), array.tobytes()
    if isinstance(value, np.ndarray):
        return value.shape, tuple(id(s) for s in value.reshape(-1))
    return id(value)
