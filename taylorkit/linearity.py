"""Whether a program is linear in its inputs, as its equations say.

A derivative cannot tell: g + 1 has that of g, and so has g + round(g). So each value of the program has a state, and
the states are followed through calls, branches and loops:

| state | the value |
|---|---|
| ZERO | is zero, whatever the inputs are |
| FREE | does not depend on the inputs |
| LINEAR | is linear in the inputs |
| OTHER | depends on them in another way, or may do so: a step, a product of two, a sum with one that is free |
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import ClosedJaxpr, JaxprEqn, Literal

from taylorkit.rewriting import body, rerun


class State(IntEnum):
    """How a value depends on the inputs. A sum has the bits of its summands."""

    ZERO, FREE, LINEAR, OTHER = 0, 1, 2, 3


ZERO, FREE, LINEAR, OTHER = State

# Which operands an equation adds or puts together; it is OTHER where one of the rest depends on the inputs.
SUMMANDS = {
    **dict.fromkeys("add add_any sub concatenate stack complex".split(), slice(None)),
    **dict.fromkeys("pad dynamic_update_slice".split(), slice(0, 2)),
    **dict.fromkeys("scatter scatter-add scatter-sub scatter_add scatter_sub".split(), slice(0, None, 2)),
    **dict.fromkeys("neg copy copy_p real_copy stop_gradient div".split(), slice(0, 1)),
    "select_n": slice(1, None),
    "triangular_solve": slice(1, 2),
}
SOLVES = frozenset("custom_linear_solve tridiagonal_solve".split())
STEPS = frozenset(["reduce_precision"])  # whose derivative says that they are linear
PRODUCTS = frozenset("mul dot_general conv_general_dilated".split())


def is_linear(program: ClosedJaxpr) -> bool:
    """Whether each output is linear in the inputs together, but for the rounding that their types bring along."""
    walk = Walk(min(_digits(a.dtype) for a in [*program.in_avals, *program.out_avals]))
    return all(state in (ZERO, LINEAR) for state in walk.through(program, [LINEAR] * len(program.in_avals)))


@dataclass(frozen=True)
class Walk:
    """A way through a program. A cast to fewer digits than these is a step."""

    digits: float

    def through(self, program: Any, given: Sequence[State]) -> list[State]:
        """The states of a program's outputs."""
        jaxpr = getattr(program, "jaxpr", program)
        known = {v: _constant(c) for v, c in zip(jaxpr.constvars, getattr(program, "consts", ()), strict=False)}
        known.update(zip(jaxpr.invars, given, strict=True))

        def read(atom: Any) -> State:
            return _constant(atom.val) if isinstance(atom, Literal) else known.get(atom, FREE)

        for equation in jaxpr.eqns:
            found = self.equation(equation, [read(a) for a in equation.invars])
            known.update(zip(equation.outvars, found, strict=True))
        return [read(a) for a in jaxpr.outvars]

    def equation(self, equation: JaxprEqn, given: list[State]) -> list[State]:
        """The states of an equation's outputs."""
        from taylorkit.motion import BODIES  # which needs the rules of primitives, and these what needs this

        name, outputs = equation.primitive.name, len(equation.outvars)
        if name in LOOPS:
            return LOOPS[name](self, equation, given)
        if name == "optimization_barrier":
            return given
        if name in BODIES:
            return self.call(equation, given)
        if name in PRODUCTS:
            return [_product(given)] * outputs
        if name in STEPS:
            return [OTHER if s >= LINEAR else s for s in given]
        added = SUMMANDS.get(name, slice(0, 1) if _carries(name) else None)
        if added is None:
            return [_tested(equation, given)] * outputs
        places = range(len(given))[added]
        rest = [s for i, s in enumerate(given) if i not in places]
        total = OTHER if max(rest, default=ZERO) >= LINEAR else _sum(given[added])
        return [OTHER if total >= LINEAR and _digits(v.aval.dtype) < self.digits else total for v in equation.outvars]

    def call(self, equation: JaxprEqn, given: list[State]) -> list[State]:
        """A custom_vjp function that is one still has a rule that is not linear."""
        found = self.through(body(equation), given)
        ruled = equation.primitive.name.startswith("custom_vjp")
        return [OTHER if ruled and s == LINEAR else s for s in found]

    def cond(self, equation: JaxprEqn, given: list[State]) -> list[State]:
        if given[0] >= LINEAR:
            return [OTHER] * len(equation.outvars)
        branches = [self.through(branch, given[1:]) for branch in equation.params["branches"]]
        return [_sum(states) for states in zip(*branches, strict=True)]

    def scan(self, equation: JaxprEqn, given: list[State]) -> list[State]:
        from taylorkit.trace import scan_split

        program = equation.params["jaxpr"]
        return self.through(program, self.carried(program, given, *scan_split(equation)))

    def while_(self, equation: JaxprEqn, given: list[State]) -> list[State]:
        tests, consts = equation.params["cond_nconsts"], equation.params["body_nconsts"]
        carry = len(given) - tests - consts
        inside = self.carried(equation.params["body_jaxpr"], given[tests:], consts, carry)[consts:]
        (tested,) = self.through(equation.params["cond_jaxpr"], [*given[:tests], *inside])
        return [OTHER] * carry if tested >= LINEAR else inside

    def carried(self, program: Any, given: list[State], consts: int, carry: int) -> list[State]:
        """The states of a loop body's inputs, when what its carry becomes has been carried around."""
        while True:
            before, after = given[consts : consts + carry], self.through(program, given)[:carry]
            joined = [_sum(states) for states in zip(before, after, strict=True)]
            if joined == before:
                return given
            given = [*given[:consts], *joined, *given[consts + carry :]]


LOOPS = {"cond": Walk.cond, "scan": Walk.scan, "while": Walk.while_}


def _tested(equation: JaxprEqn, given: list[State]) -> State:
    """A primitive of which nothing is known is linear where its change depends on the direction alone, as a solve is;
    one that has no derivative, as code of the host, may do anything.

    Of what is known, that holds of steps too: rem(x, 1) changes as x does.
    """
    from taylorkit.motion import Influence
    from taylorkit.series.registry import RULES

    depends = [s >= LINEAR for s in given]
    known = equation.primitive.name in RULES and equation.primitive.name not in SOLVES
    if not any(depends):
        return _of_zeros(equation, given, known)
    if OTHER in given or known:
        return OTHER
    if not all(jnp.issubdtype(a.aval.dtype, jnp.inexact) for a in equation.outvars):
        return OTHER

    def change(rest: list[Any], place: list[Any], direction: list[Any]) -> Any:
        def moved(*values: Any) -> list[Any]:
            free, moving = iter(rest), iter(values)
            return rerun(equation, [next(moving) if d else next(free) for d in depends])

        return jax.jvp(moved, place, direction)[1]

    avals = [jax.ShapeDtypeStruct(a.aval.shape, a.aval.dtype) for a in equation.invars]
    free, moving = ([a for a, d in zip(avals, depends, strict=True) if d == kind] for kind in (False, True))
    try:
        program, n, m = jax.make_jaxpr(change)(free, moving, moving), len(free), len(moving)
    except Exception:  # whatever a missing rule raises
        return OTHER
    placed, directed = (
        Influence(depends=True).through(program, [start <= i < start + m for i in range(n + 2 * m)])
        for start in (n, n + m)
    )
    return LINEAR if all(directed) and not any(placed) else OTHER


def _of_zeros(equation: JaxprEqn, given: list[State], known: bool) -> State:
    """A primitive that is linear in its floating operands makes zeros of zeros."""
    floats = [jnp.issubdtype(a.aval.dtype, jnp.inexact) for a in equation.invars]
    zeros = [s for s, f in zip(given, floats, strict=True) if f]
    if known or not zeros or any(s != ZERO for s in zeros):
        return FREE
    linear = _tested(equation, [LINEAR if f else FREE for f in floats])
    return ZERO if linear == LINEAR else FREE


def _carries(name: str) -> bool:
    """Whether the first operand goes through a primitive as a linear function of it."""
    from taylorkit.series.registry import RULES

    return name in RULES and RULES[name].kind in ("linear", "structural")


def _sum(states: Sequence[State]) -> State:
    return State(np.bitwise_or.reduce(np.array(states, int), initial=0))


def _product(states: list[State]) -> State:
    if ZERO in states:
        return ZERO
    return OTHER if OTHER in states or states.count(LINEAR) > 1 else max(states)


def _constant(value: Any) -> State:
    dtype = getattr(value, "dtype", np.dtype(type(value)))
    known = not isinstance(value, jax.core.Tracer) and jnp.issubdtype(dtype, np.number)
    return ZERO if known and not np.any(np.asarray(value)) else FREE


def _digits(dtype: Any) -> float:
    """Binary digits of a floating type; whole numbers have none."""
    return jnp.finfo(dtype).nmant if jnp.issubdtype(dtype, jnp.inexact) else -1
