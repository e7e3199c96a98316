"""What goes in and what comes out: forms of points, numbers of them, dtypes, orders, shapes."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import taylorkit as tk
from taylorkit.functions import TABLE
from tests.cases import CASES, IDS
from tests.derivatives import oracles

GAUSS, WAVE = TABLE["two_variable"].function, TABLE["sin_plus_cos"].function


def wave_derivatives(x: Any, order: int) -> np.ndarray:
    """sin and cos of x + kπ/2: (order+1, N)."""
    shifted = np.asarray(x, float) + np.arange(order + 1)[:, None] * np.pi / 2
    return np.sin(shifted) + np.cos(shifted)


@pytest.mark.parametrize(
    "points",
    [[0, 1, 2], np.arange(3), np.arange(3, dtype=np.int16), jnp.arange(3, dtype=jnp.int32), [False, True]],
    ids=["python", "numpy", "int16", "jax", "bool"],
)
def test_integers_are_double_precision(points: Any) -> None:
    d = tk.derivatives(WAVE, points, 2)
    assert d.packed.dtype == d.coefficients.dtype == d.tensor(1).dtype == np.float64
    np.testing.assert_allclose(d.packed, wave_derivatives(points, 2), rtol=1e-14, atol=1e-15)


def test_integers_are_double_precision_in_every_form() -> None:
    for points, f in ((([1], [2]), GAUSS), ([[1, 2]], lambda v: GAUSS(*v)), (([1], np.float32([2])), GAUSS)):
        assert tk.derivatives(f, points, 1).packed.dtype == np.float64
    assert tk.taylor(GAUSS, (1, 2), 1).coefficients.dtype == np.float64


@pytest.mark.parametrize("method", ["nested", "series"])
def test_single_precision_stays_single(method: str) -> None:
    x = np.float32([-1.5, 0.0, 0.4])
    d = tk.derivatives(WAVE, x, 4, method)
    assert d.packed.dtype == d.coefficients.dtype == d.tensor(2).dtype == np.float32
    oracles.assert_close(oracles.flat(d.packed), wave_derivatives(x, 4)[:, None], 1, 4, oracles.SINGLE)


def test_single_precision_in_two_variables() -> None:
    case = CASES[IDS.index("two_variable")]
    d = tk.derivatives(case.function, tuple(np.float32(case.rows.T)), 2)
    double = tk.derivatives(case.function, tuple(np.float64(np.float32(case.rows.T))), 2)
    assert d.packed.dtype == np.float32
    oracles.assert_close(oracles.flat(d.packed), oracles.flat(double.packed), 2, 2, oracles.SINGLE)


@pytest.mark.parametrize("enabled", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_alone_decides_whatever_jax_is_set_to(enabled: bool, dtype: Any) -> None:
    x = np.array([0.3, 0.7], dtype)
    with jax.enable_x64(enabled):
        d = tk.derivatives(WAVE, x, 3)
        assert jax.config.jax_enable_x64 is enabled
        assert d.packed.dtype == d.coefficients.dtype == dtype
        outcome = np.asarray(d.packed)
    np.testing.assert_array_equal(outcome, tk.derivatives(WAVE, x, 3).packed)


def test_x64_is_restored_after_an_error() -> None:
    def fails(x: jax.Array) -> jax.Array:
        raise RuntimeError("no")

    with pytest.raises(tk.FunctionError):
        tk.derivatives(fails, [1.0], 2)
    assert not jax.config.jax_enable_x64


def test_order_0_is_f() -> None:
    x = np.linspace(-2, 2, 5)
    d = tk.derivatives(WAVE, x, 0)
    assert d.packed.shape == (1, 5) and d.multi_indices.tolist() == [[0]]
    np.testing.assert_allclose(d.tensor(0), np.sin(x) + np.cos(x), rtol=1e-15, atol=1e-15)


def test_order_1_is_the_gradient() -> None:
    rows = np.array([[0.5, 0.25], [1.0, 2.0]])
    d = tk.derivatives(GAUSS, tuple(rows.T), 1)
    with jax.enable_x64(True):
        gradient = jax.vmap(jax.grad(lambda v: GAUSS(*v)))(rows)
    assert d.multi_indices.tolist() == [[0, 0], [1, 0], [0, 1]]
    np.testing.assert_allclose(d.tensor(1), gradient, rtol=1e-14)


@pytest.mark.parametrize("n", [1, 2, 7])
def test_any_number_of_points(n: int) -> None:
    x = np.linspace(-1, 1, n)
    assert tk.derivatives(WAVE, x, 3).packed.shape == (4, n)
    assert tk.derivatives(GAUSS, (x, x), 2).packed.shape == (6, n)


@pytest.mark.parametrize(("variables", "order", "terms"), [(60, 2, 1891), (100, 1, 101)])
def test_long_axes(variables: int, order: int, terms: int, rng: np.random.Generator) -> None:
    """f(v) = exp(w·v): ∂^α f = w^α f."""
    w, rows = rng.normal(size=variables) / variables, rng.normal(size=(3, variables))
    d = tk.derivatives(lambda v: jnp.exp(w @ v), rows, order)
    assert d.packed.shape == (terms, 3)
    value = np.exp(rows @ w)
    np.testing.assert_allclose(d.tensor(1), value[:, None] * w, rtol=1e-13)
    if order == 2:
        np.testing.assert_allclose(d.tensor(2), value[:, None, None] * np.outer(w, w), rtol=1e-13)


def test_a_vector_costs_what_scalars_cost() -> None:
    """The compiled kernels do the same arithmetic, within the few moves that unpack a vector."""
    from taylorkit.differentiation import kernel, resolve
    from taylorkit.trace import trace

    def operations(f: Any, form: Any) -> float:
        traced = trace(f, form, 2, np.dtype(float))
        tiles = kernel.compiled(traced, 3, resolve("nested", traced, 3, "cpu"))
        analysis = tiles.kernel.cost_analysis()  # type: ignore[union-attr]
        return float(analysis["flops"])

    assert operations(lambda v: GAUSS(*v), "vector") == pytest.approx(operations(GAUSS, "scalars"), rel=0.05)


def test_coefficients_are_derivatives_over_factorials() -> None:
    d = tk.derivatives(GAUSS, ([0.5], [0.25]), 3)
    over = [1, 1, 1, 2, 1, 2, 6, 2, 2, 6]
    np.testing.assert_array_equal(d.coefficients[:, 0], np.asarray(d.packed)[:, 0] / over)


def test_tensors_are_symmetric_and_read_from_the_packed_terms() -> None:
    d = tk.derivatives(lambda v: jnp.stack([v[0] * v[1] * v[2], jnp.sin(v.sum())]), [[1.0, 2.0, 3.0]], 3)
    third = np.asarray(d.tensor(3))
    assert third.shape == (1, 2, 3, 3, 3)
    for axes in ((0, 1, 2, 4, 3), (0, 1, 3, 2, 4), (0, 1, 4, 3, 2)):
        np.testing.assert_array_equal(third, third.transpose(axes))
    assert third[0, 0, 0, 1, 2] == 1.0 and third[0, 0, 0, 0, 1] == 0.0


def test_a_singular_point_leaves_the_others_right() -> None:
    x = np.array([-1.0, 0.0, 2.0])
    inverse = np.asarray(tk.derivatives(lambda u: 1 / u, x, 3).packed)
    assert not np.isfinite(inverse[:, 1]).any()
    factor = np.array([1, -1, 2, -6])[:, None]
    np.testing.assert_allclose(inverse[:, [0, 2]], factor / x[[0, 2]] ** np.arange(1, 5)[:, None], rtol=1e-13)
    logarithm = np.asarray(tk.derivatives(jnp.log, [0.0, 1.0, -1.0], 2).packed)
    assert logarithm[0, 0] == -np.inf and not np.isfinite(logarithm[1:, 0]).any()
    assert np.isnan(logarithm[0, 2])
    np.testing.assert_array_equal(logarithm[:, 1], [0.0, 1.0, -1.0])


def test_a_singular_point_in_two_variables() -> None:
    d = tk.derivatives(lambda x, y: jnp.log(x) * y, ([0.0, 1.0], [1.0, 3.0]), 2)
    packed = np.asarray(d.packed)
    assert packed[0, 0] == -np.inf
    np.testing.assert_array_equal(packed[:, 1], [0.0, 3.0, 0.0, -3.0, 1.0, 0.0])
