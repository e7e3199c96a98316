"""How each kind of rule is applied to an equation, on single numbers and on whole arrays."""

from collections.abc import Callable
from math import inf
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import JaxprEqn

from taylorkit.series import forms, ridges, systems
from taylorkit.series.algebra import Series, call, choose
from taylorkit.series.derived import Kind, is_complex, piecewise, rewritten, wholly
from taylorkit.series.forms import Value, concrete, moves, object_array
from taylorkit.series.parts import Dense, Part, bilinear
from taylorkit.series.registry import Rule
from taylorkit.series.rows import in_rows
from taylorkit.trace import rerun

if TYPE_CHECKING:
    from taylorkit.series.interpreter import Run


def elementwise(run: "Run", equation: JaxprEqn, inputs: list[Value], rule: Rule) -> list[Value]:
    """The recurrence, entry by entry or on all entries at once."""
    if not run.numbers:
        series = [run.whole(v, a.aval) for v, a in zip(inputs, equation.invars, strict=True)]
        return [
            _entrywise(run, equation, series, rule)
            if run.unrolled and not is_complex(equation)
            else forms.shaped(recur(equation, series, rule), equation.outvars[0].aval)
        ]
    entries = np.broadcast_arrays(*(run.entries(v) for v in inputs))
    shape = entries[0].shape
    results = [recur(equation, list(args), rule) for args in zip(*(e.reshape(-1) for e in entries), strict=True)]
    return [object_array(results, shape)]


def _entrywise(run: "Run", equation: JaxprEqn, inputs: list[Series], rule: Rule) -> Series:
    """The recurrence on symbols that stand for arrays: all of it, and what follows, becomes one kernel."""
    twin = recur(equation, [forms.rows(u, run.variables, run.program) for u in inputs], rule)
    return forms.stacked(twin, run.variables, run.program, equation.outvars[0].aval, run.order if run.eager else None)


def recur(equation: JaxprEqn, inputs: list[Series], rule: Rule) -> Series:
    """The output's series, in one variable where it is a function of one affine form."""
    name = equation.primitive.name
    found = ridges.along(name, inputs, lambda u: _recur(equation, u, rule), name in ARITHMETIC)
    if found is None:
        return _recur(equation, inputs, rule)
    found.system = systems.attached(name, found, inputs)
    return found


def _recur(equation: JaxprEqn, inputs: list[Series], rule: Rule) -> Series:
    """Degree 0 by the primitive, the others by the rule, which is asked when they are."""
    above: list[Any] = []

    def degree(k: int) -> Part | None:
        if k == 0:
            return primitive_call(equation, _values(inputs))
        if not above:
            assert rule.function is not None
            by_system = v.system is not None and v.system.closed
            above.append(systems.degrees(v) if by_system else rule.function(v, *inputs, **equation.params))
        return above[0](k)

    # A zero that is known has no first degree: where(mask, E u, 0) begins where E u does.
    start = rule.start(*(inf if u.known == 0 and u.stop == 0 else u.start for u in inputs))
    still = all(u.stop == 0 for u in inputs)
    stop = 0 if still else rule.stop(*(u.stop for u in inputs), **equation.params)
    v = Series(degree, 0 if start == inf else start, stop)
    v.system = systems.attached(equation.primitive.name, v, inputs)
    return v


def _values(inputs: list[Series]) -> list[Part]:
    """The parts of degree 0; a series that begins later has the value 0."""
    like = next(u for u in inputs if u.start == 0).value
    return [u.value if u.start == 0 else like.number(0.0) for u in inputs]


def primitive_call(equation: JaxprEqn, values: list[Part]) -> Part:
    """The primitive itself at degree 0."""
    name = equation.primitive.name
    if name == "select_n":
        chosen = choose(values[0], values[1:])
        assert chosen is not None, "there are cases to choose from"
        return chosen
    if name in ARITHMETIC and not isinstance(values[0], Dense):
        return ARITHMETIC[name](*values)
    parameters = {k: v for k, v in equation.params.items() if v is not None}
    return call(
        lambda *a: rerun(equation, jnp.broadcast_arrays(*a))[0], *values, name=(name, str(sorted(parameters.items())))
    )


# At degree 0 too these are the program's own operations, so that constants fold and nothing stands behind a barrier.
ARITHMETIC: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "add_any": lambda a, b: a + b,
    "sub": lambda a, b: a + b.scale(-1),
    "mul": lambda a, b: type(a).convolve([(1.0, a, b)]),
    "neg": lambda a: a.scale(-1),
    "square": lambda a: type(a).convolve([(1.0, a, a)]),
    "copy": lambda a: a,
    "copy_p": lambda a: a,
}


def linear(run: "Run", equation: JaxprEqn, inputs: list[Value], rule: Rule) -> list[Value]:
    """The primitive on each coefficient; data operands that do not move are zero above degree 0."""
    if run.numbers and rule.function is not None and all(map(np.size, inputs)):
        return [rule.function(*(run.entries(v) for v in inputs), **equation.params)]
    data = [i in set(rule.data(len(inputs))) for i in range(len(inputs))]
    if any(moves(v) and not d for v, d in zip(inputs, data, strict=True)):
        # An index that depends on the variables is a step: its value is all that counts.
        inputs = [v if d else run.primal(v, a.aval) for v, d, a in zip(inputs, data, equation.invars, strict=True)]
    series = [run.whole(v, a.aval) if d else v for v, d, a in zip(inputs, data, equation.invars, strict=True)]
    moving = [s for s, d in zip(series, data, strict=True) if d]
    columns: dict[int, list[Any] | None] = {}

    def outputs(k: int) -> list[Any] | None:
        if k not in columns:
            columns[k] = _on_coefficients(equation, series, data, k) if any(s.part(k) for s in moving) else None
        return columns[k]

    def output(place: int) -> Series:
        def degree(k: int) -> Dense | None:
            arrays = outputs(k)
            return None if arrays is None else Dense(arrays[place], run.variables, k)

        return Series(degree, min(s.start for s in moving), max(s.stop for s in moving))

    return [run.deliver(output(i), var.aval) for i, var in enumerate(equation.outvars)]


def _on_coefficients(equation: JaxprEqn, series: list[Any], data: list[bool], degree: int) -> list[Any]:
    if degree:  # what is filled in does not move
        equation = _filled(equation, 0)
    parts = [s.part(degree) if d else None for s, d in zip(series, data, strict=True)]
    rows = max(len(p.array) for p in parts if p is not None)
    operands = []
    for s, d, p, atom in zip(series, data, parts, equation.invars, strict=True):
        if not d:
            operands.append(s)
        elif p is None:
            operands.append(jnp.zeros((rows, *atom.aval.shape), atom.aval.dtype))
        else:
            operands.append(p.array)
    if rows == 1:
        return [a[None] for a in rerun(equation, [o[0] if d else o for o, d in zip(operands, data, strict=True)])]
    return jax.vmap(lambda *o: rerun(equation, list(o)), [0 if d else None for d in data])(*operands)


def structural(run: "Run", equation: JaxprEqn, inputs: list[Value], rule: Rule) -> list[Value]:
    """Linear; of single numbers, the primitive is run on their indices, and moves the numbers as it moved those."""
    data = [i in set(rule.data(len(inputs))) for i in range(len(inputs))]
    known = all(d or (not moves(v) and concrete(v)) for v, d in zip(inputs, data, strict=True))
    if not (run.numbers and known):
        return linear(run, equation, inputs, rule)
    entries: list[Any] = []
    indices = []
    for value, is_data in zip(inputs, data, strict=True):
        if not is_data:
            indices.append(value)
            continue
        own = run.entries(value)
        indices.append(np.arange(len(entries), len(entries) + own.size, dtype=np.int32).reshape(own.shape))
        entries.extend(own.reshape(-1))
    with jax.ensure_compile_time_eval():
        moved = [np.asarray(m) for m in rerun(_filled(equation, -1), indices)]
    if "fill_value" in equation.params:  # −1 is the last entry
        fill = equation.params["fill_value"]
        entries.append(forms.number_constants(np.float64(np.nan if fill is None else fill), run.program).item())
    return [object_array([entries[i] for i in m.reshape(-1)], m.shape) for m in moved]


def _filled(equation: JaxprEqn, value: float) -> JaxprEqn:
    """The equation with another value for what is gathered out of bounds."""
    parameters = {k: value if k == "fill_value" else v for k, v in equation.params.items()}
    return equation.replace(params=parameters)


# A contraction of single numbers is written out up to so many products.
WRITTEN_OUT = 512


def bilinear_(run: "Run", equation: JaxprEqn, inputs: list[Value], rule: Rule) -> list[Value]:
    """Σ_{j} p(a_j, b_{k−j})."""
    if run.numbers and rule.function is not None and equation.outvars[0].aval.size * np.size(inputs[0]) <= WRITTEN_OUT:
        return [rule.function(*(run.entries(v) for v in inputs), **equation.params)]
    moving = [i for i in rule.data(len(inputs)) if moves(inputs[i])]
    if len(moving) == 1:
        equation, inputs = in_rows(equation, inputs)
        place = next(i for i, v in enumerate(inputs) if moves(v))
        return linear(run, equation, inputs, Rule("linear", None, lambda count: [place]))
    a, b = (run.whole(inputs[i], equation.invars[i].aval) for i in moving)

    def multiply(*factors: Any) -> Any:
        given = dict(zip(moving, factors, strict=True))
        return rerun(equation, [given.get(i, v) for i, v in enumerate(inputs)])[0]

    def degree(k: int) -> Part | None:
        products = []
        for j in range(a.start, k - b.start + 1):
            left = a.part(j)
            right = None if left is None else b.part(k - j)
            if right is not None:
                products.append((1.0, left, right))
        return bilinear(multiply, products)  # type: ignore[arg-type]

    return [run.deliver(Series(degree, a.start + b.start, a.stop + b.stop), equation.outvars[0].aval)]


def constant(run: "Run", equation: JaxprEqn, inputs: list[Value], rule: Rule) -> list[Value]:
    """The primitive on the values alone; its results are plain arrays, unless its function says otherwise."""
    found = rule.function and rule.function(run, equation, inputs)
    return found or rerun(equation, run.primals(equation, inputs))


def whole(run: "Run", equation: JaxprEqn, inputs: list[Value], rule: Rule) -> list[Value]:
    assert rule.function is not None
    return rule.function(run, equation, inputs)


def named(run: "Run", equation: JaxprEqn, inputs: list[Value], rule: Rule) -> list[Value]:
    """Degree 0 by the call itself, the others by the recurrences of its function; by its JVP where it has none."""
    u = run.whole(inputs[rule.operand], equation.invars[rule.operand].aval)
    place = rule.operand % len(inputs)
    values = rerun(equation, [u.value.array[0] if i == place else v for i, v in enumerate(inputs)])
    degrees: list[Any] = []

    def output(place: int) -> Series:
        def degree(k: int) -> Part | None:
            return Dense(values[place][None], run.variables, 0) if k == 0 else degrees[place](k)

        return Series(degree)

    outputs = [output(place) for place in range(len(values))]
    assert rule.function is not None
    found = rule.function(outputs, u, equation)
    if found is None:
        return run.fresh(equation, inputs, named=False)
    degrees += found
    shaped = [forms.shaped(v, var.aval) for v, var in zip(outputs, equation.outvars, strict=True)]
    return [run.deliver(v, var.aval) for v, var in zip(shaped, equation.outvars, strict=True)]


KINDS: dict[str, Kind] = {
    "named": wholly(named),
    "elementwise": wholly(elementwise),
    "linear": wholly(linear),
    "structural": wholly(structural),
    "bilinear": wholly(bilinear_),
    "constant": wholly(constant),
    "piecewise": wholly(piecewise),
    "rewritten": rewritten,
    "whole": wholly(whole),
}
