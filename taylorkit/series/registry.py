"""The rules, one a primitive, and what kind each is. To add one: a function beside its kin, under one decorator.

| kind | the function | says |
|---|---|---|
| `elementwise` | (v, *u, **parameters) ↦ (k ↦ part of degree k ≥ 1) | the recurrence of v = p(u), v itself among what it may use |
| `linear` | – | the primitive acts on each coefficient alone |
| `structural` | – | linear, and it only moves entries: of single numbers it moves the indices |
| `bilinear` | – | linear in each of two operands |
| `constant` | – | results that do not move with the variables: comparisons, integers |
| `whole` | (run, equation, inputs) ↦ outputs | whatever else: loops, branches, calls, linear algebra |
| `jvp` | – | no rule of its own: its series comes from its JVP |

Degree 0 is always what the primitive itself computes.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Rule:
    """How a primitive acts on series: its kind, the function where the kind has one, and which operands move."""

    kind: str
    function: Callable[..., Any] | None = None
    data: Callable[[int], Iterable[int]] = range
    """Of so many operands, the places of those in which the primitive is linear; the others are indices and such."""
    start: Callable[..., int] = lambda *operands: 0
    """The first degree of the result, from the first degrees of the operands."""


RULES: dict[str, Rule] = {}


def elementwise(*names: str, start: Callable[..., int] = lambda *operands: 0) -> Callable[[Callable], Callable]:
    """Register a recurrence for primitives that act entry by entry."""
    return _registering("elementwise", names, start=start)


def whole(*names: str) -> Callable[[Callable], Callable]:
    """Register a function of the interpreter's run, the equation and its inputs."""
    return _registering("whole", names)


def linear(names: str, data: Callable[[int], Iterable[int]] = range, kind: str = "linear") -> None:
    """Register primitives that are linear in their data operands."""
    RULES.update(dict.fromkeys(names.split(), Rule(kind, None, data)))


def _registering(kind: str, names: tuple[str, ...], **more: Any) -> Callable[[Callable], Callable]:
    def register(function: Callable) -> Callable:
        RULES.update(dict.fromkeys(names, Rule(kind, function, **more)))
        return function

    return register
