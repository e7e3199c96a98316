"""What `auto` means: the method that was measured fastest on the nearest problem of the table of crossovers.

`make bench` writes the table: seconds of each method by kind of program, number of variables and order. The choice is a
function of f's program, D, the order, that table and the lowerings that are there: the same on machines that are alike.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from math import log
from types import ModuleType

import jax
from jax.extend.core import Jaxpr

from taylorkit.differentiation import lines, nested, reverse, series
from taylorkit.differentiation.gradients import rooted, series_alone, wrong_gradient
from taylorkit.trace import Traced, subjaxprs


@dataclass(frozen=True)
class Crossover:
    """What was measured on one problem: seconds by method."""

    kind: str
    scalar_output: bool
    variables: int
    order: int
    seconds: dict[str, float]
    machine: str

    def distance(self, variables: int, order: int) -> float:
        """How far another problem is, on logarithmic scales: costs grow by factors."""
        return abs(log(variables / self.variables)) + 2 * abs(log((order + 1) / (self.order + 1)))


@dataclass(frozen=True)
class Choice:
    """A method's name, and why it."""

    name: str
    reason: str


@cache
def table() -> tuple[Crossover, ...]:
    """The committed measurements."""
    text = resources.files(__package__).joinpath("crossovers.json").read_text()
    return tuple(Crossover(**row) for row in json.loads(text))


# What a rule or a loop cannot do shows at order 2.
TRIED_ORDER = 2


def fails(traced: Traced, order: int, module: ModuleType) -> str | None:
    """What a method raises when it is traced; None where it does not fail."""
    return traced.remembered(("fails", order, module.NAME), lambda: _fails(traced, order, module))


def _fails(traced: Traced, order: int, module: ModuleType) -> str | None:
    if module.unsupported(traced):
        return module.unsupported(traced)[0]
    try:
        with traced.scope():
            points = jax.ShapeDtypeStruct((2, traced.variables), traced.dtype)
            jax.eval_shape(jax.vmap(module.packed(traced, order), out_axes=-1), points)
    except Exception as error:  # whatever a missing rule raises
        first, *_ = str(error).splitlines() or [""]
        return f"{type(error).__name__}: {first}"
    return None


def choose(traced: Traced, order: int, platform: str) -> Choice:
    """The method for f up to `order`, with its lowering where the table knows it."""
    if missing := series.unsupported(traced):
        return _in_reverse(traced, missing[0])
    if order == 0:
        return Choice(nested.NAME, "order 0 is f itself")
    kind = kind_of(traced, order)
    rows = [row for row in table() if row.kind == kind]
    for nearest in sorted(rows, key=lambda row: row.distance(traced.variables, order)):
        served = {name: s for name, s in nearest.seconds.items() if _serves(name, traced, order, platform)}
        # Where `series` was not measured, or not as it can be had here, the row says nothing of it.
        if any(name.partition(":")[0] == series.NAME for name in served):
            return _fastest(served, f"{kind} in D = {nearest.variables} at order {nearest.order}", _why(traced, order))
    return Choice(series.NAME, f"nothing of this kind was measured{_why(traced, order)}")


def _why(traced: Traced, order: int) -> str:
    """Why methods were passed over that the table knows."""
    if wrong := wrong_gradient(traced):
        return f"; {wrong}: forward mode alone is right"
    if differs := series_alone(traced):
        return f"; series alone, for {differs}"
    return f"; not nested, for {rooted(traced)}" if order > 1 and rooted(traced) else ""


def _fastest(served: dict[str, float], where: str, beside: str) -> Choice:
    fastest = min(served, key=served.__getitem__)
    measured = ", ".join(f"{name} {1e3 * s:.3g} ms" for name, s in sorted(served.items(), key=lambda item: item[1]))
    return Choice(fastest, f"the fastest of what was measured nearest, {where}: {measured}{beside}")


def kind_of(traced: Traced, order: int) -> str:
    """What the cost of a program depends on most: whether it loops, works on single numbers, or on whole arrays."""
    return "loops" if traced.loops else series.kind(traced, order)


def _in_reverse(traced: Traced, missing: str) -> Choice:
    """What serves a function without forward mode."""
    name = reverse.NAME if not reverse.unsupported(traced) else nested.NAME
    return Choice(name, f"f holds {missing}: reverse mode alone serves it")


# What reverse mode multiplies by zero where `series` selects: a NaN that is not chosen would come through.
MASKED = frozenset("select_n pow".split())


def _serves(asked: str, traced: Traced, order: int, platform: str) -> bool:
    """Reverse mode pays for a scalar f alone, each output costs one more pass; and it is not taken where it may lose a
    point that the others keep."""
    name, _, lowering = asked.partition(":")
    if name == series.NAME:
        fit = True
    elif series_alone(traced):
        fit = False
    elif name == reverse.NAME:
        fit = traced.shape == () and not _masked(traced.jaxpr.jaxpr) and not reverse.unsupported(traced)
    else:
        # `nested` was measured with a gradient; without one it costs as much more as there are variables.
        fit = not (nested.unsupported(traced) or wrong_gradient(traced) or (order > 1 and rooted(traced)))
    module = {reverse.NAME: reverse, series.NAME: series}.get(name)
    return fit and (lowering != "llvm" or module is None or lines.serves(traced, module.kind(traced, order), platform))


def _masked(jaxpr: Jaxpr) -> bool:
    """Whether a selection stands outside custom rules, which keep their own NaN away."""
    return any(
        e.primitive.name in MASKED or (e.primitive.name != "custom_jvp_call" and any(map(_masked, subjaxprs(e))))
        for e in jaxpr.eqns
    )
