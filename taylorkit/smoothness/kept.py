"""Loops of a fixed length whose steps data mask: `jnp.where(done, x, following)`, or a branch that hands x on.

Such a loop stops by data as a `while` does: once it has converged it keeps x, and x's derivatives that may come later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jax.extend.core import Jaxpr, JaxprEqn, Literal

from taylorkit.motion import CALLS, Use, Walk, while_split
from taylorkit.rewriting import body
from taylorkit.trace import scan_split

ALIKE = frozenset("copy reshape broadcast_in_dim squeeze convert_element_type".split())


@dataclass(frozen=True)
class Known:
    """What is known of a value within a turn: whether it depends on f's inputs, which number of the carry it is, and
    which it is where data say so, and something else where they don't."""

    depends: bool = False
    place: int | None = None
    kept: frozenset[int] = frozenset()


def steps_kept_by_data(jaxpr: Jaxpr, way: type[Walk] = Walk) -> list[Use]:
    """The loops on a way through f of which a step may keep what it was given, by a test of something that depends on
    f's inputs."""
    found: list[Use] = []
    way(found.append, depends=True).through(jaxpr, [True] * len(jaxpr.invars))
    return [use for use in found if use.name in TURNS and _keeps(use)]


def _keeps(use: Use) -> bool:
    inner, first, consts, carry = TURNS[use.name](use.equation)
    moving = Walk(depends=True).carried(inner, list(use.moving[first:]), consts, carry)
    places = [i - consts if 0 <= i - consts < carry else None for i in range(len(moving))]
    outputs = _through(inner, [Known(m, p) for m, p in zip(moving, places, strict=True)])
    return any(place in output.kept for place, output in enumerate(outputs[:carry]))


def _of_scan(equation: JaxprEqn) -> tuple[Any, int, int, int]:
    return equation.params["jaxpr"], 0, *scan_split(equation)


def _of_while(equation: JaxprEqn) -> tuple[Any, int, int, int]:
    return equation.params["body_jaxpr"], *while_split(equation)


TURNS = {"scan": _of_scan, "while": _of_while}


def _through(program: Any, given: Sequence[Known]) -> list[Known]:
    jaxpr: Jaxpr = getattr(program, "jaxpr", program)
    known = dict(zip(jaxpr.invars, given, strict=True))

    def read(atom: Any) -> Known:
        return Known() if isinstance(atom, Literal) else known.get(atom, Known())

    for equation in jaxpr.eqns:
        known.update(zip(equation.outvars, _outputs(equation, list(map(read, equation.invars))), strict=True))
    return list(map(read, jaxpr.outvars))


def _outputs(equation: JaxprEqn, inputs: list[Known]) -> list[Known]:
    name = equation.primitive.name
    if name in CALLS:
        return _through(body(equation), inputs)
    if name in ALIKE:
        return inputs
    if name == "select_n":
        return [_chosen(inputs[0], inputs[1:])]
    if name == "cond":
        branches = [_through(branch, inputs[1:]) for branch in equation.params["branches"]]
        return [_chosen(inputs[0], column) for column in zip(*branches, strict=True)]
    return [Known(any(i.depends for i in inputs))] * len(equation.outvars)


def _chosen(by: Known, cases: Sequence[Known]) -> Known:
    places = {case.place for case in cases}
    if len(places) == 1:
        return cases[0]
    own = frozenset(p for p in places if p is not None) if by.depends else frozenset()
    return Known(by.depends or any(c.depends for c in cases), None, own.union(*(c.kept for c in cases)))
