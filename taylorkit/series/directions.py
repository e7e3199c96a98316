"""What a derivative rule's program does with its directions: whether one run of it along Euler's operator will do."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn, Literal

from taylorkit.series.ingredients import is_jax_own
from taylorkit.series.registry import RULES
from taylorkit.trace import equations, subjaxprs

if TYPE_CHECKING:
    from taylorkit.series.interpreter import Run

ENTRYWISE = frozenset("select_n abs clamp convert_element_type integer_pow stop_gradient".split())
"""Primitives that act entry by entry, besides those with a recurrence."""


def suit_euler(run: "Run", equation: JaxprEqn, rule: ClosedJaxpr, moving: list[bool]) -> bool:
    """Whether J(u) [E u] gives what nested derivatives give: E begins at degree 1, so that no direction may meet a
    rule again; and E takes the mean of all orders of differentiation, which must be alike."""
    return not meet_rules(rule, moving) and (run.variables == 1 or _is_gradient(equation, rule, moving))


def meet_rules(rule: ClosedJaxpr, moving: list[bool]) -> bool:
    """Whether a direction comes to a function that the general rule serves."""
    return _reach(rule.jaxpr, set(rule.jaxpr.invars[len(moving) :]), _by_rule)


def meet_custom_rules(rule: ClosedJaxpr, operands: int) -> bool:
    """Whether a direction comes to a function whose derivative the user, or a library, wrote."""
    return _reach(rule.jaxpr, set(rule.jaxpr.invars[operands:]), is_custom)


def are_transposed_otherwise(rule: ClosedJaxpr, operands: int) -> bool:
    """Whether JAX's transposition of a linear program is not that of its values.

    It takes the body of a function with a rule, whatever the rule says of other operands, where a direction comes to it
    and wherever it stands within a loop, a branch or a call; and nothing of what stops gradients.
    """
    reached = set(rule.jaxpr.invars[operands:])
    bodies = (body for e in rule.jaxpr.eqns if not is_custom(e) for body in subjaxprs(e))
    return _reach(rule.jaxpr, reached, lambda e: is_custom(e) or e.primitive.name == "stop_gradient") or any(
        is_custom(e) and not is_jax_own(e.params.get("jvp_jaxpr_fun")) for body in bodies for e in equations(body)
    )


def _reach(jaxpr: Jaxpr, reached: set[Any], wanted: Callable[[JaxprEqn], bool]) -> bool:
    for equation in jaxpr.eqns:
        if any(not isinstance(a, Literal) and a in reached for a in equation.invars):
            inner = [e for body in subjaxprs(equation) for e in equations(body)]
            if any(wanted(e) for e in (equation, *inner)):
                return True
            reached.update(equation.outvars)
    return False


def _by_rule(equation: JaxprEqn) -> bool:
    return is_custom(equation) or equation.primitive.name not in RULES


def is_custom(equation: JaxprEqn) -> bool:
    """Whether the user, or a library, wrote the derivative."""
    return equation.primitive.name.startswith(("custom_jvp", "custom_vjp"))


def _is_gradient(equation: JaxprEqn, rule: ClosedJaxpr, moving: list[bool]) -> bool:
    """Whether a rule's mixed derivatives are alike whatever the order of variables, as far as its program shows: it
    is a function of one number, or of one number for each entry, or one of JAX's own that leaves nothing out."""
    operands = [a for a, m in zip(equation.invars, moving, strict=True) if m]
    if not is_custom(equation) or is_jax_own(equation.params["jvp_jaxpr_fun"]):
        atoms = [*rule.jaxpr.outvars, *(a for e in rule.jaxpr.eqns for a in e.invars)]
        read = {a for a in atoms if not isinstance(a, Literal)}
        return all(v in read for v in rule.jaxpr.invars[len(moving) :])
    if len(operands) > 1:
        return False
    return operands[0].aval.size == 1 or _entrywise(rule.jaxpr, operands[0].aval.shape)


def _entrywise(jaxpr: Jaxpr, shape: tuple[int, ...]) -> bool:
    """Whether each entry of the results depends on the same entry of the arrays of this shape alone."""
    return all(_acts_entrywise(e, shape) for e in jaxpr.eqns)


def _acts_entrywise(equation: JaxprEqn, shape: tuple[int, ...]) -> bool:
    name = equation.primitive.name
    if name in ("pjit", "jit"):
        return all(_entrywise(body, shape) for body in subjaxprs(equation))
    if name == "broadcast_in_dim":
        return equation.invars[0].aval.shape == ()
    kind = RULES[name].kind if name in RULES else ""
    return (kind in ("elementwise", "constant") or name in ENTRYWISE) and equation.outvars[0].aval.shape in ((), shape)
