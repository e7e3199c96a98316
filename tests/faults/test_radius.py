"""The estimated radius of convergence: not larger than the radius, or said not to be determined."""

import numpy as np
import pytest

from tests.faults.radii import ABOVE, ENTIRE, ORDERS, SINGULAR, shares

# A low estimate should be of some use all the same.
BELOW = 0.3


@pytest.mark.parametrize("order", [*ORDERS, 16, 20])
def test_fault_W12_is_not_too_large(order: int) -> None:
    found = shares(SINGULAR, order)
    assert {key: s for key, s in found.items() if not (np.isnan(s) or BELOW < s < ABOVE)} == {}


def test_fault_W12_most_are_determined() -> None:
    assert np.isfinite(list(shares(SINGULAR, 12).values())).mean() > 0.6
    assert np.isfinite(list(shares(SINGULAR, 20).values())).mean() > 0.75


@pytest.mark.parametrize("order", ORDERS)
def test_fault_W12_of_most_entire_functions_it_is_not_determined(order: int) -> None:
    found = np.array(list(shares(ENTIRE, order).values()))
    assert np.isnan(found).mean() > 0.85 and not np.isinf(found).any()


def test_fault_W12_a_smaller_radius_is_seen_as_smaller() -> None:
    """Of 1/(1 − x) at 0 and 0.5, whatever the margin."""
    near, far = (shares({"f": (lambda x: 1 / (1 - x), (1,), [c])}, 12)["f", c] for c in (0.0, 0.5))
    assert near == pytest.approx(far, rel=1e-9)
