"""The graded order, its counts, its labels, and the tables that tie packed terms to full tensors."""

from itertools import product
from math import comb, factorial, prod

import numpy as np
import pytest

from taylorkit import multi_index
from taylorkit.errors import SpecError

SIZES = [(1, 0), (1, 6), (2, 4), (3, 3), (5, 2), (4, 0), (10, 1)]


def by_definition(variables: int, order: int) -> list[tuple[int, ...]]:
    """Sorted by degree, then descending lexicographically."""
    every = [a for a in product(range(order + 1), repeat=variables) if sum(a) <= order]
    return sorted(every, key=lambda a: (sum(a), [-e for e in a]))


@pytest.mark.parametrize(("variables", "order"), SIZES)
def test_graded_order(variables: int, order: int) -> None:
    found = multi_index.multi_indices(variables, order)
    assert [tuple(a) for a in found.tolist()] == by_definition(variables, order)
    assert len(found) == multi_index.count(variables, order) == comb(variables + order, order)
    assert multi_index.degrees(variables, order).tolist() == [sum(a) for a in found.tolist()]


def test_in_two_variables() -> None:
    expected = [[0, 0], [1, 0], [0, 1], [2, 0], [1, 1], [0, 2]]
    assert multi_index.multi_indices(2, 2).tolist() == expected


@pytest.mark.parametrize(("variables", "order"), SIZES)
def test_a_lower_order_is_a_prefix(variables: int, order: int) -> None:
    higher = multi_index.multi_indices(variables, order + 1)
    np.testing.assert_array_equal(
        higher[: multi_index.count(variables, order)], multi_index.multi_indices(variables, order)
    )


def test_tables_are_read_only() -> None:
    with pytest.raises(ValueError, match="read-only"):
        multi_index.multi_indices(2, 2)[0, 0] = 1


@pytest.mark.parametrize(("variables", "order"), SIZES)
def test_factorials(variables: int, order: int) -> None:
    expected = [prod(map(factorial, a)) for a in by_definition(variables, order)]
    assert multi_index.factorials(variables, order).tolist() == expected


def test_labels() -> None:
    assert multi_index.labels(("x", "y"), 2) == ["1", "x", "y", "x^2", "x y", "y^2"]
    assert multi_index.labels(("x",), 3) == ["1", "x", "x^2", "x^3"]
    assert "a b^2" in multi_index.labels(("a", "b", "c"), 3)
    assert len(set(multi_index.labels(("x", "y", "z"), 5))) == multi_index.count(3, 5)


@pytest.mark.parametrize(("variables", "order"), [(1, 5), (2, 4), (3, 3), (5, 2)])
def test_tensor_positions_name_the_same_monomial(variables: int, order: int) -> None:
    exponents = multi_index.multi_indices(variables, order)
    for degree in range(order + 1):
        positions = multi_index.tensor_positions(variables, order, degree)
        assert positions.shape == (variables,) * degree
        for index in np.ndindex(positions.shape):
            alpha = np.bincount(np.array(index, int), minlength=variables)
            np.testing.assert_array_equal(exponents[positions[index]], alpha)


@pytest.mark.parametrize(("variables", "degree"), [(1, 3), (2, 4), (3, 3), (6, 2), (4, 0)])
def test_packed_positions_are_the_way_back(variables: int, degree: int) -> None:
    flat = multi_index.tensor_positions(variables, degree, degree).reshape(-1)
    first = multi_index.count(variables, degree - 1) if degree else 0
    packed = flat[multi_index.packed_positions(variables, degree)]
    np.testing.assert_array_equal(packed, np.arange(first, multi_index.count(variables, degree)))


@pytest.mark.parametrize(("variables", "degree"), [(1, 4), (2, 3), (4, 2), (2, 64)])
def test_parents_build_the_monomials(variables: int, degree: int) -> None:
    """Also where D^k is more than 64 bits hold."""
    lower = multi_index.multi_indices(variables, degree - 1)[-len(multi_index.sorted_tuples(variables, degree - 1)) :]
    higher = multi_index.multi_indices(variables, degree)[-len(multi_index.sorted_tuples(variables, degree)) :]
    parent, variable = multi_index.parents(variables, degree)
    np.testing.assert_array_equal(lower[parent] + np.eye(variables, dtype=int)[variable], higher)


def test_derivative_map() -> None:
    """∂_x of 1, x, y, x², xy, y² takes x, x² twice and xy."""
    source, factor = multi_index.derivative_map(2, 2, (1, 0))
    assert source.tolist() == [1, 3, 4] and factor.tolist() == [1, 2, 1]
    source, factor = multi_index.derivative_map(1, 5, (3,))
    assert source.tolist() == [3, 4, 5] and factor.tolist() == [6, 24, 60]


@pytest.mark.parametrize("order", [-1, 2.0, "3", None, True, [1]])
def test_an_order_is_a_whole_number(order: object) -> None:
    with pytest.raises(SpecError, match=r"order = .*: must be a whole number, 0 or more"):
        multi_index.check_order(order)


@pytest.mark.parametrize(("dtype", "highest"), [(np.float64, 170), (np.float32, 34), (np.float16, 8)])
def test_an_order_has_a_factorial_that_the_precision_holds(dtype: type, highest: int) -> None:
    largest = float(np.finfo(dtype).max)
    assert np.isfinite(multi_index.factorials(1, multi_index.check_order(highest, largest)).astype(dtype)).all()
    with pytest.raises(SpecError, match=rf"order = {highest + 1}: .*; write {highest} or less"):
        multi_index.check_order(highest + 1, largest)


def test_orders_that_are() -> None:
    assert [multi_index.check_order(k) for k in (0, 7, np.int32(3))] == [0, 7, 3]


def test_a_degree_beyond_the_order() -> None:
    with pytest.raises(SpecError, match=r"degree = 4: the order is 3"):
        multi_index.tensor_positions(2, 3, 4)
