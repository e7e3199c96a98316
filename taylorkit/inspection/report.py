"""The report on a function: what it is made of, what cannot be differentiated, which method, what it costs."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import jax

from taylorkit import calling, custom_rules, precision, smoothness
from taylorkit.differentiation.methods import Method, tried
from taylorkit.inspection import limits, narrow, operations, reasons, rules, support
from taylorkit.multi_index import check_order, count
from taylorkit.trace import Traced, name_of, trace

OUTSIDE = "code outside of JAX, which no fingerprint sees: a stored run needs a spec with a version"


@dataclass(frozen=True)
class Preflight:
    """What the trace of f found. Bytes and operations are those of one expansion point.

    | field | |
    |---|---|
    | primitives | how often each stands in f's program, bodies of loops and branches included |
    | rules | which kind of rule of the Taylor arithmetic serves each: see `inspection.rules` |
    | unsupported | what has no derivative, each with its line; then there is no method |
    | non_smooth | primitives with kinks or jumps in f's variables |
    | warnings | what does not stop a run, but should be known |
    | method, reason | the resolved method, and why it is this one |
    | terms, bytes | P, the derivatives of each output; bytes of all of them |
    | flops | operations of f itself, as XLA counts them before it optimises |
    | operations | of all derivatives by this method, by the formulas of `inspection.operations` |
    """

    function: str
    variables: int
    order: int
    shape: tuple[int, ...]
    terms: int
    primitives: dict[str, int]
    rules: dict[str, str] = field(default_factory=dict)
    unsupported: list[str] = field(default_factory=list)
    non_smooth: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    method: Method | None = None
    reason: str = ""
    bytes: int = 0
    flops: float = 0.0
    operations: float = 0.0

    def __str__(self) -> str:
        lines = {
            "function": self.function,
            "variables": str(self.variables),
            "output": f"shape {self.shape}" if self.shape else "a scalar",
            "order": f"{self.order}: {self.terms} derivatives a point, {self.bytes:,} bytes",
            "primitives": rules.grouped(self.primitives, self.rules) or "none",
            "unsupported": "; ".join(self.unsupported) or "none",
            "not smooth": ", ".join(self.non_smooth) or "none",
            "method": self._method(),
            "because": self.reason or "nothing serves it",
            "operations": f"about {self.operations:,.0f} a point; f itself {self.flops:,.0f}",
            "warnings": "; ".join(self.warnings) or "none",
        }
        return "\n".join(f"{key + ':':<13}{value}" for key, value in lines.items())

    def _method(self) -> str:
        if self.method is None:
            return "none"
        return (
            f"{self.method.name} on {self.method.lowering}, {self.method.platform}, tiles of {self.method.tile} points"
        )


def preflight(f: Callable[..., Any], example: Any, order: int, method: str = "auto") -> Preflight:
    """Trace f once at `example` (what f takes, without a batch axis) and say what it would take to differentiate it.

    Something without a derivative rule is listed in `unsupported`, with its line; it is not an error here. Raises
    SpecError for an order or a method that makes no sense, FunctionError where f cannot be traced.

    >>> import jax.numpy as jnp
    >>> import taylorkit as tk
    >>> tk.preflight(lambda x: jnp.exp(x) * jnp.floor(x), 0.5, 6).rules
    {'exp': 'recurrence', 'floor': 'step', 'mul': 'recurrence', 'squeeze': 'moves entries'}
    """
    dtype = precision.floating(*(example if isinstance(example, tuple) else (example,)))
    points = calling.single(example, dtype)
    traced = trace(f, points.form, points.variables, dtype)
    return inspect(traced, order, method, jax.default_backend(), name_of(f), f)


def inspect(
    traced: Traced, order: int, method: str, platform: str, name: str, f: Callable[..., Any] | None = None
) -> Preflight:
    """`preflight` of a function `f` that is traced already."""
    order = check_order(order, precision.largest(traced.dtype))
    terms = count(traced.variables, order)
    resolved = tried(method, traced, order, platform)
    unsupported = list(support.obstacles(traced, order, resolved))
    facts = Preflight(
        function=name,
        variables=traced.variables,
        order=order,
        shape=traced.shape,
        terms=terms,
        primitives=dict(traced.primitives),
        rules=rules.serving(traced, unsupported),
        unsupported=unsupported,
        non_smooth=smoothness.non_smooth(traced),
        bytes=terms * traced.outputs * traced.dtype.itemsize,
        flops=_flops(traced),
        warnings=[
            *reasons.warnings(traced),
            *narrow.warnings(traced, f),
            *limits.warnings(traced),
            *limits.by_method(traced, resolved),
            *_outside(traced, order),
        ],
    )
    if unsupported:
        return facts
    costs = operations.predicted(traced, order, resolved.name)
    return replace(facts, method=resolved, reason=reasons.why(method, resolved, traced, order), operations=costs)


def _outside(traced: Traced, order: int) -> list[str]:
    return [f"{call}: {OUTSIDE}" for call in custom_rules.outside(traced, order)]


def _flops(traced: Traced) -> float:
    """Floating-point operations of f at one point, as XLA counts them before it optimises; 0 where it does not say."""
    with traced.scope():
        point = jax.ShapeDtypeStruct((traced.variables,), traced.dtype)
        cost = jax.jit(traced.replay).lower(point).cost_analysis() or {}
    # XLA says −1 where it does not know.
    return max(0.0, float(cost.get("flops", 0.0))) + max(0.0, float(cost.get("transcendentals", 0.0)))
