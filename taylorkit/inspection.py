"""What one trace of f tells beforehand: what f is made of, what cannot be differentiated, what it costs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp

from taylorkit import calling, precision, smoothness
from taylorkit.differentiation import nested
from taylorkit.differentiation.methods import Method, resolve
from taylorkit.errors import FunctionError
from taylorkit.multi_index import check_order, count
from taylorkit.precision import scope
from taylorkit.trace import Traced, equations, name_of, rerun, source_line, subjaxprs, trace


@dataclass(frozen=True)
class Preflight:
    """What the trace of f found. Bytes and operations are those of one expansion point; `flops` counts f itself."""

    function: str
    variables: int
    order: int
    shape: tuple[int, ...]
    terms: int
    primitives: dict[str, int]
    unsupported: list[str] = field(default_factory=list)
    non_smooth: list[str] = field(default_factory=list)
    method: Method | None = None
    bytes: int = 0
    flops: float = 0.0

    def __str__(self) -> str:
        used = ", ".join(f"{n} ({c})" if c > 1 else n for n, c in sorted(self.primitives.items()))
        method = self.method
        lines = {
            "function": self.function,
            "variables": str(self.variables),
            "output": f"shape {self.shape}" if self.shape else "a scalar",
            "order": f"{self.order}: {self.terms} derivatives a point, {self.bytes} bytes",
            "primitives": used or "none",
            "unsupported": "; ".join(self.unsupported) or "none",
            "not smooth": ", ".join(self.non_smooth) or "none",
            "method": f"{method.name} on {method.lowering}, {method.platform}, tiles of {method.tile} points"
            if method
            else "none",
            "operations": f"{self.flops:,.0f} a point for f itself",
        }
        return "\n".join(f"{key + ':':<13}{value}" for key, value in lines.items())


def preflight(f: Callable[..., Any], example: Any, order: int, method: str = "auto") -> Preflight:
    """Trace f once at `example` (what f takes, without a batch axis) and say what it would take to differentiate it.

    Something without a derivative rule is listed in `unsupported`, with its line; it is not an error here.
    """
    dtype = precision.floating(*(example if isinstance(example, tuple) else (example,)))
    points = calling.single(example, dtype)
    traced = trace(f, points.form, points.variables, dtype)
    return inspect(traced, order, method, jax.default_backend(), name_of(f))


def inspect(traced: Traced, order: int, method: str, platform: str, name: str) -> Preflight:
    """`preflight` of a function that is traced already."""
    terms = count(traced.variables, check_order(order))
    unsupported = without_rule(traced, order)
    return Preflight(
        function=name,
        variables=traced.variables,
        order=order,
        shape=traced.shape,
        terms=terms,
        primitives=dict(traced.primitives),
        unsupported=unsupported,
        non_smooth=smoothness.non_smooth(traced),
        method=None if unsupported else resolve(method, traced, order, platform),
        bytes=terms * traced.outputs * traced.dtype.itemsize,
        flops=_flops(traced),
    )


def require_differentiable(traced: Traced, order: int, name: str) -> None:
    """Raise FunctionError where something in f has no derivative rule, naming it and its line."""
    if missing := without_rule(traced, order):
        raise FunctionError(
            f"{name} cannot be differentiated: {'; '.join(missing)}. Write that part with operations that JAX can "
            "differentiate, or give it a rule with jax.custom_jvp"
        )


def without_rule(traced: Traced, order: int) -> list[str]:
    """Primitives of f without a derivative rule, each with its line of source.

    Tried to order 2: a rule that cannot itself be differentiated shows there.
    """
    try:
        with scope(traced.dtype):
            point = jax.ShapeDtypeStruct((traced.variables,), traced.dtype)
            jax.eval_shape(nested.packed(traced, min(order, 2)), point)
    except Exception as error:  # whatever a missing rule raises
        culprits = [e for e in equations(traced.jaxpr.jaxpr) if not subjaxprs(e) and not _has_rule(e)]
        named = dict.fromkeys(f"{e.primitive.name} at {source_line(e)}" for e in culprits)
        first, *_ = str(error).splitlines() or [""]
        return list(named) or [f"{type(error).__name__}: {first}"]
    return []


def _has_rule(equation: Any) -> bool:
    """Whether this one equation can be pushed forward."""
    arguments = [jax.ShapeDtypeStruct(v.aval.shape, v.aval.dtype) for v in equation.invars]
    moving = [jnp.issubdtype(a.dtype, jnp.inexact) for a in arguments]

    def push(values: list[jax.Array]) -> Any:
        def alone(*floats: jax.Array) -> Any:
            given = iter(floats)
            return rerun(equation, [next(given) if m else v for m, v in zip(moving, values, strict=True)])

        floats = tuple(v for m, v in zip(moving, values, strict=True) if m)
        return jax.jvp(alone, floats, floats) if floats else ()

    try:
        jax.eval_shape(push, arguments)
    except Exception:  # whatever a missing rule raises
        return False
    return True


def _flops(traced: Traced) -> float:
    """Floating-point operations of f at one point, as XLA counts them before it optimises; 0 where it does not say."""
    with scope(traced.dtype):
        point = jax.ShapeDtypeStruct((traced.variables,), traced.dtype)
        cost = jax.jit(traced.function).lower(point).cost_analysis() or {}
    return float(cost.get("flops", 0.0)) + float(cost.get("transcendentals", 0.0))
