"""The estimated radius of convergence: on the safe side, or said not to be determined."""

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

from taylorkit import error

ORDERS = (8, 10, 12, 16, 20)
# How far above the radius the estimate may lie where two complex singularities beat; and it should be of some use.
ABOVE, BELOW = 1.05, 0.55

BOUNDED: dict[str, tuple[Callable[[Any], Any], Callable[[float], float], list[float]]] = {
    "log": (mpmath.log, lambda c: c, [0.3, 1.0, 5.0]),
    "square root": (mpmath.sqrt, lambda c: c, [0.3, 5.0]),
    "Runge": (lambda x: 1 / (1 + x * x), lambda c: float(np.hypot(1, c)), [0.3, 0.8, 3.0, -3.0]),
    "tan": (mpmath.tan, lambda c: np.pi / 2 - c, [0.0, 0.3, 1.0]),
    "tanh": (mpmath.tanh, lambda c: float(np.hypot(np.pi / 2, c)), [0.0, 0.5, 1.0]),
    "double pole": (lambda x: (1 - x) ** -2, lambda c: 1 - c, [0.0, 0.5]),
}
ENTIRE: dict[str, Callable[[Any], Any]] = {
    "exp": mpmath.exp,
    "sin": mpmath.sin,
    "sin + cos": lambda x: mpmath.sin(x) + mpmath.cos(x),
    "x exp(2 x)": lambda x: x * mpmath.exp(2 * x),
}


def estimate(f: Callable[[Any], Any], center: float, order: int) -> float:
    with mpmath.workdps(40):
        coefficients = np.array([[float(c)] for c in mpmath.taylor(f, center, order)])
    return float(error.convergence_radius(coefficients, 1)[0])


@pytest.mark.parametrize("order", ORDERS)
def test_fault_W12_errs_to_the_safe_side(order: int) -> None:
    for name, (f, radius, centers) in BOUNDED.items():
        for c in centers:
            share = estimate(f, c, order) / radius(c)
            assert np.isnan(share) or BELOW < share < ABOVE, f"{name} at {c}: {share}"


@pytest.mark.parametrize("order", ORDERS)
def test_fault_W12_entire_functions_are_not_determined(order: int) -> None:
    assert {name: estimate(f, 0.3, order) for name, f in ENTIRE.items() if not np.isnan(estimate(f, 0.3, order))} == {}


def test_fault_W12_most_are_determined() -> None:
    found = [estimate(f, c, 12) for f, _, centers in BOUNDED.values() for c in centers]
    assert np.isfinite(found).mean() > 0.8
