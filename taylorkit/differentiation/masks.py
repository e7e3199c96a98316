"""Where reverse mode may lose a point: a pole that is computed, and then not chosen.

In `where(r > 0, 1 / r, 0)` at r = 0 forward mode chooses the direction 0 and drops the other. Reverse mode multiplies
the cotangent 0 of what was not chosen by the slope of 1/r there: 0 · ∞ is NaN. The same holds for entries of an array
that an index leaves out.

Values are followed through the program by what they may hold. A pole that is broadcast stands in every entry: an index
cannot leave it out, a selection can. Custom rules keep their own poles away.
"""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from jax.extend.core import Jaxpr, JaxprEqn, Literal

from taylorkit import motion
from taylorkit.rewriting import body, source_line
from taylorkit.series.registry import RULES
from taylorkit.trace import Traced, scan_split

Hidden = tuple[str, str]
"""What hides a pole, and its line."""


class Holds(IntEnum):
    """What an array may hold, the worst last."""

    NOTHING = 0
    SHARED = 1  # what moves, broadcast
    MOVING = 2
    SHARED_POLE = 3
    POLE = 4


SELECTING = frozenset("select_n max min clamp".split())
INDEXING = frozenset("slice dynamic_slice gather split scatter dynamic_update_slice unstack".split())
# Kinds of rules of primitives that are smooth wherever their operands are finite, and further ones.
SMOOTH_KINDS = frozenset("linear structural bilinear piecewise constant rewritten".split())
SMOOTH = frozenset(
    "abs add add_any asinh atan clamp copy copy_p cos cosh cummax cummin erf erfc exp exp2 expm1 logistic max min mul "
    "neg real_copy reduce_max reduce_min rem scatter scatter-mul select_n sin sinh square sub tanh "
    "custom_jvp_call bessel_i0e bessel_i1e".split()
)


def hidden_pole(traced: Traced) -> str | None:
    """`select_n at file.py:12` where f hides a pole; None where it does not."""
    found: list[Hidden] = []
    _through(traced.jaxpr, [Holds.MOVING] * len(traced.jaxpr.jaxpr.invars), found)
    return " at ".join(found[0]) if found else None


def _through(program: Any, held: Sequence[int], found: list[Hidden]) -> list[int]:
    """What the outputs of a program hold; equations that may hide a pole are put into `found`."""
    jaxpr: Jaxpr = getattr(program, "jaxpr", program)
    known = dict(zip(jaxpr.invars, held, strict=True))

    def read(atom: Any) -> int:
        return 0 if isinstance(atom, Literal) else known.get(atom, 0)

    for equation in jaxpr.eqns:
        outputs = _equation(equation, [read(a) for a in equation.invars], found)
        floating = (motion.is_floating(v) for v in equation.outvars)
        known.update((v, h if f else 0) for v, h, f in zip(equation.outvars, outputs, floating, strict=True))
    return [read(a) for a in jaxpr.outvars]


def _equation(equation: JaxprEqn, held: list[int], found: list[Hidden]) -> list[int]:
    name = equation.primitive.name
    if name in BODIES and any(held):
        return BODIES[name](equation, held, found)
    held = [_spread(equation, a, h) for a, h in zip(equation.invars, held, strict=True)]
    # Rows against columns: each entry is one of its own.
    most = max([*held, Holds.MOVING] if held.count(Holds.SHARED) > 1 else held, default=0)
    if (name in SELECTING and most >= Holds.SHARED_POLE) or (name in INDEXING and most == Holds.POLE):
        found.append((name, source_line(equation)))
    if motion.is_step(name):
        most = Holds.NOTHING
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


def _call(equation: JaxprEqn, held: list[int], found: list[Hidden]) -> list[int]:
    inside: list[Hidden] = []
    outputs = _through(body(equation), held, inside)
    found += [(name, line or source_line(equation)) for name, line in inside]  # functions of JAX have no line
    return outputs


def _cond(equation: JaxprEqn, held: list[int], found: list[Hidden]) -> list[int]:
    """Reverse mode, too, takes the cotangents of one branch alone."""
    branches = [_through(branch, held[1:], found) for branch in equation.params["branches"]]
    return [max(column) for column in zip(*branches, strict=True)]


def _scan(equation: JaxprEqn, held: list[int], found: list[Hidden]) -> list[int]:
    consts, carry = scan_split(equation)
    return _turned(equation.params["jaxpr"], held, consts, carry, found)


def _while(equation: JaxprEqn, held: list[int], found: list[Hidden]) -> list[int]:
    tests, consts, carry = motion.while_split(equation)
    return _turned(equation.params["body_jaxpr"], held[tests:], consts, carry, found)


def _turned(program: Any, held: list[int], consts: int, carry: int, found: list[Hidden]) -> list[int]:
    """The outputs of a loop's body when what its carry becomes has been carried around."""
    while True:
        outputs = _through(program, held, found)
        before = held[consts : consts + carry]
        joined = list(map(max, outputs[:carry], before))
        if joined == before:
            return [*joined, *outputs[carry:]]
        held = [*held[:consts], *joined, *held[consts + carry :]]


CALLS = motion.CALLS - {"custom_jvp_call"}
BODIES = {**dict.fromkeys(CALLS, _call), "cond": _cond, "scan": _scan, "while": _while}
