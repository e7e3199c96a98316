"""Where reverse mode may lose a point: a pole that is computed, and then not chosen.

In `where(r > 0, 1 / r, 0)` at r = 0 forward mode chooses the direction 0 and drops the other. Reverse mode multiplies
the cotangent 0 of what was not chosen by the slope of 1/r there: 0 · ∞ is NaN. The same holds for entries of an array
that an index leaves out.

Values are followed through the program by what they may hold. A pole that is broadcast stands in every entry: an index
cannot leave it out, a selection can. What overflows, as exp of a large number, is followed as far as a selection. Of a
function with a custom rule the rule is followed, too; JAX's own rules that select keep their poles away.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any

from jax.extend.core import Jaxpr, JaxprEqn, Literal

from taylorkit import custom_rules, motion
from taylorkit.differentiation.overflow import GROWING, Made, capped, makers
from taylorkit.rewriting import body, source_line
from taylorkit.series.ingredients import is_jax_own
from taylorkit.series.registry import RULES
from taylorkit.trace import Traced, scan_split

Hidden = tuple[str, str]
"""What hides a pole, and its line."""


class Holds(IntEnum):
    """What an array may hold, the worst last."""

    NOTHING = 0
    SHARED = 1  # what moves, broadcast
    MOVING = 2
    LARGE = 3  # what may overflow
    SHARED_POLE = 4
    POLE = 5


SELECTING = frozenset("select_n max min clamp".split())
INDEXING = frozenset("slice dynamic_slice gather split scatter dynamic_update_slice unstack".split())
# Kinds of rules of primitives that are smooth wherever their operands are finite, and further ones.
SMOOTH_KINDS = frozenset("linear structural bilinear piecewise constant rewritten".split())
SMOOTH = frozenset(
    "abs add add_any asinh atan clamp copy copy_p cos cummax cummin erf erfc logistic max min mul neg real_copy "
    "reduce_max reduce_min rem scatter scatter-mul select_n sin square sub tanh bessel_i0e bessel_i1e".split()
)


def hidden_pole(traced: Traced) -> str | None:
    """`select_n at file.py:12` where f hides a pole; None where it does not."""
    walk = Walk(custom_rules.of(traced))
    with traced.scope():
        _through(traced.jaxpr, [Holds.MOVING] * len(traced.jaxpr.jaxpr.invars), walk)
    return " at ".join(walk.found[0]) if walk.found else None


@dataclass(frozen=True)
class Walk:
    """A way through a program and its rules: what was found, and what is known of the rules."""

    rules: custom_rules.Rules
    found: list[Hidden] = field(default_factory=list)
    known: dict[Any, int] = field(default_factory=dict)


def _through(program: Any, held: Sequence[int], walk: Walk) -> list[int]:
    """What the outputs of a program hold; equations that may hide a pole are put into `walk`."""
    jaxpr: Jaxpr = getattr(program, "jaxpr", program)
    known, made = dict(zip(jaxpr.invars, held, strict=True)), makers(jaxpr)

    def read(atom: Any) -> int:
        return 0 if isinstance(atom, Literal) else known.get(atom, 0)

    for equation in jaxpr.eqns:
        outputs = _equation(equation, [read(a) for a in equation.invars], walk, made)
        floating = (motion.is_floating(v) for v in equation.outvars)
        known.update((v, h if f else 0) for v, h, f in zip(equation.outvars, outputs, floating, strict=True))
    return [read(a) for a in jaxpr.outvars]


def _equation(equation: JaxprEqn, held: list[int], walk: Walk, made: Made) -> list[int]:
    name = equation.primitive.name
    if name in BODIES and any(held):
        return BODIES[name](equation, held, walk)
    held = [_spread(equation, a, h) for a, h in zip(equation.invars, held, strict=True)]
    # Rows against columns: each entry is one of its own.
    most = max([*held, Holds.MOVING] if held.count(Holds.SHARED) > 1 else held, default=0)
    if (name in SELECTING and most >= Holds.LARGE) or (name in INDEXING and most == Holds.POLE):
        walk.found.append((name, source_line(equation)))
    if motion.is_step(name):
        most = Holds.NOTHING
    elif name in GROWING:
        most = max(most, most and not capped(equation.invars[0], made) and Holds.LARGE)
    elif pole := _pole(equation, held, most):
        most = max(most, pole)
    return [most] * len(equation.outvars)


def _pole(equation: JaxprEqn, held: list[int], most: int) -> int:
    """The pole that an equation itself may have, where its operands are finite."""
    name = equation.primitive.name
    if name == "integer_pow" and equation.params["y"] >= 0:
        return Holds.NOTHING
    kind = RULES[name].kind if name in RULES else ""
    if name in SMOOTH or kind in SMOOTH_KINDS:
        return Holds.NOTHING
    where = held[1] if name == "div" else most
    # What solves or factors a matrix has its poles in all entries at once.
    together = where == Holds.SHARED or kind == "whole"
    return where and (Holds.SHARED_POLE if together else Holds.POLE)


def _spread(equation: JaxprEqn, atom: Any, held: int) -> int:
    """What an operand holds once it has the shape of the result: where it grows, its entries go together."""
    name = equation.primitive.name
    entrywise = name == "broadcast_in_dim" or (name in RULES and RULES[name].kind == "elementwise")
    if not entrywise or atom.aval.size >= equation.outvars[0].aval.size:
        return held
    return held and min(held, Holds.SHARED_POLE if held > Holds.MOVING else Holds.SHARED)


def _call(equation: JaxprEqn, held: list[int], walk: Walk) -> list[int]:
    inside = replace(walk, found=[])
    outputs = _through(body(equation), held, inside)
    # Functions of JAX have no line.
    walk.found.extend((name, line or source_line(equation)) for name, line in inside.found)
    return outputs


def _ruled(equation: JaxprEqn, held: list[int], walk: Walk) -> list[int]:
    """A function with a rule of its own: what it, its rule and the rules in that hold."""
    key = walk.rules.key(equation), tuple(held)
    if key not in walk.known:
        walk.known[key] = Holds.NOTHING  # of one that calls itself
        walk.known[key] = _of_rule(equation, held, walk)
    return [max(walk.known[key], *held)] * len(equation.outvars)


def _of_rule(equation: JaxprEqn, held: list[int], walk: Walk) -> int:
    rule = walk.rules.rule(equation)
    own = is_jax_own(equation.params["jvp_jaxpr_fun"])
    most = _kept(equation, walk, own, lambda inside: _call(equation, held, inside))
    if rule is None:
        return most
    directions = [Holds.NOTHING] * (len(rule.jaxpr.invars) - len(held))
    return max(most, _kept(equation, walk, own, lambda inside: _through(rule, [*held, *directions], inside)))


def _kept(equation: JaxprEqn, walk: Walk, own: bool, outputs: Callable[[Walk], list[int]]) -> int:
    """What a function, or its rule, lets out. JAX's own do not overflow; those that select let nothing out at all, and
    hide nothing."""
    inside = replace(walk, found=[])
    most = max(outputs(inside))
    if own:
        return Holds.NOTHING if inside.found or most == Holds.LARGE else most
    walk.found.extend((name, line or source_line(equation)) for name, line in inside.found)
    return most


def _cond(equation: JaxprEqn, held: list[int], walk: Walk) -> list[int]:
    """Reverse mode, too, takes the cotangents of one branch alone."""
    branches = [_through(branch, held[1:], walk) for branch in equation.params["branches"]]
    return [max(column) for column in zip(*branches, strict=True)]


def _scan(equation: JaxprEqn, held: list[int], walk: Walk) -> list[int]:
    consts, carry = scan_split(equation)
    return _turned(equation.params["jaxpr"], held, consts, carry, walk)


def _while(equation: JaxprEqn, held: list[int], walk: Walk) -> list[int]:
    tests, consts, carry = motion.while_split(equation)
    return _turned(equation.params["body_jaxpr"], held[tests:], consts, carry, walk)


def _turned(program: Any, held: list[int], consts: int, carry: int, walk: Walk) -> list[int]:
    """The outputs of a loop's body when what its carry becomes has been carried around."""
    while True:
        outputs = _through(program, held, walk)
        before = held[consts : consts + carry]
        joined = list(map(max, outputs[:carry], before))
        if joined == before:
            return [*joined, *outputs[carry:]]
        held = [*held[:consts], *joined, *held[consts + carry :]]


BODIES = {
    **dict.fromkeys(motion.CALLS, _call),
    "custom_jvp_call": _ruled,
    "cond": _cond,
    "scan": _scan,
    "while": _while,
}
