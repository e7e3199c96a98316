"""The general rule: a primitive with a JVP and without a rule of its own, custom rules among them.

E is a derivation, so E v = J(u) [E u] is the JVP of v = p(u) along E u, and k v_k = (E v)_k. The JVP's program is run
in the same arithmetic, lazily: E u begins at degree 1, so degree k of E v asks its factors for degrees below k only.
Where the rule holds the primitive itself (the JVP of i0e holds i0e), the memory finds the series that is being made:
without it each level would begin anew and the cost double with every degree.
"""

import re
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import ClosedJaxpr, JaxprEqn, Literal

from taylorkit.series import derived, forms, kinds
from taylorkit.series.algebra import Series, scale
from taylorkit.series.forms import Value, moves
from taylorkit.series.parts import Dense, Part, Sparse
from taylorkit.series.registry import Rule
from taylorkit.series.tidying import without_dead, without_zeros
from taylorkit.trace import rerun

if TYPE_CHECKING:
    from taylorkit.series.interpreter import Run


def from_jvp(run: "Run", equation: JaxprEqn, inputs: list[Value]) -> list[Value]:
    """The outputs' series from the primitive's JVP."""
    return _in_form(run, equation, inputs, Rule("jvp"))


def _from_jvp(run: "Run", equation: JaxprEqn, inputs: list[Value], _: Rule) -> list[Value]:
    inputs = _without_steps(run, equation, inputs)
    moving = [moves(v) for v in inputs]
    if not any(moving):
        return rerun(equation, inputs)
    rule = jvp_program(equation, moving)
    if _is_linear(rule, moving):
        return derived.piecewise(run, equation, inputs, Rule("piecewise"))
    if sum(moving) == 2 and all(_is_linear(jvp_program(equation, one), one) for one in _ones(moving)):
        places = [i for i, m in enumerate(moving) if m]
        return kinds.bilinear_(run, equation, inputs, Rule("bilinear", None, lambda count: places))
    key = _key(equation, rule, inputs)
    if key not in run.memory:
        # The inputs are kept with the outputs: as long as they live no other object takes their ids.
        run.memory[key] = inputs, _knotted(run, equation, inputs, moving, rule)
    return run.memory[key][1]


_in_form = derived.wholly(_from_jvp)


def _without_steps(run: "Run", equation: JaxprEqn, inputs: list[Value]) -> list[Value]:
    """The inputs, with the plain value of those whose changes the results do not follow."""
    return [
        run.primal(v, a.aval) if moves(v) and not follows(equation, place) else v
        for place, (v, a) in enumerate(zip(inputs, equation.invars, strict=True))
    ]


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


def _ones(moving: list[bool]) -> list[list[bool]]:
    """One moving operand at a time."""
    return [[i == place for i in range(len(moving))] for place, m in enumerate(moving) if m]


def _is_linear(rule: ClosedJaxpr, moving: list[bool]) -> bool:
    """Whether the JVP does not look at the values of what moves: then its own series would never come to an end."""
    used = _used(rule)
    return not any(v in used for v, m in zip(rule.jaxpr.invars, moving, strict=False) if m)


def follows(equation: JaxprEqn, place: int) -> bool:
    """Whether the results move with this operand at all."""
    if not jnp.issubdtype(equation.invars[place].aval.dtype, jnp.inexact):
        return False
    rule = jvp_program(equation, [i == place for i in range(len(equation.invars))])
    return rule.jaxpr.invars[-1] in _used(rule)


def _used(program: ClosedJaxpr) -> set[Any]:
    """The variables that a program reads or hands on."""
    read = [*program.jaxpr.outvars, *(a for e in program.jaxpr.eqns for a in e.invars)]
    return {a for a in read if not isinstance(a, Literal)}


def _knotted(run: "Run", equation: JaxprEqn, inputs: list[Value], moving: list[bool], rule: ClosedJaxpr) -> list[Value]:
    """The outputs, whose higher degrees run the rule when first asked for."""
    changes: list[Any] = []
    primal: list[Any] = []

    def change(place: int) -> Value:
        if not changes:
            directions = [euler(v) for v, m in zip(inputs, moving, strict=True) if m]
            changes.extend(run.lazily()(rule.jaxpr, rule.consts, [*inputs, *directions]))
        return changes[place]

    def values() -> list[Any]:
        if not primal:
            primal.extend(rerun(equation, run.primals(equation, inputs)))
        return primal

    outputs: list[Value] = []
    place = 0
    for number, var in enumerate(equation.outvars):
        if not jnp.issubdtype(var.aval.dtype, jnp.inexact):
            outputs.append(values()[number])
            continue
        outputs.append(_output(run, var.aval, lambda n=number: values()[n], lambda p=place: change(p)))
        place += 1
    return outputs


def _output(run: "Run", aval: Any, value: Any, change: Any) -> Value:
    """One output: its value, and k v_k = (E v)_k."""
    if not run.numbers:

        def whole_degree(k: int) -> Part | None:
            if k == 0:
                return Dense(jnp.asarray(value())[None], run.variables, 0)
            moved = change()
            return scale(1 / k, moved.part(k)) if moves(moved) else None

        series = Series(whole_degree)

        def row_degree(k: int) -> Part | None:
            if k == 0:
                return Sparse({0: run.program.leaf(jnp.asarray(value()))})
            moved = change()
            return scale(1 / k, forms.rows(moved, run.variables, run.program).part(k)) if moves(moved) else None

        series.twin = Series(row_degree)
        return series
    table: list[Any] = []

    def entry(i: int) -> Series:
        def degree(k: int) -> Part | None:
            if k == 0:
                if not table:
                    table.extend(forms.number_constants(value(), run.program).reshape(-1))
                return table[i].value
            moved = change()
            return scale(1 / k, moved.reshape(-1)[i].part(k)) if moves(moved) else None

        return Series(degree)

    return forms.object_array([entry(i) for i in range(int(np.prod(aval.shape, dtype=int)))], aval.shape)


def euler(value: Value) -> Value:
    """E of a value."""
    if isinstance(value, Series):
        return value.euler
    return forms.object_array([s.euler for s in value.reshape(-1)], value.shape)


def _key(equation: JaxprEqn, rule: ClosedJaxpr, inputs: list[Value]) -> Any:
    """What the general rule depends on: the primitive with its parameters, its JVP's program, and the inputs. Two
    functions may have one rule, and one function two."""
    return description(equation), closed(rule), tuple(identity(v) for v in inputs)


def description(equation: JaxprEqn) -> Any:
    """A primitive with its parameters: bodies by text and constants, functions by name."""
    found = [(name, closed(p) if isinstance(p, ClosedJaxpr) else named(p)) for name, p in equation.params.items()]
    return equation.primitive.name, tuple(sorted(found, key=lambda item: item[0]))


def closed(program: ClosedJaxpr) -> Any:
    return str(program.jaxpr), tuple(identity(c) for c in program.consts)


def named(parameter: Any) -> Any:
    """A parameter as text, arrays whole, without the places in memory that change from trace to trace."""
    if isinstance(parameter, tuple | list):
        return tuple(map(named, parameter))
    return identity(parameter) if hasattr(parameter, "dtype") else re.sub(r" at 0x[0-9a-f]+", "", str(parameter))


def identity(value: Value) -> Any:
    """Series by being the same, plain arrays that are known by their entries."""
    if isinstance(value, Series) or not (moves(value) or forms.concrete(value)):
        return id(value)
    if moves(value):
        return value.shape, tuple(id(s) for s in value.reshape(-1))
    array = np.asarray(value)
    return array.shape, str(array.dtype), array.tobytes()
