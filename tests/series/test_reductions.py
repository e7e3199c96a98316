"""Reductions whose derivatives are known exactly, at high order and where other rules divide by zero."""

from collections.abc import Callable
from math import factorial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from taylorkit import multi_index
from tests.series import compare

# Two of four factors vanish.
ZEROS = np.array([[0.0, 2.0, 0.0, -3.0]])


def derivatives(f: Callable[[Any], Any], points: np.ndarray, order: int, form: str) -> np.ndarray:
    """(P, |S|) at the first point."""
    return compare.in_form(form, {"f": f}, points, order)["f"][..., 0]


def of_a_product(x: np.ndarray, order: int) -> np.ndarray:
    """∂^α Π xᵢ: Π over the others where no variable is differentiated twice."""
    exponents = multi_index.multi_indices(len(x), order)
    return np.where((exponents > 1).any(axis=1), 0, np.prod(np.where(exponents == 1, 1, x), axis=1))


@pytest.mark.parametrize("form", compare.FORMS)
@pytest.mark.parametrize(
    "product",
    [
        jnp.prod,
        lambda v: jnp.cumprod(v)[-1],
        lambda v: lax.cumprod(v, reverse=True)[0],
        lambda v: lax.reduce(v, 1.0, lax.mul, (0,)),
        lambda v: lax.reduce_window(v.reshape(2, 2), 1.0, lax.mul, (2, 2), (1, 1), "VALID"),
        lambda v: jnp.prod(v.reshape(2, 2), axis=(1, 0)),
    ],
    ids=["prod", "cumprod", "backwards", "reduce", "window", "axes"],
)
def test_products_with_zeros(product: Callable[[Any], Any], form: str) -> None:
    np.testing.assert_array_equal(derivatives(product, ZEROS, 3, form)[:, 0], of_a_product(ZEROS[0], 3))


@pytest.mark.parametrize("form", compare.FORMS)
def test_products_over_windows_at_high_order(form: str) -> None:
    """Π of three copies of x over each window is x³; JAX's own rule doubles its work with each degree."""
    found = derivatives(
        lambda v: lax.reduce_window(jnp.tile(v, 5), 1.0, lax.mul, (3,), (2,), "VALID"), np.array([[2.0]]), 8, form
    )
    np.testing.assert_array_equal(found, np.array([8.0, 12, 12, 6, 0, 0, 0, 0, 0])[:, None] * [1, 1])


@pytest.mark.parametrize("form", compare.FORMS)
def test_windows_may_be_padded_dilated_and_cut(form: str) -> None:
    """Every second entry is nothing: of five windows on the third neighbour, two hold numbers."""
    found = derivatives(
        lambda v: lax.reduce_window(v, 1.0, lax.mul, (2,), (1,), [(1, -1)], base_dilation=(2,), window_dilation=(2,)),
        np.array([[2.0, 3.0, 5.0, 7.0]]),
        1,
        form,
    )
    np.testing.assert_array_equal(found, [[1, 6, 1, 15, 1], [0, 3, 0, 0, 0], [0, 2, 0, 5, 0], [0, 0, 0, 3, 0], [0] * 5])


@pytest.mark.parametrize("form", compare.FORMS)
def test_several_arrays_are_reduced_together(form: str) -> None:
    """Affine maps a x + b composed from first to last: the coefficients of a polynomial in all six numbers."""

    def composed(v: jax.Array) -> jax.Array:
        def compose(first: tuple, second: tuple) -> tuple:
            return first[0] * second[0], first[1] * second[0] + second[1]

        return jnp.stack(lax.reduce((v, v + 1), (1.0, 0.0), compose, (0,)))

    def written_out(v: jax.Array) -> jax.Array:
        a, b = v, v + 1
        return jnp.stack([a[0] * a[1] * a[2] * a[3], ((b[0] * a[1] + b[1]) * a[2] + b[2]) * a[3] + b[3]])

    expected = compare.by_name({"f": written_out}, ZEROS, 2, compare.nested)["f"][..., 0]
    np.testing.assert_array_equal(derivatives(composed, ZEROS, 2, form), expected)


@pytest.mark.parametrize("form", compare.FORMS)
def test_logarithms_of_sums_far_apart(form: str) -> None:
    """log(e^x + e^1000 + 0) is 1000, and does not move; log(e^x) is x."""
    found = derivatives(
        lambda v: lax.cumlogsumexp(jnp.concatenate([v, jnp.array([-jnp.inf, 1000.0])])), np.array([[1.0]]), 3, form
    )
    np.testing.assert_allclose(found, [[1, 1, 1000], [1, 1, 0], [0, 0, 0], [0, 0, 0]], atol=compare.ROUNDING)


@pytest.mark.parametrize("form", compare.FORMS)
def test_sums_of_many_orders(form: str) -> None:
    """Σ exp(i x) over i < 4, and its running sums."""
    frequency = np.arange(4.0)
    found = derivatives(
        lambda v: jnp.append(jnp.cumsum(jnp.exp(v * frequency)), jnp.sum(jnp.exp(v * frequency))),
        np.array([[0.5]]),
        8,
        form,
    )
    terms = frequency ** np.arange(9)[:, None] * np.exp(0.5 * frequency)
    expected = np.column_stack([np.cumsum(terms, axis=1), terms.sum(axis=1)])
    np.testing.assert_allclose(found, expected, rtol=compare.ROUNDING)


@pytest.mark.parametrize("form", compare.FORMS)
def test_nothing_to_reduce(form: str) -> None:
    found = derivatives(lambda v: jnp.prod(v[:0]) + jnp.sum(v[:0]) + v[0] ** 2, np.array([[3.0]]), 2, form)
    np.testing.assert_array_equal(found[:, 0], [10, 6, factorial(2)])
