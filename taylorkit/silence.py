"""A program without what it prints on the way.

A kernel runs on whole tiles of points, some of them padding, and JAX writes a print out once a point: thousands of
calls that take minutes to compile, and that nobody could read.
"""

from typing import Any

from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn

PRINTING = frozenset({"debug_callback", "debug_print"})
EFFECTS = frozenset({"DebugEffect", "OrderedDebugEffect"})


def silent(program: Any) -> Any:
    """A jaxpr, or what an equation's parameter holds of them, without prints."""
    if isinstance(program, ClosedJaxpr):
        return ClosedJaxpr(silent(program.jaxpr), program.consts)
    if isinstance(program, Jaxpr):
        kept = [_silent(e) for e in program.eqns if e.primitive.name not in PRINTING]
        return program.replace(eqns=kept, effects=_quiet(program.effects))
    if isinstance(program, tuple | list) and any(isinstance(p, ClosedJaxpr | Jaxpr) for p in program):
        return type(program)(map(silent, program))
    return program


def _silent(equation: JaxprEqn) -> JaxprEqn:
    if not any(type(e).__name__ in EFFECTS for e in equation.effects):
        return equation
    parameters = {name: silent(value) for name, value in equation.params.items()}
    return equation.replace(params=parameters, effects=_quiet(equation.effects))


def _quiet(effects: Any) -> set:
    return {e for e in effects if type(e).__name__ not in EFFECTS}
