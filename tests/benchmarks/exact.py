"""Whose numbers the others' are held against: exact ones where they can be had, else those of one contestant.

An expression in few variables has its derivatives computed by the tests' oracle, in real balls of 200 bits, at a few
points. Where that would take long the reference is the first of NAMES that ran.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from taylorkit.multi_index import count, factorials
from tests.benchmarks.contestants import AUTO
from tests.benchmarks.problem import Formula, Problem
from tests.benchmarks.taking import Taking, compared
from tests.derivatives.oracles import exact_coefficients

NAMES = ("jacfwd ∘ grad", "jacfwd", "taylorkit nested", AUTO)
EXACT = "exact values"
# The oracle solves a system of that size at each point.
TERMS, POINTS = 120, 6
BALLS = SimpleNamespace(**{name: lambda u, name=name: getattr(u, name)() for name in ("exp", "sin", "cos")})
BALLS.tanh = lambda u: ((2 * u).exp() - 1) / ((2 * u).exp() + 1)


@dataclass(frozen=True)
class Reference:
    """Derivatives (P, *S, points), at all of the points at which results are compared or at `which`."""

    name: str
    packed: np.ndarray
    which: np.ndarray | None = None

    def differences(self, packed: np.ndarray, of: np.ndarray) -> list[float]:
        """Degree by degree, the largest difference over points and entries to the reference's largest entry."""
        there = packed if self.which is None else packed[..., self.which]
        pairs = [(there[of == k], self.packed[of == k]) for k in range(of.max() + 1)]
        return [float(np.abs(a - b).max() / max(np.abs(b).max(), np.finfo(float).tiny)) for a, b in pairs]


def reference(problem: Problem, order: int, running: Mapping[str, Taking]) -> Reference | None:
    """None where nobody ran whose numbers could be held against."""
    if problem.formula and count(problem.variables, order) <= TERMS:
        return _exact(problem.formula, problem.rows, order)
    found = next((running[name] for name in NAMES if name in running), None)
    return Reference(found.name, found.packed) if found and found.packed is not None else None


def _exact(formula: Formula, rows: np.ndarray, order: int) -> Reference:
    places = compared(len(rows))
    # Not the ends, where an interval's formulas are often at their worst or their best.
    which = np.linspace(0, len(places) - 1, POINTS + 2).astype(int)[1:-1]
    return Reference(EXACT, np.stack([_at(formula, rows[places[n]], order) for n in which], axis=-1), which)


def _at(formula: Formula, x: np.ndarray, order: int) -> np.ndarray:
    """All derivatives at one point: (P,)."""

    def series(*u: Any) -> list[Any]:
        return [formula(u, BALLS)]

    coefficients = np.concatenate([exact_coefficients(series, x, k)[:, 0] for k in range(order + 1)])
    return coefficients.astype(float) * factorials(len(x), order)
