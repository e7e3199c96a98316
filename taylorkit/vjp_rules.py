"""custom_vjp functions as custom_jvp functions, so that every method differentiates them through their rule.

A custom_vjp function has no forward mode in JAX, and its body need not have the derivative of its rule: it may loop,
look up a table or stop gradients. But its backward rule ȳ ↦ x̄ = Jᵀ ȳ is linear in ȳ, and the transpose of that is
ẋ ↦ J ẋ: the JVP that forward mode needs. Where JAX cannot transpose the rule (it holds a `while`), J is made by rows,
from ȳ = eᵢ.

A backward rule that is not linear, as one that clips or rounds its cotangents or adds a number to them, has no such
JVP: its function stays what it is, and methods that begin in reverse mode serve it.
"""

from collections.abc import Callable, Container, Sequence
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import jax
import jax.numpy as jnp
import numpy as np
from jax.custom_derivatives import SymbolicZero
from jax.dtypes import float0
from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn, Literal, jaxpr_as_fun

from taylorkit.errors import FunctionError
from taylorkit.linearity import is_linear
from taylorkit.rewriting import body, called, rerun, rewritten

VJP_CALLS = frozenset({"custom_vjp_call", "custom_vjp_call_jaxpr"})


def no_forward_mode(equation: JaxprEqn) -> str:
    """How messages call a custom_vjp function that stays one."""
    return f"the custom_vjp function {called(equation)}, whose backward rule is not linear in its cotangents"


class NotLinear(FunctionError):
    """A backward rule that has no transpose."""


def with_jvp_rules(program: Any) -> Any:
    """A program, or a parameter of an equation, whose custom_vjp functions are custom_jvp functions."""
    return rewritten(program, lambda jaxpr: jaxpr.replace(eqns=[with_jvp_rule(e) for e in jaxpr.eqns]))


def with_jvp_rule(equation: JaxprEqn) -> JaxprEqn:
    """An equation whose custom_vjp function, or those in its bodies, are custom_jvp functions where they can be."""
    if equation.primitive.name not in VJP_CALLS:
        return equation.replace(params={name: with_jvp_rules(value) for name, value in equation.params.items()})
    floats = [jnp.issubdtype(a.aval.dtype, jnp.inexact) for a in equation.invars]
    try:
        jvp_program(equation, floats)
    except NotLinear:
        return equation
    except Exception:  # what forbids some direction may never be asked for one
        pass
    ruled = jax.custom_jvp(jaxpr_as_fun(with_jvp_rules(body(equation))))
    ruled.defjvp(partial(_jvp, ruled, equation), symbolic_zeros=True)
    (call,) = jax.make_jaxpr(ruled)(*_avals(equation.invars)).eqns
    return equation.replace(primitive=call.primitive, params=call.params)


def _jvp(
    ruled: Callable[..., list[Any]], equation: JaxprEqn, primals: Sequence[Any], tangents: Sequence[Any]
) -> tuple[list[Any], list[Any]]:
    """The rule: the function's own values, which move as it says, and the directions of forward and backward rule."""
    moving = [not isinstance(t, SymbolicZero) and t.dtype != float0 for t in tangents]
    program = with_jvp_rules(jvp_program(equation, moving))
    values = ruled(*primals)
    directions = iter(
        _with_results(program, [*primals, *(t for t, m in zip(tangents, moving, strict=True) if m)], values)
    )
    whole = [np.zeros(v.shape, float0) if not _floating(v) else next(directions) for v in values]
    return values, whole


def _with_results(program: ClosedJaxpr, given: Sequence[Any], results: Sequence[Any]) -> list[Any]:
    """What a program (…) ↦ (y, ẏ) gives for ẏ where y is known.

    A forward rule hands y on as it was found, by a loop or a table, and that need not have y's derivatives.
    """
    outvars, own = program.jaxpr.outvars, {*program.jaxpr.invars, *program.jaxpr.constvars}
    known = {v: y for v, y in zip(outvars, results, strict=False) if not isinstance(v, Literal) and v not in own}
    found = {
        **dict(zip([*program.jaxpr.constvars, *program.jaxpr.invars], [*program.consts, *given], strict=True)),
        **known,
    }

    def read(atom: Any) -> Any:
        return atom.val if isinstance(atom, Literal) else found[atom]

    wanted = outvars[len(results) :]
    for equation in _leading_to(program.jaxpr, wanted, known):
        outputs = rerun(equation, [read(a) for a in equation.invars])
        for v, output in zip(equation.outvars, outputs, strict=True):
            found.setdefault(v, output)
    return [read(a) for a in wanted]


def _leading_to(jaxpr: Jaxpr, wanted: Sequence[Any], known: Container[Any]) -> list[JaxprEqn]:
    """The equations on which some values rest, but for those that are known."""
    needed = {a for a in wanted if not isinstance(a, Literal) and a not in known}
    kept = []
    for equation in reversed(jaxpr.eqns):
        if not needed.isdisjoint(equation.outvars):
            kept.append(equation)
            needed.update(a for a in equation.invars if not isinstance(a, Literal) and a not in known)
    return kept[::-1]


def jvp_program(equation: JaxprEqn, moving: Sequence[bool]) -> ClosedJaxpr:
    """(inputs, directions of the moving ones) ↦ (outputs, directions of the floating ones).

    Raises NotLinear where the backward rule is not linear in its cotangents, FunctionError where the rules raise, as
    those do that forbid some directions.

    JAX traces a forward rule once for each choice of moving inputs, but keeps the shape of the residuals of the last
    choice alone, and none where that raised. So no choice is asked of a call twice.
    """
    found = _FOUND.setdefault(body(equation), {})
    key = tuple(moving)
    if key not in found:
        found[key] = _found(equation, key)
    outcome = found[key]
    if isinstance(outcome, ClosedJaxpr):
        return outcome
    raise outcome[0](outcome[1])


# By the body of the call, which no other call has. What was raised is kept as kind and text: its frames hold the call.
_FOUND: WeakKeyDictionary[Any, dict[tuple[bool, ...], ClosedJaxpr | tuple[type[FunctionError], str]]] = (
    WeakKeyDictionary()
)


def _found(equation: JaxprEqn, moving: tuple[bool, ...]) -> ClosedJaxpr | tuple[type[FunctionError], str]:
    try:
        return _jvp_program(equation, moving)
    except NotLinear as error:
        return NotLinear, str(error)
    except Exception as error:  # whatever a person's rules raise
        said = f"{type(error).__name__}: {error}".removesuffix(": ")
        return FunctionError, f"the rules of the custom_vjp function {called(equation)} cannot be traced: {said}"


def _jvp_program(equation: JaxprEqn, moving: tuple[bool, ...]) -> ClosedJaxpr:
    def push(values: list[Any], directions: tuple[Any, ...]) -> list[Any]:
        def of_moving(*floats: Any) -> tuple[list[Any], list[Any]]:
            given = iter(floats)
            outputs = rerun(equation, [next(given) if m else v for v, m in zip(values, moving, strict=True)])
            return [o for o in outputs if _floating(o)], outputs

        floats = (v for v, m in zip(values, moving, strict=True) if m)
        results, pull, outputs = jax.vjp(of_moving, *floats, has_aux=True)
        return [*outputs, *_transposed(equation, pull, results, directions)]

    avals = _avals(equation.invars)
    return jax.make_jaxpr(push)(avals, tuple(a for a, m in zip(avals, moving, strict=True) if m))


def _transposed(equation: JaxprEqn, pull: Callable, results: list[Any], directions: tuple[Any, ...]) -> list[Any]:
    """J ẋ from ȳ ↦ Jᵀ ȳ."""
    cotangents = [jax.ShapeDtypeStruct(r.shape, r.dtype) for r in results]
    program = with_jvp_rules(jax.make_jaxpr(lambda *given: pull(list(given)))(*cotangents))
    if not is_linear(program):
        raise NotLinear(no_forward_mode(equation))
    backward = jaxpr_as_fun(program)
    try:
        return list(jax.linear_transpose(backward, *cotangents)(list(directions)))
    except Exception:  # whatever a missing transpose raises
        _require_linear(equation, backward, cotangents)
        return _by_rows(backward, cotangents, directions)


def _by_rows(backward: Callable, cotangents: list[Any], directions: tuple[Any, ...]) -> list[Any]:
    """J ẋ, where J's rows are what the backward rule makes of the unit vectors, all at once."""
    sizes = [c.size for c in cotangents]
    ends = np.cumsum(sizes).tolist()
    units = [
        jnp.eye(ends[-1], c.size, c.size - end, dtype=c.dtype).reshape(-1, *c.shape)
        for c, end in zip(cotangents, ends, strict=True)
    ]
    rows = jax.vmap(backward)(*units)
    flat = sum(row.reshape(len(row), -1) @ d.reshape(-1) for row, d in zip(rows, directions, strict=True))
    parts = jnp.split(flat, ends[:-1])
    return [part.reshape(c.shape).astype(c.dtype) for part, c in zip(parts, cotangents, strict=True)]


def _require_linear(equation: JaxprEqn, backward: Callable, cotangents: list[Any]) -> None:
    """A function is linear where its change in a direction does not depend on the place."""
    from taylorkit.motion import Influence  # which needs the rules of primitives, and these the trace that needs this

    def change(place: list[Any], direction: list[Any]) -> Any:
        return jax.jvp(backward, place, direction)[1]

    program, places = jax.make_jaxpr(change)(cotangents, cotangents), len(cotangents)
    if any(Influence(depends=True).through(program, [i < places for i in range(2 * places)])):
        raise NotLinear(no_forward_mode(equation))


def _avals(atoms: Sequence[Any]) -> list[jax.ShapeDtypeStruct]:
    return [jax.ShapeDtypeStruct(a.aval.shape, a.aval.dtype, weak_type=a.aval.weak_type) for a in atoms]


def _floating(value: Any) -> bool:
    return bool(jnp.issubdtype(value.dtype, jnp.inexact))
