"""Truncated polynomials in several variables over real balls: slow, and nothing of what it checks.

A function of a polynomial is Horner's rule over its one-variable coefficients, where Taylor arithmetic has a recurrence
for each; the one-variable coefficients are flint's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from flint import arb, arb_series

from taylorkit.multi_index import multi_indices
from tests.accuracy import exact
from tests.accuracy.exact import Exact, Series
from tests.derivatives.oracles import precision

BITS = 256

Exponents = tuple[int, ...]


class Balls(NamedTuple):
    """Σ c_α z^α for |α| ≤ order; zero coefficients are not kept."""

    terms: dict[Exponents, Any]
    variables: int
    order: int

    @property
    def center(self) -> Any:
        return self.terms.get((0,) * self.variables, arb(0))

    def _like(self, terms: dict[Exponents, Any]) -> Balls:
        return Balls(terms, self.variables, self.order)

    def _lift(self, other: Any) -> Balls:
        return other if isinstance(other, Balls) else self._like({(0,) * self.variables: arb(other)})

    def __add__(self, other: Any) -> Balls:
        terms = dict(self.terms)
        for alpha, c in self._lift(other).terms.items():
            terms[alpha] = terms[alpha] + c if alpha in terms else c
        return self._like(terms)

    def __mul__(self, other: Any) -> Balls:
        terms: dict[Exponents, Any] = defaultdict(arb)
        right = sorted((sum(beta), beta, d) for beta, d in self._lift(other).terms.items())
        for alpha, c in self.terms.items():
            left = self.order - sum(alpha)
            for degree, beta, d in right:
                if degree > left:
                    break
                terms[tuple(a + b for a, b in zip(alpha, beta, strict=True))] += c * d
        return self._like(dict(terms))

    def __neg__(self) -> Balls:
        return self * -1

    def __sub__(self, other: Any) -> Balls:
        return self + self._lift(other) * -1

    def __rsub__(self, other: Any) -> Balls:
        return self._lift(other) - self

    def __truediv__(self, other: Any) -> Balls:
        return self * self._lift(other).of(lambda u: 1 / u)

    def __rtruediv__(self, other: Any) -> Balls:
        return self._lift(other) / self

    __radd__, __rmul__ = __add__, __mul__

    def of(self, series: Series) -> Balls:
        """A function of this polynomial, as flint has it for one variable."""
        outer = series(arb_series([self.center, 1]))
        moving = self._like({alpha: c for alpha, c in self.terms.items() if any(alpha)})
        result = self._like({})
        for k in reversed(range(self.order + 1)):
            result = result * moving + (outer[k] if k < len(outer) else 0)
        return result

    def packed(self) -> list[Any]:
        return [self.terms.get(tuple(alpha), arb(0)) for alpha in multi_indices(self.variables, self.order).tolist()]


def variables(point: np.ndarray, order: int) -> list[Balls]:
    """xᵢ + zᵢ for each i."""
    size = len(point)
    ones = [tuple(int(i == j) for j in range(size)) for i in range(size)]
    return [Balls({(0,) * size: arb(float(x)), one: arb(1)}, size, order) for x, one in zip(point, ones, strict=True)]


def coefficients(function: Callable[..., Balls], rows: np.ndarray, order: int) -> Exact:
    """∂^α f / α! at each row, in graded order: (P, N)."""
    columns = []
    for row in rows:
        with precision(order, BITS):
            columns.append(function(*variables(row, order)).packed())
    assert all(exact.narrow(c) or exact.vanishes(c) for column in columns for c in column)
    return exact.pairs(np.array(columns, object).T)
