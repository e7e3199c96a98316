"""Where a method may begin with a gradient, where the gradient, or what is differentiated of it, would be wrong, and
where JAX's own rules differ from those of series."""

from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
from jax.extend.core import Jaxpr, JaxprEqn, Literal

from taylorkit import custom_rules, motion
from taylorkit.differentiation.masks import hidden_pole
from taylorkit.rewriting import equations, subjaxprs
from taylorkit.series.directions import meet_custom_rules
from taylorkit.series.general import jvp_program
from taylorkit.series.ingredients import is_jax_own
from taylorkit.series.origins import name_of
from taylorkit.trace import Traced


def wrong_gradient(traced: Traced) -> str | None:
    """Why forward mode alone is right; None where a gradient is right, too."""
    return traced.remembered(wrong_gradient, lambda: _wrong_gradient(traced))


def _wrong_gradient(traced: Traced) -> str | None:
    if hidden := hidden_pole(traced):
        return f"{hidden} may hide a pole, where a gradient is 0 · ∞, NaN"
    if dropped := _dropped_rule(traced):
        return f"JAX drops the rule of {dropped} in a scan when it takes a gradient"
    if dropped := _transposed_rule(traced):
        return f"JAX drops the rule of a function that the rule of {dropped} calls on its direction"
    return None


# A rule within a rule within a rule …: so deep they are looked into.
DEEP = 6


def _dropped_rule(traced: Traced) -> str | None:
    """A custom_jvp function within a scan, of f or of a rule.

    JAX takes a gradient of a scan by partial evaluation, which leaves the body of such a function in its place: second
    derivatives would be those of the body. Of JAX's own functions (softplus, relu, …) they are the same.
    """
    for loop in (e for program in custom_rules.of(traced).programs_to(DEEP) for e in equations(program.jaxpr)):
        inner = [e for jaxpr in subjaxprs(loop) for e in equations(jaxpr)] if loop.primitive.name == "scan" else []
        for function in (e for e in inner if e.primitive.name == "custom_jvp_call"):
            if not is_jax_own(function.params["jvp_jaxpr_fun"]):
                return custom_rules.named(function)
    return None


def _transposed_rule(traced: Traced) -> str | None:
    """A custom_jvp function whose rule calls one, as itself, on the direction: JAX transposes the body of that."""
    for function in (e for program in custom_rules.of(traced).programs_to(DEEP) for e in equations(program.jaxpr)):
        if function.primitive.name == "custom_jvp_call" and not is_jax_own(function.params["jvp_jaxpr_fun"]):
            floats = [jnp.issubdtype(a.aval.dtype, jnp.inexact) for a in function.invars]
            try:
                with traced.scope():
                    rule = jvp_program(function, floats)
            except Exception:  # what it cannot do is said elsewhere
                continue
            if meet_custom_rules(rule, len(floats)):
                return custom_rules.named(function)
    return None


INEXACT = dict.fromkeys(
    "digamma lgamma bessel_i0e bessel_i1e igamma igammac regularized_incomplete_beta "
    "_i0 sinc fresnel sici erfcx _erfcx log_ndtr expn bessel_jn".split(),
    "JAX's own derivative is not right everywhere",
)
SERIES_ALONE = {
    **dict.fromkeys(
        "max min abs clamp sign reduce_max reduce_min cummax cummin sort top_k argmax argmin".split(),
        "JAX joins the sides of a tie, where series keeps to one",
    ),
    **INEXACT,
}
"""Primitives, and functions of JAX's own, whose derivatives by JAX's rules are others than those of series, and why."""


ROOTS = dict.fromkeys("sqrt cbrt pow".split(), "at 0 nested has NaN, ∞ · 0, along what the root does not hold")
"""Primitives of which, from order 2 on, the nested derivatives lose some where series keeps them, and why."""


def series_alone(traced: Traced) -> str | None:
    """`max at file.py:12: …`: why both other methods may differ from series; None where they don't."""
    return traced.remembered(series_alone, lambda: _standing(traced, SERIES_ALONE))


def inexact(traced: Traced) -> str | None:
    """The same of what JAX's own derivatives are wrong of."""
    return traced.remembered(inexact, lambda: _standing(traced, INEXACT))


def rooted(traced: Traced) -> str | None:
    """The same of nested alone, from order 2 on."""
    return traced.remembered(rooted, lambda: _standing(traced, ROOTS))


def _standing(traced: Traced, why: dict[str, str]) -> str | None:
    """The first of some primitives and functions that stands on what moves, outside of custom rules."""
    jaxpr = traced.jaxpr.jaxpr
    counted = {id(e) for e in _counted(jaxpr) if _known(e) in why}
    if not counted:
        return None
    with traced.scope():
        uses = [use for use in motion.uses(jaxpr) if id(use.equation) in counted and any(use.moving)]
    return f"{uses[0].where}: {why[_known(uses[0].equation)]}" if uses else None


def _known(equation: JaxprEqn) -> str:
    """The function of JAX's own that is called, or the primitive."""
    name = name_of(equation)
    return name if name in INEXACT else equation.primitive.name


def _counted(jaxpr: Jaxpr) -> Iterator[JaxprEqn]:
    """The equations outside custom rules that a derivative depends on.

    What only shifts an exponent, as in softmax, stands behind a stop_gradient. |u| in log |u| is at its tie at a pole.
    """
    needed: set[Any] = {v for v in jaxpr.outvars if not isinstance(v, Literal)}
    logged: set[Any] = set()
    for e in reversed(jaxpr.eqns):
        name = e.primitive.name
        if (needed | logged).isdisjoint(e.outvars):
            continue
        if name != "abs" or not needed.isdisjoint(e.outvars):
            yield e
        if not motion.is_step(name):
            operands = {v for v in e.invars if not isinstance(v, Literal)}
            (logged if name == "log" else needed).update(operands)
        if name != "custom_jvp_call":
            for inner in subjaxprs(e):
                yield from _counted(inner)


def has_gradient(traced: Traced) -> bool:
    """Whether JAX can take a gradient of a scalar f: not through a `while`, nor through some custom rules."""
    return traced.remembered(has_gradient, lambda: _has_gradient(traced))


def _has_gradient(traced: Traced) -> bool:
    try:
        with traced.scope():
            jax.eval_shape(jax.grad(traced.replay), jax.ShapeDtypeStruct((traced.variables,), traced.dtype))
    except Exception:  # whatever a missing transpose raises
        return False
    return True
