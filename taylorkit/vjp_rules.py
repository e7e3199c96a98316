"""custom_vjp functions as custom_jvp functions, so that every method differentiates them through their rule.

A custom_vjp function has no forward mode in JAX, and its body need not have the derivative of its rule: it may loop,
look up a table or stop gradients. But its backward rule ȳ ↦ x̄ = Jᵀ ȳ is linear in ȳ, and the transpose of that is
ẋ ↦ J ẋ: the JVP that forward mode needs. Where JAX cannot transpose the rule (it holds a `while`), J is made by rows,
from ȳ = eᵢ.

A backward rule that is not linear, as one that clips or rounds its cotangents or adds a number to them, has no such
JVP: its function stays what it is, and methods that begin in reverse mode serve it.
"""

from collections.abc import Callable, Container, Sequence
from contextlib import suppress
from contextvars import ContextVar
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
from taylorkit.rewriting import body, called, equations, rerun, rewritten

VJP_CALLS = frozenset({"custom_vjp_call", "custom_vjp_call_jaxpr"})
# A backward rule may call its own function, and so on without end. Deeper than this a rule is asked for its JVP, which
# tells whether it is linear, by the derivatives that need it alone.
DEEPEST = 1
_WITHIN: ContextVar[int] = ContextVar("backward rules around the one that is read", default=0)


def no_forward_mode(equation: JaxprEqn) -> str:
    """How messages call a custom_vjp function that stays one."""
    return f"the custom_vjp function {called(equation)}, whose backward rule is not linear in its cotangents"


class NotLinear(FunctionError):
    """A backward rule that has no transpose."""


def with_jvp_rules(program: Any, moving: Sequence[bool] | None = None) -> Any:
    """A program whose custom_vjp functions are custom_jvp functions, where these inputs, or all, move."""
    jaxpr = getattr(program, "jaxpr", program)
    if all(e.primitive.name not in VJP_CALLS for e in equations(jaxpr)):
        return program
    dependent = _dependent(jaxpr, [True] * len(jaxpr.invars) if moving is None else moving)

    def ruled(value: Any) -> Any:
        return rewritten(value, lambda jaxpr: jaxpr.replace(eqns=[applied(e) for e in jaxpr.eqns]))

    def applied(equation: JaxprEqn) -> JaxprEqn:
        if equation.primitive.name in VJP_CALLS:
            return with_jvp_rule(equation, dependent.get(id(equation), [False] * len(equation.invars)))
        return equation.replace(params={name: ruled(value) for name, value in equation.params.items()})

    return ruled(program)


def _dependent(jaxpr: Jaxpr, moving: Sequence[bool]) -> dict[int, list[bool]]:
    """Which operands of each custom_vjp call depend on inputs that move, by the call's id."""
    from taylorkit.motion import Walk  # which needs the rules of primitives, and these the trace that needs this

    found: dict[int, list[bool]] = {}

    def visit(use: Any) -> None:
        if use.name in VJP_CALLS:
            before = found.get(id(use.equation), use.moving)
            found[id(use.equation)] = [a or b for a, b in zip(before, use.moving, strict=True)]

    Walk(visit, depends=True).through(jaxpr, moving)
    return found


def with_jvp_rule(equation: JaxprEqn, moving: Sequence[bool]) -> JaxprEqn:
    """The call of a custom_vjp function as that of a custom_jvp function, if its rule is linear where these move."""
    floats = [m and _floating(a.aval) for m, a in zip(moving, equation.invars, strict=True)]
    try:
        if any(floats) and _WITHIN.get() <= DEEPEST:
            jvp_program(equation, floats)
    except NotLinear:
        return equation
    except FunctionError:  # what forbids some direction may never be asked for one
        pass
    ruled = jax.custom_jvp(jaxpr_as_fun(with_jvp_rules(body(equation), moving)))
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
    from taylorkit.series.directions import are_transposed_otherwise  # which needs the trace, and that needs this

    cotangents = [jax.ShapeDtypeStruct(r.shape, r.dtype) for r in results]
    program = jax.make_jaxpr(lambda *given: pull(list(given)))(*cotangents)
    token = _WITHIN.set(_WITHIN.get() + 1)
    try:
        program = with_jvp_rules(program)
    finally:
        _WITHIN.reset(token)
    if not is_linear(program):
        raise NotLinear(no_forward_mode(equation))
    backward = jaxpr_as_fun(program)
    with suppress(Exception):  # whatever a missing transpose raises
        if not are_transposed_otherwise(program, 0):
            return list(jax.linear_transpose(backward, *cotangents)(list(directions)))
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


def _avals(atoms: Sequence[Any]) -> list[jax.ShapeDtypeStruct]:
    return [jax.ShapeDtypeStruct(a.aval.shape, a.aval.dtype, weak_type=a.aval.weak_type) for a in atoms]


def _floating(value: Any) -> bool:
    return bool(jnp.issubdtype(value.dtype, jnp.inexact))
