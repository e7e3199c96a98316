"""Kinds of rules without a recurrence of their own: what a primitive's JVP, or its definition by others, says already.

- `piecewise`: p is linear around almost every u₀, so v_k = J(u₀) u_k for k ≥ 1. On ties and kinks it is JAX's J.
- `rewritten`: p is a program of other primitives, which is run in its place.
- `wholly`: any kind, in whole form, because a program of single numbers holds reals.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
from jax.extend.core import JaxprEqn

from taylorkit.series.algebra import Series
from taylorkit.series.forms import Value, moves
from taylorkit.series.parts import Dense
from taylorkit.series.registry import Rule
from taylorkit.trace import rerun

if TYPE_CHECKING:
    from taylorkit.series.interpreter import Run

Kind = Callable[["Run", JaxprEqn, list[Value], Rule], list[Value]]


def piecewise(run: "Run", equation: JaxprEqn, inputs: list[Value], rule: Rule) -> list[Value]:
    """Degree 0 by the primitive; degree k by its JVP at the values, along degree k of the inputs."""
    floating = [jnp.issubdtype(a.aval.dtype, jnp.inexact) for a in equation.invars]
    moving = [moves(v) and f for v, f in zip(inputs, floating, strict=True)]
    series = [run.whole(v, a.aval) for v, a, m in zip(inputs, equation.invars, moving, strict=True) if m]
    shapes = [a.aval for a, m in zip(equation.invars, moving, strict=True) if m]
    values = run.primals(equation, inputs)
    primal = rerun(equation, values)
    places = [i for i, v in enumerate(equation.outvars) if jnp.issubdtype(v.aval.dtype, jnp.inexact)]
    columns: dict[int, list[Any] | None] = {}

    def change(k: int) -> list[Any] | None:
        if k not in columns:
            rows = _rows(series, shapes, k)
            columns[k] = None if rows is None else jax.vmap(_push(equation, values, moving, places))(rows)
        return columns[k]

    def output(number: int, place: int) -> Value:
        def degree(k: int) -> Dense | None:
            if k == 0:
                return Dense(primal[place][None], run.variables, 0)
            arrays = change(k)
            return None if arrays is None else Dense(arrays[number], run.variables, k)

        return run.deliver(Series(degree, stop=max(s.stop for s in series)), equation.outvars[place].aval)

    outputs: list[Value] = list(primal)
    for number, place in enumerate(places if series else []):
        outputs[place] = output(number, place)
    return outputs


def _push(
    equation: JaxprEqn, values: Sequence[Any], moving: Sequence[bool], places: Sequence[int]
) -> Callable[[Sequence[Any]], list[Any]]:
    """Directions of the moving operands ↦ those of the floating results, at fixed values."""

    def of_moving(*floats: Any) -> list[Any]:
        given = iter(floats)
        out = rerun(equation, [next(given) if m else v for v, m in zip(values, moving, strict=True)])
        return [out[i] for i in places]

    at = tuple(v for v, m in zip(values, moving, strict=True) if m)
    return lambda directions: jax.jvp(of_moving, at, tuple(directions))[1]


def _rows(series: Sequence[Series], shapes: Sequence[Any], degree: int) -> list[Any] | None:
    """The coefficients of one degree of each series, zeros where one has none; None where none has."""
    parts = [s.part(degree) for s in series]
    count = max((len(p.array) for p in parts if p is not None), default=0)
    if not count:
        return None
    return [
        jnp.zeros((count, *shape.shape), shape.dtype) if p is None else p.array
        for shape, p in zip(shapes, parts, strict=True)
    ]


def rewritten(run: "Run", equation: JaxprEqn, inputs: list[Value], rule: Rule) -> list[Value]:
    """The rule's function of the operands, traced and run."""
    assert rule.function is not None
    operands = [jax.ShapeDtypeStruct(a.aval.shape, a.aval.dtype) for a in equation.invars]
    program = jax.make_jaxpr(lambda *arrays: rule.function(*arrays, **equation.params))(*operands)
    return run(program.jaxpr, program.consts, inputs)


def is_complex(equation: JaxprEqn) -> bool:
    """Whether an operand or a result is complex."""
    return any(jnp.issubdtype(a.aval.dtype, jnp.complexfloating) for a in (*equation.invars, *equation.outvars))


def wholly(kind: Kind) -> Kind:
    """A kind of rule that does complex equations in whole form; of the results only complex ones stay so."""

    def applied(run: "Run", equation: JaxprEqn, inputs: list[Value], rule: Rule) -> list[Value]:
        if not (run.numbers and is_complex(equation)):
            return kind(run, equation, inputs, rule)
        given = [run.whole(v, a.aval) if moves(v) else v for v, a in zip(inputs, equation.invars, strict=True)]
        outputs = kind(replace(run, numbers=False), equation, given, rule)
        return [
            run.deliver(v, o.aval) if moves(v) and not jnp.issubdtype(o.aval.dtype, jnp.complexfloating) else v
            for v, o in zip(outputs, equation.outvars, strict=True)
        ]

    return applied
