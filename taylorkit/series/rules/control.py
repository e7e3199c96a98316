"""Calls, whose bodies are run in place."""

from typing import Any

from jax.extend.core import JaxprEqn

from taylorkit.series.forms import Value
from taylorkit.series.registry import whole


@whole("pjit", "jit", "closed_call", "core_call", "remat", "remat2", "checkpoint", "custom_vjp_call", "custom_vjp_call_jaxpr")
def inline(run: Any, equation: JaxprEqn, inputs: list[Value]) -> list[Value]:
    """The body in place of the call. Of a custom_vjp function this leaves its rule unused: preflight warns."""
    inner = next(equation.params[n] for n in ("jaxpr", "call_jaxpr", "fun_jaxpr") if n in equation.params)
    return run(getattr(inner, "jaxpr", inner), getattr(inner, "consts", ()), inputs)
