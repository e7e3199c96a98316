"""The rules, one a primitive, and what kind each is. To add one: a function beside its kin, under one decorator.

| kind | the function | says |
|---|---|---|
| `elementwise` | (v, *u, **parameters) ↦ (k ↦ part of degree k ≥ 1) | the recurrence of v = p(u), which may use v |
| `linear` | entries ↦ entries, where it has one | the primitive acts on each coefficient alone |
| `structural` | – | linear, and it only moves entries: of single numbers it moves the indices |
| `bilinear` | entries ↦ entries, where it has one | linear in each of two operands |
| `piecewise` | – | linear between kinks: its JVP at the values acts on each coefficient |
| `rewritten` | (*operands, **parameters) ↦ results | a program of other primitives, run in its place |
| `constant` | (run, equation, inputs) ↦ outputs, or None | results that do not move: comparisons, integers |
| `named` | (outputs, u, equation) ↦ [k ↦ part] | the recurrences of a function of JAX's own: see `origins` |
| `whole` | (run, equation, inputs) ↦ outputs | whatever else: loops, branches, calls, linear algebra |
| `jvp` | – | no rule of its own: its series comes from its JVP |

Degree 0 is always what the primitive itself computes.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import inf
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
    stop: Callable[..., float] = lambda *operands, **parameters: inf
    """Its last degree, from the last degrees of the operands and the primitive's parameters."""
    fits: Callable[[Any], bool] = lambda equation: True
    """Of a function's name: whether an equation under it has the function's own operands and results."""
    operand: int = -1
    """Of a function: in which of its operands its recurrences are; the others do not move."""


RULES: dict[str, Rule] = {}
FUNCTIONS: dict[str, Rule] = {}
"""Rules of functions that are no primitives but programs of JAX's own, by their names."""


def elementwise(*names: str, **bounds: Callable[..., Any]) -> Callable[[Callable], Callable]:
    """Register a recurrence for primitives that act entry by entry, with its `start` and `stop` where known."""
    return _registering("elementwise", names, **bounds)


def named(*names: str, fits: Callable[[Any], bool], operand: int = -1) -> Callable[[Callable], Callable]:
    """Register the recurrences of the outputs of a function of JAX's own, in one operand; of calls that fit."""

    def register(function: Callable) -> Callable:
        FUNCTIONS.update(dict.fromkeys(names, Rule("named", function, fits=fits, operand=operand)))
        return function

    return register


def whole(*names: str) -> Callable[[Callable], Callable]:
    """Register a function of the interpreter's run, the equation and its inputs."""
    return _registering("whole", names)


def rewritten(*names: str) -> Callable[[Callable], Callable]:
    """Register a function of arrays that does the same by other primitives."""
    return _registering("rewritten", names)


def linear(
    names: str,
    data: Callable[[int], Iterable[int]] = range,
    kind: str = "linear",
    entries: Callable[..., Any] | None = None,
) -> None:
    """Register primitives that are linear in their data operands; `entries` acts on single numbers at less cost."""
    RULES.update(dict.fromkeys(names.split(), Rule(kind, entries, data)))


def piecewise(names: str) -> None:
    """Register primitives that are linear between kinks."""
    RULES.update(dict.fromkeys(names.split(), Rule("piecewise")))


def _registering(kind: str, names: tuple[str, ...], **more: Any) -> Callable[[Callable], Callable]:
    def register(function: Callable) -> Callable:
        RULES.update(dict.fromkeys(names, Rule(kind, function, **more)))
        return function

    return register
