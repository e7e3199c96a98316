"""G4: nested grad multiplies its equations with each order, Taylor mode adds a few more each time."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from taylorkit.errors import FunctionError
from taylorkit.growth import PROGRAMS, growth_table, nested, series

# Counted with JAX 0.12; the graph of a derivative is JAX's own business, so older versions need not agree.
NESTED = [7, 18, 46, 108, 262, 672, 1810, 5052, 14446]
COUNTED_WITH = (0, 12)
JAX = tuple(map(int, jax.__version__.split(".")[:2]))


def t(x: jax.Array) -> jax.Array:
    return (1 - jnp.exp(-x)) / (1 + jnp.exp(-x))


@pytest.fixture(scope="module")
def counts() -> dict[str, np.ndarray]:
    table = growth_table(t, orders=range(9))
    assert table["equations"][0] == ("mode", "order")
    return dict(zip(table["mode"][1].tolist(), table["equations"][1], strict=True))


def test_nested_grows_exponentially(counts: dict[str, np.ndarray]) -> None:
    ratios = counts["nested"][1:] / counts["nested"][:-1]
    assert counts["nested"][0] == NESTED[0]
    assert (ratios[1:] >= 2).all()
    assert ratios[-1] == pytest.approx(2.8, abs=0.3)
    if JAX >= COUNTED_WITH:
        assert counts["nested"].tolist() == NESTED


def test_taylor_mode_grows_quadratically_at_most(counts: dict[str, np.ndarray]) -> None:
    # Up to order 1 some terms fold away.
    third_differences = np.diff(counts["series"][2:], n=3)
    assert (third_differences == 0).all()
    assert counts["series"][8] < counts["nested"][8] / 20


@pytest.mark.parametrize("order", range(5))
def test_both_programs_compute_the_derivative(order: int) -> None:
    with jax.enable_x64(True):
        towers = [nested(t, k)(0.7) for k in range(order + 1)]
        # Both lose some digits to cancellation at each order.
        np.testing.assert_allclose(np.concatenate(series(t, order)(0.7)), towers, rtol=1e-12)


def test_programs_are_the_callers() -> None:
    table = growth_table(jnp.exp, orders=(2, 3), programs={"jacfwd": lambda f, k: jax.jacfwd(f)})
    assert table["mode"][1].tolist() == ["jacfwd"]
    assert table["order"][1].tolist() == [2, 3]
    assert len(set(table["equations"][1][0].tolist())) == 1


def test_a_function_of_a_vector_is_refused() -> None:
    with pytest.raises(FunctionError, match=r"could not be traced with \(float\[\]\)"):
        growth_table(lambda v: v[0], orders=(1,), programs=PROGRAMS)
