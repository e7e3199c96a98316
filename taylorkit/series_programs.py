"""The programs of which a method computes Taylor series: f or its gradient, and the custom rules in it to any depth.

A fault of the series of `hypot` is one of f where f holds it, where a rule of f does, and where its gradient does.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from taylorkit import custom_rules
from taylorkit.trace import Traced


@dataclass(frozen=True)
class SeriesProgram:
    """A program, how often it is differentiated, and whether its operand is f's: nothing is known of a rule's."""

    traced: Traced
    order: int
    of_variables: bool = True


def series_programs(traced: Traced, order: int, method: str) -> list[SeriesProgram]:
    """Those of derivatives up to an order by `series` or `reverse`."""
    return traced.remembered(("series programs", order, method), lambda: list(_series_programs(traced, order, method)))


def _series_programs(traced: Traced, order: int, method: str) -> Iterator[SeriesProgram]:
    yield from _with_rules(traced, order)
    if method == "reverse" and order:
        from taylorkit.differentiation import reverse  # which imports this package's methods

        try:
            program = reverse.gradient(traced)
        except Exception:  # whatever a missing transpose raises: the method refuses f
            return
        yield from _with_rules(replace(traced, jaxpr=program), order - 1)


def _with_rules(traced: Traced, order: int) -> Iterator[SeriesProgram]:
    yield SeriesProgram(traced, order)
    rules = custom_rules.of(traced)
    for depth, level in enumerate(rules.levels(order), 1):
        found = filter(None, map(rules.rule, level.values()))
        yield from (SeriesProgram(replace(traced, jaxpr=program), order - depth, False) for program in found)
