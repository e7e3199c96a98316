"""Homogeneous polynomials as packed rows, and which rows a product multiplies.

A monomial's code is Σ αᵢ 2⁸ⁱ: codes of a product add. Rows of a degree are in graded order, as everywhere.
"""

from functools import lru_cache
from math import prod

import numpy as np

from taylorkit import multi_index

BITS = 8
"""An exponent takes 8 bits: orders up to 255, beyond what factorials in double precision allow."""


GOLDEN = 0.6180339887498949


def unit(variable: int) -> int:
    """The code of one variable."""
    return 1 << (BITS * variable)


def direction(variable: int) -> float:
    """An entry of a fixed direction: positive, 1 for the first variable, no simple relation between its entries."""
    return 1 - 0.5 * ((GOLDEN * variable) % 1)


@lru_cache(maxsize=2**16)
def at_direction(code: int) -> float:
    """The monomial's value there."""
    return prod(direction(i) ** (code >> (BITS * i) & (2**BITS - 1)) for i in variables_of(code))


def variables_of(code: int) -> list[int]:
    """The variables that stand in a monomial."""
    return [i for i in range(-(-code.bit_length() // BITS)) if code >> (BITS * i) & (2**BITS - 1)]


@lru_cache(maxsize=256)
def codes(variables: int, degree: int) -> tuple[int, ...]:
    """The codes of all monomials of a degree, in graded order."""
    return tuple(sum(unit(i) for i in t) for t in multi_index.sorted_tuples(variables, degree).tolist())


@lru_cache(maxsize=256)
def places(variables: int, degree: int) -> dict[int, int]:
    """Where each code stands among those of its degree."""
    return {code: place for place, code in enumerate(codes(variables, degree))}


@lru_cache(maxsize=256)
def pairs(variables: int, left: int, right: int) -> tuple[tuple[tuple[int, int], ...], ...]:
    """For each monomial of degree left + right, the rows (α, β) of the factors with x^α x^β equal to it."""
    place = places(variables, left + right)
    found: list[list[tuple[int, int]]] = [[] for _ in place]
    for i, a in enumerate(codes(variables, left)):
        for j, b in enumerate(codes(variables, right)):
            found[place[a + b]].append((i, j))
    return tuple(map(tuple, found))


@lru_cache(maxsize=256)
def padded_pairs(variables: int, left: int, right: int) -> tuple[np.ndarray, np.ndarray]:
    """`pairs` as two arrays (most pairs of any monomial, monomials); what is missing points behind the last row."""
    table = pairs(variables, left, right)
    shape = (max(map(len, table)), len(table))
    first = np.full(shape, len(codes(variables, left)), np.int32)
    second = np.full(shape, len(codes(variables, right)), np.int32)
    for monomial, found in enumerate(table):
        for row, (i, j) in enumerate(found):
            first[row, monomial], second[row, monomial] = i, j
    return first, second
