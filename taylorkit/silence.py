"""A program without what it prints on the way.

A kernel runs on whole tiles of points, some of them padding, and JAX writes a print out once a point: thousands of
calls that take minutes to compile, and that nobody could read.
"""

from typing import Any

from jax.extend.core import Jaxpr, JaxprEqn

from taylorkit.rewriting import rewritten

PRINTING = frozenset({"debug_callback", "debug_print"})
EFFECTS = frozenset({"DebugEffect", "OrderedDebugEffect"})


def silent(program: Any) -> Any:
    """A program, or a parameter of an equation, without prints."""
    return rewritten(program, _without_prints)


def _without_prints(jaxpr: Jaxpr) -> Jaxpr:
    kept = [_silent(e) for e in jaxpr.eqns if e.primitive.name not in PRINTING]
    return jaxpr.replace(eqns=kept, effects=_quiet(jaxpr.effects))


def _silent(equation: JaxprEqn) -> JaxprEqn:
    if not any(type(e).__name__ in EFFECTS for e in equation.effects):
        return equation
    parameters = {name: silent(value) for name, value in equation.params.items()}
    return equation.replace(params=parameters, effects=_quiet(equation.effects))


def _quiet(effects: Any) -> set:
    return {e for e in effects if type(e).__name__ not in EFFECTS}
