"""Method `series` in two, three and five variables to total order 8, or 5: against integers and balls."""

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from math import prod

import jax
import numpy as np
import pytest

import taylorkit as tk
from taylorkit.multi_index import degrees, multi_indices
from tests.accuracy import balls, measure
from tests.accuracy.exact import Exact
from tests.accuracy.measure import METHOD
from tests.accuracy.several import IN_FIVE_ORDER, ORDER, TABLE
from tests.derivatives.oracles import Polynomial, differentiate, value

# As sums of integer monomials, exponents ↦ coefficient.
POLYNOMIALS: dict[str, Polynomial] = {
    "two": {(5, 3): 2, (2, 2): -3, (0, 8): 1, (1, 0): 7, (0, 0): -11},
    "three": {(3, 2, 3): 1, (1, 4, 0): -5, (0, 0, 6): 2, (2, 1, 1): 3, (0, 1, 0): -1},
    "five": {(2, 1, 2, 1, 2): 3, (0, 3, 0, 1, 0): -2, (1, 1, 1, 1, 1): 4, (0, 0, 0, 0, 7): 1, (1, 0, 0, 0, 0): 9},
}
LATTICE = np.array([[1, -2, 3, 2, -1], [0, 1, -1, 3, 2], [-3, 2, 0, 1, 1]], float)


def of_vector(terms: Polynomial) -> Callable[[jax.Array], jax.Array]:
    return lambda v: sum(c * prod(v[i] ** e for i, e in enumerate(es) if e) for es, c in terms.items())


@pytest.mark.parametrize("name", POLYNOMIALS)
def test_integer_polynomials_are_exact(name: str) -> None:
    """At integers every sum and product is one that a double holds, and so is every coefficient."""
    terms = POLYNOMIALS[name]
    variables = len(next(iter(terms)))
    rows = LATTICE[:, :variables]
    order = IN_FIVE_ORDER if variables == 5 else ORDER
    packed = np.asarray(tk.derivatives(of_vector(terms), rows, order, METHOD).packed)
    expected = [
        [value(differentiate(terms, tuple(alpha)), tuple(map(Fraction, row))) for row in rows.tolist()]
        for alpha in multi_indices(variables, order).tolist()
    ]
    assert packed.tolist() == [[float(v) for v in row] for row in expected]


@pytest.mark.parametrize("name", TABLE)
def test_to_total_order(name: str) -> None:
    units = units_of(name, computed(name))
    k, n = np.unravel_index(np.argmax(units), units.shape)
    assert units[k, n] <= TABLE[name].c, f"{name} at {TABLE[name].rows[n]}, degree {k}: {units[k, n]:.3g} units"


def test_the_bound_can_be_broken() -> None:
    """By one mixed coefficient of one row, the largest of its degree, off by 1e-12 of itself."""
    name, row, degree = "product", 2, 5
    values = computed(name).copy()
    largest = np.argmax(np.where(degrees(2, ORDER) == degree, np.abs(values[:, row]), 0.0))
    values[largest, row] *= 1 + 1e-12
    assert np.argwhere(units_of(name, values) > TABLE[name].c).tolist() == [[degree, row]]


@cache
def computed(name: str) -> np.ndarray:
    entry = TABLE[name]
    return np.asarray(tk.derivatives(entry.function, np.array(entry.rows), entry.order, METHOD).coefficients)


@cache
def truth(name: str) -> Exact:
    return balls.coefficients(TABLE[name].exact, np.array(TABLE[name].rows), TABLE[name].order)


def units_of(name: str, values: np.ndarray) -> np.ndarray:
    """The largest error of each degree in units of the bound, |a_j| the largest of its degree: (order+1, N)."""
    rows, order = np.array(TABLE[name].rows), TABLE[name].order
    degree_of = degrees(rows.shape[1], order)
    largest = lambda a: np.array([a[degree_of == k].max(axis=0) for k in range(order + 1)])  # noqa: E731
    bound = measure.allowed(largest(np.abs(truth(name).high)), TABLE[name].radius, rows)
    return measure.in_units(largest(truth(name).error(values)), bound, np.float64)
