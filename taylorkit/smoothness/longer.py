"""A program in which one of its `while`s goes round some turns more, wherever it stands.

What holds the loop is run anew around it: branches, calls and scans as they are; a `while` as often as it goes round
without the change, so that it ends where it ended.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
from jax import lax
from jax.extend.core import JaxprEqn, Literal, jaxpr_as_fun

from taylorkit import motion
from taylorkit.lanes import going_round
from taylorkit.rewriting import body, equations, rerun, subjaxprs
from taylorkit.trace import Traced, scan_split


def longer(traced: Traced, loop: JaxprEqn, turns: int) -> Traced:
    """f with so many turns more of a `while` of its program."""
    return _Longer(loop, turns).program(traced)


class Anew:
    """A program that is run anew, with a change of some of its equations."""

    def program(self, traced: Traced) -> Traced:
        """f with the change."""

        def function(v: jax.Array) -> Any:
            (out,) = self.run(traced.jaxpr, [v])
            return out

        with traced.scope():
            jaxpr = jax.make_jaxpr(function)(jax.ShapeDtypeStruct((traced.variables,), traced.dtype))
        return Traced(traced.f, traced.form, traced.variables, traced.dtype, jaxpr, traced.shape, rewritten=True)

    def equation(self, equation: JaxprEqn, inputs: list[Any]) -> list[Any]:
        return rerun(equation, inputs)

    def run(self, program: Any, inputs: list[Any]) -> list[Any]:
        """A program with the change; a jaxpr that is not closed has no constants."""
        jaxpr, consts = getattr(program, "jaxpr", program), getattr(program, "consts", ())
        values: dict[Any, Any] = dict(zip([*jaxpr.constvars, *jaxpr.invars], [*consts, *inputs], strict=True))

        def read(atom: Any) -> Any:
            return atom.val if isinstance(atom, Literal) else values[atom]

        for equation in jaxpr.eqns:
            outputs = self.equation(equation, [read(a) for a in equation.invars])
            values.update(zip(equation.outvars, outputs, strict=True))
        return [read(atom) for atom in jaxpr.outvars]

    def call(self, equation: JaxprEqn, inputs: list[Any]) -> list[Any]:
        return self.run(body(equation), inputs)

    def cond(self, equation: JaxprEqn, inputs: list[Any]) -> list[Any]:
        index, *operands = inputs
        branches = [lambda *given, b=branch: self.run(b, list(given)) for branch in equation.params["branches"]]
        return list(lax.switch(index, branches, *operands))

    def scan(self, equation: JaxprEqn, inputs: list[Any]) -> list[Any]:
        p, (consts, carry) = equation.params, scan_split(equation)
        fixed, first, rows = inputs[:consts], inputs[consts : consts + carry], inputs[consts + carry :]

        def step(state: list[Any], given: list[Any]) -> tuple[list[Any], list[Any]]:
            found = self.run(p["jaxpr"], [*fixed, *state, *given])
            return found[:carry], found[carry:]

        final, stacked = lax.scan(step, first, rows, p["length"], reverse=p["reverse"], unroll=p["unroll"])
        return [*final, *stacked]


@dataclass(frozen=True)
class _Longer(Anew):
    loop: JaxprEqn
    turns: int

    def equation(self, equation: JaxprEqn, inputs: list[Any]) -> list[Any]:
        if equation is self.loop:
            return self.lengthened(inputs)
        around = AROUND.get(equation.primitive.name)
        if around and any(e is self.loop for inner in subjaxprs(equation) for e in equations(inner)):
            return around(self, equation, inputs)
        return rerun(equation, inputs)

    def lengthened(self, inputs: list[Any]) -> list[Any]:
        tests, consts, _ = motion.while_split(self.loop)
        given, step = inputs[tests : tests + consts], jaxpr_as_fun(self.loop.params["body_jaxpr"])
        final = rerun(self.loop, inputs)
        return list(lax.fori_loop(0, self.turns, lambda _, state: step(*given, *state), final))

    def while_(self, equation: JaxprEqn, inputs: list[Any]) -> list[Any]:
        """Both ways side by side: the one without the change says when it is done."""
        tests, consts, _ = motion.while_split(equation)
        asked, given, first = inputs[:tests], inputs[tests : tests + consts], inputs[tests + consts :]
        test, inner = equation.params["cond_jaxpr"], equation.params["body_jaxpr"]
        if any(e is self.loop for e in equations(test.jaxpr)):
            return rerun(equation, inputs)

        def step(both: list[Any]) -> list[Any]:
            plain, changed = both[: len(first)], both[len(first) :]
            return [*jaxpr_as_fun(inner)(*given, *plain), *self.run(inner, [*given, *changed])]

        going = lambda both: jaxpr_as_fun(test)(*asked, *both[: len(first)])[0]  # noqa: E731
        return going_round(going, step, [*first, *first])[len(first) :]


AROUND: dict[str, Callable[[Any, JaxprEqn, list[Any]], list[Any]]] = {
    **dict.fromkeys("pjit jit closed_call core_call remat remat2 checkpoint".split(), Anew.call),
    "cond": Anew.cond,
    "scan": Anew.scan,
    "while": lambda run, *given: run.while_(*given),
}
