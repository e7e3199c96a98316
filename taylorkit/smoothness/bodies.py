"""Marked values through calls, branches, loops and custom derivative rules.

A loop carries the marks along with the values. A loop or a branch whose test jumps makes all its results jump. A custom
derivative rule is watched in place of the function that it serves: softplus takes a maximum, but its rule does not.
"""

from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.dtypes import float0
from jax.extend.core import ClosedJaxpr, JaxprEqn

from taylorkit import motion
from taylorkit.lanes import in_lanes, together
from taylorkit.smoothness.marks import Seen, either, spread
from taylorkit.smoothness.watch import HANDLERS, run
from taylorkit.trace import rerun, scan_split

Packed = tuple[Any, jax.Array, jax.Array]
"""A value with its bends and jumps, as it goes through a loop."""


def pack(seen: Seen) -> Packed:
    settled = seen.settled
    nowhere = jnp.zeros(jnp.shape(seen.value), bool)
    bends, jumps = settled.bends, settled.jumps
    return seen.value, nowhere if bends is None else bends, nowhere if jumps is None else jumps


def unpack(packed: list[Packed], moving: list[bool]) -> list[Seen]:
    return [Seen(value, m, bends, jumps) for (value, bends, jumps), m in zip(packed, moving, strict=True)]


def _call(equation: JaxprEqn, seen: list[Seen], rules: bool) -> list[Seen]:
    return run(motion.body(equation), (), seen, rules)


def _cond(equation: JaxprEqn, seen: list[Seen], rules: bool) -> list[Seen]:
    """The branch that is taken; where its index jumps, or an equality takes a constant, the results jump."""
    index, *operands = seen
    moving = [s.moves for s in operands]

    def branch(body: Any) -> Any:
        def taken(packed: list[Packed]) -> list[tuple[Packed, jax.Array]]:
            found = run(body, (), unpack(packed, moving), rules)
            return [(pack(s), jnp.array(s.moves)) for s in found]

        return taken

    bodies = equation.params["branches"]
    found = lax.switch(index.value, [branch(b) for b in bodies], [pack(s) for s in operands])
    moves = motion.Walk().equation(equation, [index.moves, *moving])
    outputs = unpack([packed for packed, _ in found], moves)
    jumps = [either(index.jumps, None if index.equals is None else index.equals & ~taken) for _, taken in found]
    return [_jumping(out, where) for out, where in zip(outputs, jumps, strict=True)]


def _jumping(seen: Seen, where: Any) -> Seen:
    return seen if where is None else replace(seen, jumps=either(seen.jumps, spread(where, seen.value)))


def _scan(equation: JaxprEqn, seen: list[Seen], rules: bool) -> list[Seen]:
    parameters, (consts, carry) = equation.params, scan_split(equation)
    body = parameters["jaxpr"]
    moving = motion.Walk().carried(body, [s.moves for s in seen], consts, carry)
    packed = [pack(s) for s in seen]

    def step(state: list[Packed], given: list[Packed]) -> tuple[list[Packed], list[Packed]]:
        found = [pack(s) for s in run(body, (), unpack([*packed[:consts], *state, *given], moving), rules)]
        return found[:carry], found[carry:]

    length, reverse = parameters["length"], parameters["reverse"]
    first, rows = packed[consts : consts + carry], packed[consts + carry :]
    final, stacked = lax.scan(step, first, rows, length=length, reverse=reverse)
    return unpack([*final, *stacked], motion.Walk().equation(equation, [s.moves for s in seen]))


def _while(equation: JaxprEqn, seen: list[Seen], rules: bool) -> list[Seen]:
    """Where the test jumps at any turn, or at the last, the loop may as well have stopped at another.

    An equality is how a loop finds that it is done: that is no jump.
    """
    if in_lanes(equation):
        return run(together(equation), (), seen, rules)
    tests, consts, carry = motion.while_split(equation)
    test, body = equation.params["cond_jaxpr"], equation.params["body_jaxpr"]
    inside = motion.Walk().carried(body, [s.moves for s in seen[tests:]], consts, carry)
    asked = [*(s.moves for s in seen[:tests]), *inside[consts:]]
    packed = [pack(s) for s in seen]

    def tested(state: list[Packed]) -> Seen:
        (found,) = run(test, (), unpack([*packed[:tests], *state], asked), rules)
        return replace(found, equals=None)

    def step(state: tuple[list[Packed], jax.Array]) -> tuple[list[Packed], jax.Array]:
        values, jumped = state
        found = run(body, (), unpack([*packed[tests : tests + consts], *values], inside), rules)
        return [pack(s) for s in found], jumped | tested(values).marked

    start = packed[tests + consts :], jnp.zeros((), bool)
    final, jumped = lax.while_loop(lambda state: tested(state[0]).value, step, start)
    jumped |= tested(final).marked
    return [_jumping(out, jumped) if out.moves else out for out in unpack(final, inside[consts:])]


def _custom_rule(equation: JaxprEqn, seen: list[Seen], rules: bool) -> list[Seen]:
    """The function's values, with the marks of its rule: where the change jumps, the value bends."""
    inputs = [s.value for s in seen]
    moves = motion.Walk().equation(equation, [s.moves for s in seen])
    values = [Seen(value, m) for value, m in zip(rerun(equation, inputs), moves, strict=True)]
    rule = rule_of(equation) if rules else None
    if rule is None:
        return _joined(values, seen)
    found = [s.settled for s in run(rule, (), seen, rules=False)]
    own, changes = found[: len(values)], found[len(values) :]
    for change in changes:
        bent = Seen(change.value, bends=either(change.bends, change.jumps))
        values = [value.with_marks(bent) for value in values]
    return [value.with_marks(s) for value, s in zip(values, own, strict=True)]


def _joined(values: list[Seen], seen: list[Seen]) -> list[Seen]:
    for s in seen:
        values = [value.with_marks(s.settled) for value in values]
    return values


def rule_of(equation: JaxprEqn) -> ClosedJaxpr | None:
    """The program of a custom rule: the inputs ↦ (values, changes) for the direction of ones. None where it has none
    that can be traced, and f no derivative: what asks for one says so."""

    def push(*values: jax.Array) -> Any:
        moving = [jnp.issubdtype(v.dtype, jnp.inexact) for v in values]
        ones = (jnp.ones_like(v) if m else np.zeros(v.shape, float0) for v, m in zip(values, moving, strict=True))
        found, changes = jax.jvp(lambda *given: rerun(equation, list(given)), values, tuple(ones))
        return found, [c for c in changes if c.dtype != float0]

    try:
        return jax.make_jaxpr(push)(*(jax.ShapeDtypeStruct(a.aval.shape, a.aval.dtype) for a in equation.invars))
    except Exception:  # whatever a rule raises
        return None


@dataclass(frozen=True)
class Ruled(motion.Walk):
    """A way through a program that takes custom derivative rules in place of the functions that they serve."""

    inside: bool = False
    """Within a rule: functions that it calls are left closed."""

    def equation(self, equation: JaxprEqn, moving: list[bool], times: int = 1) -> list[bool]:
        if equation.primitive.name != "custom_jvp_call":
            return super().equation(equation, moving, times)
        if any(moving) and not self.inside and (rule := rule_of(equation)):
            replace(self, inside=True).through(rule, moving, times)
        return motion.Walk(depends=self.depends).equation(equation, moving)


HANDLERS.update(dict.fromkeys(motion.CALLS, _call))
HANDLERS.update({"cond": _cond, "scan": _scan, "while": _while, "custom_jvp_call": _custom_rule})
