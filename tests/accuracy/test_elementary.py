"""Method `series` on every elementary function against exact coefficients, by the bound of radii.py."""

import jax
import numpy as np
import pytest

from taylorkit.trace import equations, trace
from tests.accuracy import measure
from tests.accuracy.elementary import SPECIAL, TABLE
from tests.accuracy.measure import ORDERS

# XLA fuses f otherwise inside a larger kernel; that moves last bits.
VALUE_ULPS = 4

# JAX's primitives with mathematics of their own that map numbers to numbers, to be met in the table.
ELEMENTARY = frozenset(
    "abs acos acosh add asin asinh atan atan2 atanh bessel_i0e bessel_i1e cbrt ceil clamp cos cosh digamma div erf "
    "erf_inv erfc exp exp2 expm1 floor igamma igammac integer_pow lgamma log log1p logistic max min mul neg polygamma "
    "pow regularized_incomplete_beta rem round rsqrt select_n sign sin sinh sqrt square sub tan tanh zeta".split()
)


def test_the_table_has_every_elementary_primitive() -> None:
    met = {
        equation.primitive.name
        for entry in TABLE.values()
        for equation in equations(trace(entry.function, "scalar", 1, np.dtype(float)).jaxpr.jaxpr)
    }
    assert ELEMENTARY - met == set()
    assert all(hasattr(jax.lax, f"{name}_p") for name in ELEMENTARY)


@pytest.mark.parametrize("name", TABLE)
def test_double_precision_to_order_16(name: str) -> None:
    _assert_bounded(name, np.float64)


@pytest.mark.parametrize("name", TABLE)
def test_single_precision_to_order_8(name: str) -> None:
    _assert_bounded(name, np.float32)


@pytest.mark.parametrize("dtype", ORDERS)
def test_degree_0_is_what_f_computes(dtype: type) -> None:
    distances = {name: measure.value_distance(name, dtype) for name in TABLE}
    assert {name: d for name, d in distances.items() if not d <= VALUE_ULPS} == {}


def test_errors_are_no_larger_than_those_of_nested() -> None:
    """In the median over functions, points and degrees 1 to 4; those that XLA compiles for seconds are left out."""
    names = [name for name in TABLE if name not in SPECIAL]
    assert np.median(np.concatenate([measure.ratios(name).ravel() for name in names])) <= 1.0


def test_the_bound_can_be_broken() -> None:
    """By one coefficient of one point, off by 1e-13 of itself."""
    name, degree, point = "exp", 12, 5
    values, expected = measure.computed(name, np.float64).copy(), measure.truth(name, np.float64)
    values[degree, point] *= 1 + 1e-13
    units = measure.in_units(expected.error(values), measure.allowed_for(name, np.float64), np.float64)
    assert np.argwhere(units > TABLE[name].c).tolist() == [[degree, point]]


def _assert_bounded(name: str, dtype: type) -> None:
    points, units = measure.points_of(name, dtype), measure.errors_in_units(name, dtype)
    assert units.size
    k, n = np.unravel_index(np.argmax(units), units.shape)
    got, expected = measure.computed(name, dtype), measure.truth(name, dtype).high
    assert units[k, n] <= TABLE[name].c, (
        f"{name} at x = {points[n]!r}, degree {k}: got {got[k, n]!r}, expected {expected[k, n]!r}, "
        f"{units[k, n]:.3g} units of the bound instead of {TABLE[name].c}"
    )
