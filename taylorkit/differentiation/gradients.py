"""Where a method may begin with a gradient, and where the gradient, or what is differentiated of it, would be wrong."""

import jax
import jax.numpy as jnp

from taylorkit.differentiation.masks import hidden_pole
from taylorkit.rewriting import called, equations, subjaxprs
from taylorkit.series.directions import meet_custom_rules
from taylorkit.series.general import jvp_program
from taylorkit.series.identity import is_jax_own
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


def _dropped_rule(traced: Traced) -> str | None:
    """A custom_jvp function within a scan.

    JAX takes a gradient of a scan by partial evaluation, which leaves the body of such a function in its place: second
    derivatives would be those of the body. Of JAX's own functions (softplus, relu, …) they are the same.
    """
    for loop in equations(traced.jaxpr.jaxpr):
        inner = [e for jaxpr in subjaxprs(loop) for e in equations(jaxpr)] if loop.primitive.name == "scan" else []
        for function in (e for e in inner if e.primitive.name == "custom_jvp_call"):
            if not is_jax_own(function.params["jvp_jaxpr_fun"]):
                return called(function)
    return None


def _transposed_rule(traced: Traced) -> str | None:
    """A custom_jvp function whose rule calls one, as itself, on the direction: JAX transposes the body of that."""
    for function in equations(traced.jaxpr.jaxpr):
        if function.primitive.name == "custom_jvp_call" and not is_jax_own(function.params["jvp_jaxpr_fun"]):
            floats = [jnp.issubdtype(a.aval.dtype, jnp.inexact) for a in function.invars]
            try:
                with traced.scope():
                    rule = jvp_program(function, floats)
            except Exception:  # what it cannot do is said elsewhere
                continue
            if meet_custom_rules(rule, len(floats)):
                return called(function)
    return None


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
