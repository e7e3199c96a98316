"""A function whose loops end: one that goes round too often gives NaN.

Where a trust radius is sampled f is asked for points that nobody named. A `while` that stops by its data may have no
end there, as Heron's method for a negative number.
"""

from dataclasses import dataclass, replace
from typing import Any

import jax.numpy as jnp
from jax.extend.core import JaxprEqn, jaxpr_as_fun

from taylorkit import motion
from taylorkit.lanes import chosen, going_round
from taylorkit.rewriting import rerun
from taylorkit.smoothness.longer import AROUND, Anew
from taylorkit.trace import Traced

# How often a loop may go round, and one within it.
TURNS, INNER = 10_000, 1_000


def bounded(traced: Traced) -> Traced | None:
    """f with loops that end; None where no loop stops by data."""
    if not motion.loops_stopped_by_data(traced.jaxpr.jaxpr):
        return None
    return traced.remembered(bounded, lambda: _Bounded(TURNS).program(traced))


@dataclass(frozen=True)
class _Bounded(Anew):
    turns: int

    def equation(self, equation: JaxprEqn, inputs: list[Any]) -> list[Any]:
        name = equation.primitive.name
        if name == "while":
            return self.ending(equation, inputs)
        around = Anew.call if name in motion.CALLS else AROUND.get(name)
        return around(self, equation, inputs) if around else rerun(equation, inputs)

    def ending(self, loop: JaxprEqn, inputs: list[Any]) -> list[Any]:
        tests, consts, _ = motion.while_split(loop)
        asked, given, first = inputs[:tests], inputs[tests : tests + consts], inputs[tests + consts :]
        inner, body = replace(self, turns=min(self.turns, INNER)), loop.params["body_jaxpr"]
        test = lambda state: jaxpr_as_fun(loop.params["cond_jaxpr"])(*asked, *state)[0]  # noqa: E731

        def step(counted: list[Any]) -> list[Any]:
            return [counted[0] + 1, *inner.run(body, [*given, *counted[1:]])]

        turn = jnp.zeros(loop.params["cond_jaxpr"].out_avals[0].shape, int)
        _, *state = going_round(lambda s: test(s[1:]) & (s[0] < self.turns), step, [turn, *first])
        never = [jnp.full_like(a, jnp.nan) if jnp.issubdtype(a.dtype, jnp.inexact) else a for a in state]
        on = test(state)
        return chosen(on, never, state) if on.ndim else [jnp.where(on, n, a) for n, a in zip(never, state, strict=True)]
