"""Loops that stop by data before the derivatives have converged.

Newton's iteration that starts at the answer stops at once: its value is right and its derivatives are those of the
start. Where a few turns more leave f as it is and change a derivative, that point is late. Where they change f, the
loop is no iteration to a fixed point, and nothing is said.
"""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np
from jax import lax
from jax.extend.core import ClosedJaxpr, JaxprEqn, Literal, jaxpr_as_fun

from taylorkit import motion
from taylorkit.differentiation import kernel
from taylorkit.differentiation.methods import Method
from taylorkit.multi_index import degrees
from taylorkit.rewriting import body, rerun
from taylorkit.trace import Traced

# How far f may move and still be at its fixed point, and how far derivatives may and still have converged: in units of
# the largest of their degree or below.
SETTLED, CONVERGED = 1e-6, 1e-4


def late(traced: Traced, order: int, method: Method, rows: np.ndarray, packed: np.ndarray) -> np.ndarray:
    """At which of the points `rows` (M, D) the derivatives `packed` (P, *S, M) have not converged: (M,) bool."""
    if order == 0 or not motion.loops_stopped_by_data(traced.jaxpr.jaxpr):
        return np.zeros(len(rows), bool)
    longer = traced.remembered(("longer", order), lambda: _longer(traced, order))
    further = kernel.evaluate(longer, order, method, rows)
    degree = degrees(traced.variables, order)
    scale, changes = np.zeros(len(rows)), []
    with np.errstate(invalid="ignore"):
        for k in range(order + 1):
            now, then = (p[degree == k].reshape(-1, len(rows)) for p in (packed, further))
            scale = np.maximum(scale, np.abs(then).max(axis=0))
            changes.append(np.abs(then - now).max(axis=0) / np.where(scale == 0, 1, scale))
    value, *derivatives = changes
    return (value <= SETTLED) & np.any(np.array(derivatives) > CONVERGED, axis=0)


def _longer(traced: Traced, order: int) -> Traced:
    """f with more turns of each loop that data stop, enough for a method that doubles its digits."""
    turns = (order + 1).bit_length() + 1

    def function(v: jax.Array) -> Any:
        (out,) = _run(traced.jaxpr, [v], turns)
        return out

    with traced.scope():
        jaxpr = jax.make_jaxpr(function)(jax.ShapeDtypeStruct((traced.variables,), traced.dtype))
    return Traced(traced.f, traced.form, traced.variables, traced.dtype, jaxpr, traced.shape, rewritten=True)


def _run(closed: ClosedJaxpr, inputs: Sequence[Any], turns: int) -> list[Any]:
    jaxpr = closed.jaxpr
    values: dict[Any, Any] = dict(zip([*jaxpr.constvars, *jaxpr.invars], [*closed.consts, *inputs], strict=True))

    def read(atom: Any) -> Any:
        return atom.val if isinstance(atom, Literal) else values[atom]

    for equation in jaxpr.eqns:
        handler = LONGER.get(equation.primitive.name, _same)
        values.update(zip(equation.outvars, handler(equation, [read(a) for a in equation.invars], turns), strict=True))
    return [read(atom) for atom in jaxpr.outvars]


def _same(equation: JaxprEqn, inputs: list[Any], turns: int) -> list[Any]:
    return rerun(equation, inputs)


def _call(equation: JaxprEqn, inputs: list[Any], turns: int) -> list[Any]:
    inner = body(equation)
    return _run(inner if isinstance(inner, ClosedJaxpr) else ClosedJaxpr(inner, ()), inputs, turns)


def _while(equation: JaxprEqn, inputs: list[Any], turns: int) -> list[Any]:
    tests, consts, _ = motion.while_split(equation)
    given, step = inputs[tests : tests + consts], jaxpr_as_fun(equation.params["body_jaxpr"])
    final = rerun(equation, inputs)
    return list(lax.fori_loop(0, turns, lambda _, state: step(*given, *state), final))


LONGER: dict[str, Callable[[JaxprEqn, list[Any], int], list[Any]]] = {
    "while": _while,
    **dict.fromkeys(("pjit", "jit", "closed_call"), _call),
}
