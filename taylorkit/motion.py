"""Which values of a program move with the variables, and how often each equation runs.

What does not move has no derivatives: a comparison of it is no kink, and arithmetic on it costs no series. Motion is
followed through calls, branches and loops, the carry of a loop up to a fixed point.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jax.numpy as jnp
from jax.extend.core import Jaxpr, JaxprEqn, Literal

from taylorkit.rewriting import body as body
from taylorkit.rewriting import placed
from taylorkit.series.derived import is_complex
from taylorkit.series.general import jvp_program
from taylorkit.series.registry import RULES
from taylorkit.trace import scan_split

CALLS = frozenset(
    "pjit jit closed_call core_call eval_jaxpr remat remat2 checkpoint "
    "custom_jvp_call custom_vjp_call custom_vjp_call_jaxpr".split()
)
"""Primitives whose one body stands for them, operand by operand."""


@dataclass(frozen=True)
class Use:
    """One equation as it runs: which operands move, and how many times (a `while` counts as one turn)."""

    equation: JaxprEqn
    moving: tuple[bool, ...]
    times: int = 1

    @property
    def name(self) -> str:
        return self.equation.primitive.name

    @property
    def where(self) -> str:
        """`while at file.py:12:4 (name)`."""
        return placed(self.equation)


def uses(jaxpr: Jaxpr) -> list[Use]:
    """Every equation of f, those of bodies included, where all of f's inputs move."""
    found: list[Use] = []
    Walk(found.append).through(jaxpr, [True] * len(jaxpr.invars))
    return found


def loops_stopped_by_data(jaxpr: Jaxpr, way: "type[Walk] | None" = None) -> list[Use]:
    """The `while`s, on a way through f, that end by a test of something that depends on f's inputs."""
    found: list[Use] = []
    (way or Walk)(found.append, depends=True).through(jaxpr, [True] * len(jaxpr.invars))
    return [use for use in found if use.name == "while" and Walk(depends=True).tested(use.equation, use.moving)]


@dataclass(frozen=True)
class Walk:
    """A way through a program; `visit` is shown each equation. With `depends` it follows what depends on the inputs in
    any way, whole numbers and steps too, instead of what moves."""

    visit: Callable[[Use], None] = lambda use: None
    depends: bool = False

    def through(self, jaxpr: Any, moving: Sequence[bool], times: int = 1) -> list[bool]:
        """Which outputs of a jaxpr move where these inputs do."""
        jaxpr = getattr(jaxpr, "jaxpr", jaxpr)
        known = dict(zip(jaxpr.invars, moving, strict=True))

        def read(atom: Any) -> bool:
            return not isinstance(atom, Literal) and known.get(atom, False)

        for equation in jaxpr.eqns:
            found = self.equation(equation, [read(atom) for atom in equation.invars], times)
            known.update(zip(equation.outvars, found, strict=True))
        return [read(atom) for atom in jaxpr.outvars]

    def equation(self, equation: JaxprEqn, moving: list[bool], times: int = 1) -> list[bool]:
        """Which outputs of an equation move. Whole numbers and piecewise constant functions never do."""
        self.visit(Use(equation, tuple(moving), times))
        name = equation.primitive.name
        if name in BODIES:
            moved = BODIES[name](self, equation, moving, times)
        else:
            stays = is_step(name) and not is_complex(equation)
            moved = [any(moving) and (self.depends or not stays)] * len(equation.outvars)
        return [m and (self.depends or is_floating(v)) for m, v in zip(moved, equation.outvars, strict=True)]

    def call(self, equation: JaxprEqn, moving: list[bool], times: int) -> list[bool]:
        return self.through(body(equation), moving, times)

    def ruled(self, equation: JaxprEqn, moving: list[bool], times: int) -> list[bool]:
        """A function with a rule of its own: where its body stays, as one that looks up a table, the rule decides."""
        moved = self.call(equation, moving, times)
        if (
            self.depends
            or not any(moving)
            or all(m or not is_floating(v) for m, v in zip(moved, equation.outvars, strict=True))
        ):
            return moved
        return [a or b for a, b in zip(moved, ruled(equation, tuple(moving)), strict=True)]

    def cond(self, equation: JaxprEqn, moving: list[bool], times: int) -> list[bool]:
        chosen, *operands = moving
        branches = [self.through(branch, operands, times) for branch in equation.params["branches"]]
        return [(self.depends and chosen) or any(column) for column in zip(*branches, strict=True)]

    def scan(self, equation: JaxprEqn, moving: list[bool], times: int) -> list[bool]:
        jaxpr, (consts, carry) = equation.params["jaxpr"], scan_split(equation)
        return self.through(jaxpr, self.carried(jaxpr, moving, consts, carry), times * equation.params["length"])

    def while_(self, equation: JaxprEqn, moving: list[bool], times: int) -> list[bool]:
        tests, consts, carry = while_split(equation)
        inside = self.carried(equation.params["body_jaxpr"], moving[tests:], consts, carry)
        self.through(equation.params["cond_jaxpr"], [*moving[:tests], *inside[consts:]], times)
        found = self.through(equation.params["body_jaxpr"], inside, times)
        return [a or b for a, b in zip(found, inside[consts:], strict=True)]

    def tested(self, equation: JaxprEqn, moving: Sequence[bool]) -> bool:
        """Whether the test of a while moves."""
        tests, consts, carry = while_split(equation)
        inside = Walk(depends=self.depends).carried(equation.params["body_jaxpr"], list(moving[tests:]), consts, carry)
        return any(self.through(equation.params["cond_jaxpr"], [*moving[:tests], *inside[consts:]]))

    def carried(self, jaxpr: Any, moving: list[bool], consts: int, carry: int) -> list[bool]:
        """The motion of a loop body's inputs, when what its carry becomes has been carried around."""
        silent = Walk(depends=self.depends)
        while True:
            after, before = silent.through(jaxpr, moving)[:carry], moving[consts : consts + carry]
            joined = [a or b for a, b in zip(after, before, strict=True)]
            if joined == before:
                return moving
            moving = [*moving[:consts], *joined, *moving[consts + carry :]]


class Influence(Walk):
    """A way through a program on which the solution of a linear system does not depend on how it is found."""

    def equation(self, equation: JaxprEqn, moving: list[bool], times: int = 1) -> list[bool]:
        if equation.primitive.name == "custom_linear_solve":
            lengths = equation.params["const_lengths"]
            moving = moving[: lengths.matvec] + moving[sum(lengths) :]
            return [any(moving)] * len(equation.outvars)
        return super().equation(equation, moving, times)


BODIES: dict[str, Callable[[Walk, JaxprEqn, list[bool], int], list[bool]]] = {
    **dict.fromkeys(CALLS, Walk.call),
    "custom_jvp_call": Walk.ruled,
    "cond": Walk.cond,
    "scan": Walk.scan,
    "while": Walk.while_,
}


@lru_cache(maxsize=256)
def ruled(equation: JaxprEqn, moving: tuple[bool, ...]) -> list[bool]:
    """Which results of a function move by its rule where these operands do."""
    floats = [m and is_floating(a) for m, a in zip(moving, equation.invars, strict=True)]
    program = jvp_program(equation, floats).jaxpr
    directions = [i >= len(moving) for i in range(len(program.invars))]
    found = iter(Walk().through(program, directions))
    return [is_floating(v) and next(found) for v in equation.outvars]


def is_step(name: str) -> bool:
    """Whether a primitive is piecewise constant."""
    return name in RULES and RULES[name].kind == "constant"


def is_floating(atom: Any) -> bool:
    return bool(jnp.issubdtype(atom.aval.dtype, jnp.inexact))


def while_split(equation: JaxprEqn) -> tuple[int, int, int]:
    """How many operands of a while are constants of its test, constants of its body, and its carry."""
    tests, consts = equation.params["cond_nconsts"], equation.params["body_nconsts"]
    return tests, consts, len(equation.invars) - tests - consts
