"""Graded multi-indices: the one order in which every packed array of this project is laid out.

A multi-index α = (α₁, …, α_D) is the tuple of exponents of one monomial; |α| = Σ αᵢ is its degree. They are sorted by
degree and, within a degree, descending lexicographically: 1, x, y, x², xy, y², … There are P = C(D+n, n) of them up to
order n, so that a lower order is always a prefix.

Sorted index tuples i₁ ≤ i₂ ≤ … ≤ i_k in ascending order name the same monomials x_{i₁} x_{i₂} … x_{i_k} in the same
order; that is what ties packed storage to the full symmetric tensors. NumPy only.
"""

import re
import sys
from functools import lru_cache
from itertools import combinations_with_replacement
from itertools import count as count_up
from math import comb, factorial, prod
from operator import index
from typing import Any

import numpy as np

from taylorkit.errors import SpecError

FACTOR = re.compile(r"([^\W\d]\w*)(?:\^(\d{1,9}))?")

__all__ = [
    "check_order",
    "count",
    "degrees",
    "derivative_map",
    "factorials",
    "highest_order",
    "label",
    "labels",
    "multi_indices",
    "packed_positions",
    "parents",
    "powers",
    "sorted_tuples",
    "tensor_positions",
]


def count(variables: int, order: int) -> int:
    """P = C(D+n, n), the number of multi-indices of `variables` exponents up to degree `order`."""
    return comb(variables + order, order)


def check_order(order: object, largest: float = sys.float_info.max) -> int:
    """`order` as an int. Raises SpecError unless it is a whole number ≥ 0 whose factorial is at most `largest`.

    Derivatives and coefficients are each other's times α!, so that beyond it one of them cannot be told: 170 is the
    highest order in double precision, 34 in single.
    """
    if (found := _whole(order)) is None or found < 0:
        raise SpecError(f"order = {order!r}: must be a whole number, 0 or more")
    if found > (highest := highest_order(largest)):
        raise SpecError(
            f"order = {order}: its factorial is beyond {largest:.3g}, the largest number of this precision; "
            f"write {highest} or less"
        )
    return found


def _whole(value: Any) -> int | None:
    """A whole number, of whichever library; None for anything else, True and 2.0 among it."""
    try:
        return None if isinstance(value, bool | np.bool_) else index(value)
    except TypeError:
        return None


@lru_cache(maxsize=16)
def highest_order(largest: float) -> int:
    """The highest order whose factorial is no larger."""
    return next(n for n in count_up() if factorial(n + 1) > largest)


@lru_cache(maxsize=64)
def sorted_tuples(variables: int, degree: int) -> np.ndarray:
    """All i₁ ≤ … ≤ i_k below `variables`, ascending: (C(D+k−1, k), k) int."""
    tuples = list(combinations_with_replacement(range(variables), degree))
    return _frozen(np.array(tuples, dtype=np.int64).reshape(len(tuples), degree))


@lru_cache(maxsize=64)
def multi_indices(variables: int, order: int) -> np.ndarray:
    """The exponents in graded order: (P, D) int, read-only."""
    blocks = [_exponents(sorted_tuples(variables, k), variables) for k in range(order + 1)]
    return _frozen(np.concatenate(blocks))


def degrees(variables: int, order: int) -> np.ndarray:
    """|α| of each multi-index: (P,) int."""
    return multi_indices(variables, order).sum(axis=1)


def factorials(variables: int, order: int) -> np.ndarray:
    """α! = Π αᵢ!, correctly rounded: (P,) float64."""
    table = [factorial(k) for k in range(order + 1)]
    return np.array([float(prod(table[a] for a in alpha)) for alpha in multi_indices(variables, order)])


def labels(names: tuple[str, ...], order: int) -> list[str]:
    """One name a monomial: `1`, `x`, `y`, `x^2`, `x y`, …"""
    return [label(names, alpha) for alpha in multi_indices(len(names), order)]


def label(names: tuple[str, ...], alpha: np.ndarray) -> str:
    factors = [n if a == 1 else f"{n}^{a}" for n, a in zip(names, alpha, strict=True) if a]
    return " ".join(factors) or "1"


def powers(text: str) -> dict[str, int] | None:
    """Exponents by variable of a product as labels write it (`x^2 y`; also `x**2*y`); None of anything else."""
    factors = text.replace("**", "^").replace("*", " ").split()
    found: dict[str, int] = {}
    for factor in factors:
        match = FACTOR.fullmatch(factor)
        if match:
            found[match[1]] = found.get(match[1], 0) + int(match[2] or 1)
        elif factor != "1":
            return None
    return found if factors else None


def tensor_positions(variables: int, order: int, degree: int) -> np.ndarray:
    """Where each entry of the full tensor D^k lies among the packed terms: (D, …, D) int, `degree` axes.

    Raises SpecError for a degree that is no whole number from 0 to `order`.
    """
    if check_order(degree) > order:
        raise SpecError(f"degree = {degree}: the order is {order}; only degrees up to it are known")
    full = np.indices((variables,) * degree, dtype=np.int64).reshape(degree, variables**degree).T
    packed = _codes(sorted_tuples(variables, degree), variables)
    positions = np.searchsorted(packed, _codes(np.sort(full, axis=1), variables))
    first = count(variables, degree - 1) if degree else 0
    return first + positions.reshape((variables,) * degree)


def packed_positions(variables: int, degree: int) -> np.ndarray:
    """The other way: the flat place in the full tensor of each packed entry of `degree`."""
    return _codes(sorted_tuples(variables, degree), variables)


@lru_cache(maxsize=64)
def parents(variables: int, degree: int) -> tuple[np.ndarray, np.ndarray]:
    """How the monomials of `degree` ≥ 1 arise from those one degree lower: x^α = x^parent · x_variable.

    Returns (position of the parent within its degree, variable), each of length C(D+k−1, k).
    """
    tuples = sorted_tuples(variables, degree)
    lower = _codes(sorted_tuples(variables, degree - 1), variables)
    parent = np.searchsorted(lower, _codes(tuples[:, 1:], variables))
    # 32 bits: JAX, once it has traced with a 64-bit index while x64 is off, fails on the same array when x64 is on.
    return _frozen(parent.astype(np.int32)), _frozen(tuples[:, 0].astype(np.int32))


def derivative_map(variables: int, order: int, alpha: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """∂^α of a polynomial: new coefficient β is `factor[β]` times old coefficient `source[β]`.

    ∂^α x^γ = γ!/(γ−α)! x^(γ−α), so source is the place of β + α and factor is (β+α)!/β!; both of length
    C(D + n − |α|, D).
    """
    kept = multi_indices(variables, order - sum(alpha))
    place = {tuple(gamma): p for p, gamma in enumerate(multi_indices(variables, order).tolist())}
    shifted = (kept + np.asarray(alpha)).tolist()
    source = np.array([place[tuple(gamma)] for gamma in shifted], dtype=np.int64)
    factor = [
        float(prod(factorial(g) // factorial(b) for g, b in zip(gamma, beta, strict=True)))
        for gamma, beta in zip(shifted, kept.tolist(), strict=True)
    ]
    return source, np.array(factor)


def _exponents(tuples: np.ndarray, variables: int) -> np.ndarray:
    return (tuples[:, :, None] == np.arange(variables)).sum(axis=1)


def _codes(tuples: np.ndarray, variables: int) -> np.ndarray:
    """Index tuples read as numbers in base D: ascending tuples have ascending codes."""
    powers = [variables**k for k in reversed(range(tuples.shape[1]))]
    # Python's integers where 64 bits do not hold Dᵏ: two variables at order 64 are only 2,145 terms.
    kind = np.int64 if variables ** tuples.shape[1] < 2**62 else object
    return tuples.astype(kind) @ np.array(powers, dtype=kind)


def _frozen(array: np.ndarray) -> np.ndarray:
    array.setflags(write=False)
    return array
