"""Calls, branches and loops: series go through the bodies.

In a derivative rule (a lazy run) a loop is run anew for each degree that is asked for, at that order: a loop takes
whole series, and some of their parts may be those that are being made.
"""

from collections.abc import Callable, Sequence
from typing import Any

import jax
from jax import lax
from jax.extend.core import JaxprEqn, jaxpr_as_fun

from taylorkit import rewriting
from taylorkit.errors import FunctionError
from taylorkit.lanes import in_lanes, together
from taylorkit.series import forms
from taylorkit.series.algebra import Series
from taylorkit.series.boundary import PLAIN, Crossing, join, outgoing, structure
from taylorkit.series.forms import Value, moves
from taylorkit.series.registry import whole
from taylorkit.trace import scan_split
from taylorkit.vjp_rules import VJP_CALLS, no_forward_mode, with_jvp_rule


@whole(
    "pjit",
    "jit",
    "closed_call",
    "core_call",
    "eval_jaxpr",
    "remat",
    "remat2",
    "checkpoint",
)
def inline(run: Any, equation: JaxprEqn, inputs: list[Value]) -> list[Value]:
    """The body in place of the call."""
    inner = rewriting.body(equation)
    return run(getattr(inner, "jaxpr", inner), getattr(inner, "consts", ()), inputs)


@whole(*VJP_CALLS)
def custom_vjp(run: Any, equation: JaxprEqn, inputs: list[Value]) -> list[Value]:
    """One within a rule has a JVP all the same; one that has none (see `vjp_rules`) has its values alone."""
    ruled = with_jvp_rule(equation, [moves(v) for v in inputs])
    if ruled.primitive.name not in VJP_CALLS:
        return run.fresh(ruled, inputs)
    if run.order:
        raise FunctionError(f"{no_forward_mode(equation)}: taylor arithmetic does not serve it")
    return inline(run, equation, inputs)


@whole("cond")
def cond(run: Any, equation: JaxprEqn, inputs: list[Value]) -> list[Value]:
    """The branch that the index chooses; the branches' results get one structure, the union of theirs."""
    index, *operands = inputs
    chosen = run.primal(index, equation.invars[0].aval)
    return by_order(run, equation, operands, lambda inner, given: _switch(inner, equation, chosen, given))


def _switch(run: Any, equation: JaxprEqn, index: Any, operands: list[Value]) -> list[Value]:
    ins = [a.aval for a in equation.invars[1:]]
    outs = [v.aval for v in equation.outvars]
    enter = Crossing(ins, [structure(run, v, a) for v, a in zip(operands, ins, strict=True)])
    bodies = [_body(run, branch) for branch in equation.params["branches"]]
    structures = [PLAIN] * len(outs)
    for body in bodies:
        structures = list(map(join, structures, outgoing(run, enter, body, outs)))
    leave = Crossing(outs, structures)

    def branch(body: Callable) -> Callable:
        def inside(*arrays: Any) -> list[Any]:
            run.renew()
            return leave.spread(run, body(enter.inside(run, arrays)))

        return inside

    found = lax.switch(index, [branch(body) for body in bodies], *enter.spread(run, operands))
    return leave.collect(run, found)


@whole("scan")
def scan(run: Any, equation: JaxprEqn, inputs: list[Value]) -> list[Value]:
    """The carry's structure is a fixed point; everything else is `lax.scan` over lists of arrays."""
    return by_order(run, equation, inputs, lambda inner, given: _scan(inner, equation, given))


def _scan(run: Any, equation: JaxprEqn, inputs: list[Value]) -> list[Value]:
    p = equation.params
    avals = [a.aval for a in equation.invars]
    first, carries = scan_split(equation)
    second = first + carries
    body_avals = [v.aval for v in p["jaxpr"].jaxpr.invars]
    out_avals = [v.aval for v in p["jaxpr"].jaxpr.outvars]
    structures = [structure(run, v, a) for v, a in zip(inputs, avals, strict=True)]
    body = _body(run, p["jaxpr"])
    carried, stacked = fixed_point(run, body, body_avals, out_avals, structures, first, second)
    consts = Crossing(avals[:first], structures[:first])
    carry = Crossing(avals[first:second], carried)
    outs = Crossing(out_avals[carries:], stacked)
    # Slices go over the first axis of an array; the axis of monomials has to stand behind it.
    rows = Crossing(avals[second:], structures[second:])
    slices = Crossing(body_avals[second:], structures[second:])
    fixed = consts.spread(run, inputs[:first])

    def step(state: list[Any], given: list[Any]) -> tuple[list[Any], list[Any]]:
        run.renew()
        values = [*consts.inside(run, fixed), *carry.inside(run, state), *slices.inside(run, given)]
        results = body(values)
        return carry.spread(run, results[:carries]), outs.spread(run, results[carries:])

    xs = _swapped(rows, rows.spread(run, inputs[second:]))
    final, ys = lax.scan(
        step, carry.spread(run, inputs[first:second]), xs, p["length"], reverse=p["reverse"], unroll=p["unroll"]
    )
    stacks = Crossing([v.aval for v in equation.outvars[carries:]], stacked)
    return [*carry.collect(run, final), *stacks.collect(run, _swapped(stacks, ys))]


def _swapped(crossing: Crossing, arrays: Sequence[jax.Array]) -> list[jax.Array]:
    """Monomials and steps change places, in arrays above degree 0."""
    degrees = [k for found in crossing.structures for k in found]
    return [a.swapaxes(0, 1) if k else a for a, k in zip(arrays, degrees, strict=True)]


@whole("while")
def while_(run: Any, equation: JaxprEqn, inputs: list[Value]) -> list[Value]:
    """The loop stops where its values say so, whether or not the higher degrees have converged."""
    if in_lanes(equation):
        program = together(equation)
        return run(program.jaxpr, program.consts, inputs)
    return by_order(run, equation, inputs, lambda inner, given: _while(inner, equation, given))


def _while(run: Any, equation: JaxprEqn, inputs: list[Value]) -> list[Value]:
    p = equation.params
    avals = [a.aval for a in equation.invars]
    first, second = p["cond_nconsts"], p["cond_nconsts"] + p["body_nconsts"]
    structures = [structure(run, v, a) for v, a in zip(inputs, avals, strict=True)]
    body = _body(run, p["body_jaxpr"])
    states = avals[second:]
    carried, _ = fixed_point(run, body, avals[first:], states, structures[first:], second - first, len(avals) - first)
    consts = Crossing(avals[first:second], structures[first:second])
    carry = Crossing(states, carried)
    test = [run.primal(v, a) for v, a in zip(inputs[:first], avals[:first], strict=True)]
    fixed = consts.spread(run, inputs[first:second])

    def go_on(state: list[Any]) -> Any:
        return jaxpr_as_fun(p["cond_jaxpr"])(*test, *carry.values(state))[0]

    def step(state: list[Any]) -> list[Any]:
        run.renew()
        return carry.spread(run, body([*consts.inside(run, fixed), *carry.inside(run, state)]))

    return carry.collect(run, lax.while_loop(go_on, step, carry.spread(run, inputs[second:])))


def fixed_point(
    run: Any, body: Callable, avals: list[Any], outs: list[Any], structures: list[Any], first: int, second: int
) -> tuple[list[Any], list[Any]]:
    """The structures of the carry (inputs first … second) that the body keeps, and those of its other results."""
    current = list(structures)
    while True:
        found = outgoing(run, Crossing(avals, current), body, outs)
        carried = list(map(join, current[first:second], found))
        if carried == current[first:second]:
            return carried, found[second - first :]
        current[first:second] = carried


def _body(run: Any, closed: Any) -> Callable[[list[Value]], list[Value]]:
    """A closed jaxpr on values."""
    return lambda values: run(closed.jaxpr, closed.consts, values)


def by_order(
    run: Any, equation: JaxprEqn, inputs: list[Value], apply: Callable[[Any, list[Value]], list[Value]]
) -> list[Value]:
    """A rule that takes whole series: at once in an eager run, in a lazy one for each degree that is asked for."""
    atoms = equation.invars[-len(inputs) :]
    wholes = [run.whole(v, a.aval) if moves(v) else v for v, a in zip(inputs, atoms, strict=True)]
    if run.eager:
        results = apply(run.inside(run.order), wholes)
        return [run.deliver(r, v.aval) if moves(r) else r for r, v in zip(results, equation.outvars, strict=True)]
    known: dict[int, list[Value]] = {}

    def at(order: int) -> list[Value]:
        if order in known:
            return known[order]
        before = Series.circles
        results = apply(run.inside(order), wholes)
        if Series.circles == before:
            known[order] = results
        return results

    def output(place: int) -> Series:
        def degree(k: int) -> Any:
            result = at(k)[place]
            return (result if isinstance(result, Series) else forms.whole_constant(result, run.variables)).part(k)

        series = Series(degree)
        series.keep = known.__contains__
        return series

    return [run.deliver(output(i), v.aval) for i, v in enumerate(equation.outvars)]
