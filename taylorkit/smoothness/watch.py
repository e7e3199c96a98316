"""f run once more on marked values.

A result bends or jumps where an operand does, and where its own switch vanishes. A selection has the marks of the case
that it takes, at each entry, and jumps where what it decides by jumps. What a step makes of a bend is still a constant.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import jax.numpy as jnp
from jax import lax
from jax.extend.core import ClosedJaxpr, JaxprEqn, Literal

from taylorkit import motion
from taylorkit.series.registry import RULES
from taylorkit.smoothness.marks import MARKS, Seen, smooth, spread
from taylorkit.smoothness.switches import EQUALITY, continuous, finds_its_place, vanishes, watched
from taylorkit.trace import rerun

Handler = Callable[[JaxprEqn, list[Seen], bool], list[Seen]]
HANDLERS: dict[str, Handler] = {}
"""Primitives with a way of their own: (equation, inputs, whether custom rules are looked into) ↦ outputs."""

LOGIC = frozenset("not and or xor convert_element_type copy".split())
# What becomes of u ↦ −u: nothing, or a change of sign where no other operand changes sign too.
EVEN = frozenset("square cos cosh".split())
ODD = frozenset("neg mul div sin sinh asin asinh tan tanh atan atanh erf cbrt".split())


def run(jaxpr: Any, consts: Sequence[Any], args: Sequence[Seen], rules: bool = True) -> list[Seen]:
    """Evaluate a jaxpr on marked values; custom derivative rules are looked into where `rules`."""
    if not consts and isinstance(jaxpr, ClosedJaxpr):  # from JAX 0.12 on every jaxpr is one
        jaxpr, consts = jaxpr.jaxpr, jaxpr.consts
    values: dict[Any, Seen] = dict(zip([*jaxpr.constvars, *jaxpr.invars], [*smooth(consts), *args], strict=True))

    def read(atom: Any) -> Seen:
        return Seen(atom.val) if isinstance(atom, Literal) else values[atom]

    made: dict[Any, JaxprEqn] = {}
    for equation in jaxpr.eqns:
        seen = [read(atom) for atom in equation.invars]
        known = finds_its_place(equation, made)
        found = smooth(rerun(equation, [s.value for s in seen])) if known else _outputs(equation, seen, rules)
        values.update(zip(equation.outvars, found, strict=True))
        made.update(dict.fromkeys(equation.outvars, equation))
    return [read(atom) for atom in jaxpr.outvars]


def _outputs(equation: JaxprEqn, seen: list[Seen], rules: bool) -> list[Seen]:
    name = equation.primitive.name
    if not any(s.moves or _marks(s) for s in seen) or name == "stop_gradient":
        return smooth(rerun(equation, [s.value for s in seen]))
    handler = HANDLERS.get(name, _moved_about if _moves_about(name) else _plain)
    return handler(equation, seen, rules)


def _plain(equation: JaxprEqn, seen: list[Seen], rules: bool) -> list[Seen]:
    """Any primitive without bodies."""
    values = [s.value for s in seen]
    moves = motion.Walk().equation(equation, [s.moves for s in seen])
    outputs = [Seen(value, m) for value, m in zip(rerun(equation, values), moves, strict=True)]
    for operand in _handed_on(equation, seen):
        outputs = [out.with_marks(operand) for out in outputs]
    if any(s.moves for s in seen) and watched(equation):
        outputs = [out.with_marks(_own(equation, values)) for out in outputs]
    return outputs


def _own(equation: JaxprEqn, values: list[Any]) -> Seen:
    """The marks of the primitive's own switch."""
    where, name = vanishes(equation, values), equation.primitive.name
    if name == "abs":
        return Seen(where, mirrors=where)
    if name in EQUALITY:
        return Seen(where, equals=where)
    return Seen(where, bends=where) if continuous(equation) else Seen(where, jumps=where)


def _handed_on(equation: JaxprEqn, seen: list[Seen]) -> list[Seen]:
    """The operands' marks as the result has them."""
    name = equation.primitive.name
    if name in LOGIC:
        return seen
    if _even(equation):
        return [replace(s, mirrors=None).settled for s in seen]
    if name in ODD and sum(s.mirrors is not None for s in seen) == 1:
        return [replace(s.settled, bends=s.bends, mirrors=s.mirrors) for s in seen]
    if motion.is_step(name):
        return [replace(s.settled, bends=None) for s in seen]
    return [s.settled for s in seen]


def _even(equation: JaxprEqn) -> bool:
    """Whether a change of sign of the operand changes nothing."""
    name = equation.primitive.name
    if name == "integer_pow":
        return equation.params["y"] % 2 == 0
    return name in EVEN or (name == "mul" and equation.invars[0] is equation.invars[1])


def _select(equation: JaxprEqn, seen: list[Seen], rules: bool) -> list[Seen]:
    """The marks of the case that is taken; and a jump where an order decides, or where an equality takes a constant."""
    which, cases = seen[0], [case.settled for case in seen[1:]]
    shape = jnp.shape(cases[0].value)

    def taken(masks: list[Any]) -> Any:
        return lax.select_n(which.value, *(jnp.zeros(shape, bool) if m is None else m for m in masks))

    out = Seen(lax.select_n(which.value, *(c.value for c in cases)), any(c.moves for c in cases))
    out = replace(out, bends=taken([c.bends for c in cases]), jumps=taken([c.jumps for c in cases]))
    out = out.with_marks(Seen(which.value, jumps=which.jumps))
    if which.equals is not None:
        fixed = taken([jnp.full(shape, not c.moves) for c in cases])
        singled = spread(which.equals, out.value)
        out = out.with_marks(Seen(out.value, jumps=singled & fixed))
    return [out]


def _extreme(equation: JaxprEqn, seen: list[Seen], rules: bool) -> list[Seen]:
    """The larger's marks, or the smaller's; both and a bend where they tie."""
    a, b = (s.value for s in seen)
    kept = [~(b > a), ~(a > b)]
    if equation.primitive.name == "min":
        kept.reverse()
    (out,) = _plain(equation, [Seen(s.value, s.moves) for s in seen], rules)
    for operand, where in zip(seen, kept, strict=True):
        marks = {name: getattr(operand, name) for name in MARKS}
        out = out.with_masks({name: None if mask is None else mask & where for name, mask in marks.items()})
    return [out]


def _moves_about(name: str) -> bool:
    return name in RULES and RULES[name].kind == "structural"


def _moved_about(equation: JaxprEqn, seen: list[Seen], rules: bool) -> list[Seen]:
    """Marks go where the entries go; where an index jumps all entries do."""
    data = set(RULES[equation.primitive.name].data(len(seen)))
    moves = any(s.moves for s in seen)
    values = rerun(equation, [s.value for s in seen])
    found = [Seen(v, moves and motion.is_floating(o)) for v, o in zip(values, equation.outvars, strict=True)]
    for name in MARKS:
        if any(getattr(s, name) is not None for i, s in enumerate(seen) if i in data):
            inputs = [_as_number(getattr(s, name), s.value) if i in data else s.value for i, s in enumerate(seen)]
            found = [out.with_masks({name: m != 0}) for out, m in zip(found, rerun(equation, inputs), strict=True)]
    for index in (s.settled for i, s in enumerate(seen) if i not in data):
        found = [out.with_marks(Seen(index.value, jumps=index.jumps)) for out in found]
    return found


def _as_number(mask: Any, value: Any) -> Any:
    return jnp.zeros_like(value) if mask is None else mask.astype(jnp.result_type(value))


def _marks(seen: Seen) -> bool:
    return any(getattr(seen, name) is not None for name in MARKS)


HANDLERS.update({"select_n": _select, "max": _extreme, "min": _extreme})
