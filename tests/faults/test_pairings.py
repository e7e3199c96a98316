"""Series of numbers and of arrays in one operation, in whole form."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import taylorkit as tk
from tests.faults.pairings import in_scan, sample, wrong

# Some hundred operations in double precision, results of at most 100.
TOLERANCE = 1e-12


@pytest.mark.parametrize("gathered", [True, False], ids=["gathered", "written out"])
def test_fault_E1_pairings_of_shapes(gathered: bool) -> None:
    assert wrong(sample(5, seed=1 + gathered), 2, gathered) == {}


def test_fault_E1_pairings_of_shapes_in_a_scan() -> None:
    assert wrong(in_scan(sample(3, seed=3)), 2, gathered=True) == {}


def test_fault_E1_number_times_array_at_order_8() -> None:
    """s₀ (c − s₁): derivatives of a polynomial of degree 2."""
    c = np.arange(20.0)
    with jax.numpy_rank_promotion("allow"):
        d = tk.derivatives(lambda s: s[0] * (jnp.asarray(c) - s[1]), np.array([[2.0, 3.0, 5.0]]), 8, "series")
    exact = {(0, 0, 0): 2 * (c - 3), (1, 0, 0): c - 3, (0, 1, 0): -2 + 0 * c, (1, 1, 0): -1 + 0 * c}
    for alpha, row in zip(map(tuple, d.multi_indices.tolist()), d.packed[..., 0], strict=True):
        np.testing.assert_array_equal(row, exact.get(alpha, 0 * c))


def test_fault_E1_integrator_of_arrays() -> None:
    """A logistic growth of 12 kinds with one common rate, D = 3 at order 2, against its solution y' = a y (1 − y)."""
    many = jnp.linspace(0.1, 0.6, 12)

    def flow(s: Any) -> Any:
        def step(y: Any, _: Any) -> tuple[Any, None]:
            def rate(y: Any) -> Any:
                return s[0] * y * (s[1] - y) + s[2]

            middle = y + 0.05 * rate(y)
            return y + 0.1 * rate(middle), None

        return jax.lax.scan(step, many * s[1], None, length=3)[0]

    point = np.array([[1.1, 0.9, 0.05]])
    with jax.numpy_rank_promotion("allow"):
        ours, other = (tk.derivatives(flow, point, 2, method=m).packed for m in ("series", "nested"))
    np.testing.assert_allclose(ours, other, rtol=TOLERANCE, atol=TOLERANCE)
