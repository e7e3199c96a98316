"""What values of a program cannot be below, wherever it is evaluated: which of them are never 0, and never two equal.

Bounds are of what is computed: exp may be 0 by underflow, 1 + exp may not. What is in a loop or a branch has no bound.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import exp, inf, isfinite, prod, sqrt
from typing import Any

import numpy as np
from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn, Literal

from taylorkit.motion import CALLS, is_floating, is_step
from taylorkit.rewriting import body, subjaxprs
from taylorkit.trace import Traced

Lows = Sequence[float]


@dataclass(frozen=True)
class Bounded:
    """An equation on which derivatives rest, with the bound of each operand."""

    equation: JaxprEqn
    lows: tuple[float, ...]

    @property
    def name(self) -> str:
        return self.equation.primitive.name

    @property
    def may_tie(self) -> bool:
        """Whether two sides, of which one is taken, may be equal."""
        if not any(map(is_floating, self.equation.invars)):
            return False
        if self.name in ("abs", "sign"):
            return self.lows[0] <= 0
        if self.name not in ("max", "min"):
            return True
        values = map(_number, self.equation.invars)
        return not any(value is not None and low > value for value, low in zip(values, self.lows[::-1], strict=True))


def bounded(traced: Traced, lows: Lows | None = None) -> list[Bounded]:
    """Every equation on which derivatives rest; `lows` bound the variables."""
    found = traced.remembered(("bounds", None if lows is None else tuple(lows)), lambda: _all(traced, lows))
    return list(found)


def _all(traced: Traced, lows: Lows | None) -> list[Bounded]:
    jaxpr = traced.jaxpr.jaxpr
    # The variables are one vector: they share the least of their bounds.
    given = [min(lows) if lows is not None and len(lows) else -inf] * len(jaxpr.invars)
    found: list[Bounded] = []
    _through(found, jaxpr, [_least(c) for c in traced.jaxpr.consts], given)
    return found


def _through(found: list[Bounded], jaxpr: Jaxpr, consts: Lows, given: Lows) -> list[float]:
    """The bounds of a jaxpr's outputs."""
    known: dict[Any, float] = dict(zip((*jaxpr.constvars, *jaxpr.invars), (*consts, *given), strict=True))

    def read(atom: Any) -> float:
        return _least(atom.val) if isinstance(atom, Literal) else known.get(atom, -inf)

    live = set(_live(jaxpr))
    for place, equation in enumerate(jaxpr.eqns):
        lows = tuple(map(read, equation.invars))
        unseen: list[Bounded] = []
        if place in live:
            found.append(Bounded(equation, lows))
        known.update(zip(equation.outvars, _outputs(found if place in live else unseen, equation, lows), strict=True))
    return [read(atom) for atom in jaxpr.outvars]


def _live(jaxpr: Jaxpr) -> Iterator[int]:
    """The places of the equations on which the derivatives of the outputs rest: what only steps see has none."""
    wanted = {atom for atom in jaxpr.outvars if not isinstance(atom, Literal)}
    for place in reversed(range(len(jaxpr.eqns))):
        equation = jaxpr.eqns[place]
        if wanted.intersection(equation.outvars):
            yield place
            if not is_step(equation.primitive.name):
                wanted.update(atom for atom in equation.invars if not isinstance(atom, Literal))


def _outputs(found: list[Bounded], equation: JaxprEqn, lows: Lows) -> list[float]:
    name = equation.primitive.name
    if name in CALLS:
        inner = body(equation)
        jaxpr, consts = (inner.jaxpr, inner.consts) if isinstance(inner, ClosedJaxpr) else (inner, ())
        if len(jaxpr.invars) == len(lows):
            return _through(found, jaxpr, [_least(c) for c in consts], lows)
    for jaxpr in subjaxprs(equation):
        _through(found, jaxpr, [-inf] * len(jaxpr.constvars), [-inf] * len(jaxpr.invars))
    rule = RULES.get(name)
    low = rule(equation, lows) if rule else -inf
    return [low if isfinite(low) else -inf] * len(equation.outvars)


def _least(value: Any) -> float:
    array = np.asarray(value) if isinstance(value, np.ndarray | np.generic | int | float) else np.zeros(0, complex)
    known = array.size and array.dtype.kind in "fiub" and not np.isnan(array).any()
    return float(array.min()) if known else -inf


def _number(atom: Any) -> float | None:
    return float(atom.val) if isinstance(atom, Literal) and np.ndim(atom.val) == 0 else None


def _sum(equation: JaxprEqn, lows: Lows) -> float:
    size = prod(equation.invars[0].aval.shape) // max(1, prod(equation.outvars[0].aval.shape))
    return size * lows[0] if size else 0.0


def _product(equation: JaxprEqn, lows: Lows) -> float:
    if equation.invars[0] is equation.invars[1]:
        return _even(equation, lows)
    return lows[0] * lows[1] if min(lows) > 0 else 0.0 if min(lows) == 0 else -inf


def _even(equation: JaxprEqn, lows: Lows) -> float:
    return min(max(0.0, lows[0]), 1e150) ** 2


def _whole_power(equation: JaxprEqn, lows: Lows) -> float:
    return 0.0 if equation.params["y"] % 2 == 0 or lows[0] >= 0 else -inf


def _quotient(equation: JaxprEqn, lows: Lows) -> float:
    divisor = _number(equation.invars[1])
    if divisor is not None and divisor > 0:
        return lows[0] / divisor
    return 0.0 if min(lows) >= 0 else -inf


def _difference(equation: JaxprEqn, lows: Lows) -> float:
    less = _number(equation.invars[1])
    return lows[0] - less if less is not None else -inf


def _first(equation: JaxprEqn, lows: Lows) -> float:
    return lows[0]


def _least_of_all(equation: JaxprEqn, lows: Lows) -> float:
    return min(lows, default=-inf)


_KEPT = (
    "convert_element_type broadcast_in_dim reshape squeeze expand_dims transpose slice rev copy reduce_max reduce_min "
    "cummax cummin sort"
)
RULES: dict[str, Callable[[JaxprEqn, Lows], float]] = {
    **dict.fromkeys(_KEPT.split(), _first),
    **dict.fromkeys(["concatenate", "min"], _least_of_all),
    "select_n": lambda equation, lows: min(lows[1:]),
    "max": lambda equation, lows: max(lows),
    "add": lambda equation, lows: sum(lows),
    "sub": _difference,
    "mul": _product,
    "div": _quotient,
    "square": _even,
    "integer_pow": _whole_power,
    "reduce_sum": _sum,
    "abs": lambda equation, lows: max(0.0, lows[0]),
    "sqrt": lambda equation, lows: sqrt(max(0.0, lows[0])),
    "exp": lambda equation, lows: exp(min(700.0, lows[0])),
    "logistic": lambda equation, lows: 0.0,
    "cosh": lambda equation, lows: 1.0,
}
