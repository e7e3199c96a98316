"""What eager calls return is NumPy's, in the precision that was computed; what JAX traces stays JAX's."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import taylorkit as tk

X = np.linspace(-1.0, 1.0, 9)
# Order 12 about 0 within 1 of it: the first term left out of sin is 1/13!, 1.6e-10. Single precision cannot reach it.
SERIES = 2e-10
# Sums and products in double precision.
DOUBLE = 1e-15

SINE = tk.taylor(jnp.sin, 0.0, 12)
TENSORS = tk.derivatives(lambda x, y: jnp.stack([jnp.sin(x) * y, x * y**2]), (X, X), 3)
CENTERS = np.linspace(-1.0, 1.0, 5)
ATLAS = tk.Atlas(CENTERS, tk.derivatives(jnp.sin, CENTERS, 8).coefficients)

EAGER: dict[str, Callable[[], Any]] = {
    "packed": lambda: TENSORS.packed,
    "coefficients": lambda: TENSORS.coefficients,
    "tensor": lambda: TENSORS.tensor(2),
    "coefficients of T": lambda: SINE.coefficients,
    "T at a number": lambda: SINE(0.3),
    "T at an array": lambda: SINE(X),
    "T at JAX's array": lambda: SINE(jnp.asarray(X)),
    "sums": lambda: SINE.partial_sums(0.3),
    "tensor of T": lambda: SINE.tensor(2),
    "derivative": lambda: SINE.derivative(1).coefficients,
    "truncated": lambda: SINE.truncate(2).coefficients,
    "atlas": lambda: ATLAS(X),
    "sums of an atlas": lambda: ATLAS.partial_sums(X),
    "stencil": lambda: ATLAS.stencil([0.1, 0.2]),
    "quadratic": lambda: tk.quadratic_taylor_approx(jnp.sin, jnp.asarray(X), 0.0),
    "power": lambda: tk.tensor_power(X, 2),
    "JAX's center": lambda: tk.taylor(jnp.sin, jnp.float32(0.5), 2).center,
}


@pytest.mark.parametrize("name", EAGER)
def test_fault_W2_eager_results_are_numpys(name: str) -> None:
    assert not jax.config.jax_enable_x64
    value = EAGER[name]()
    assert isinstance(value, np.ndarray)
    assert value.dtype == (np.float32 if name == "JAX's center" else np.float64)


def test_fault_W2_arithmetic_keeps_double_precision() -> None:
    assert np.max(abs(SINE(X) - np.sin(X))) < SERIES
    assert np.max(abs(ATLAS(X) - np.sin(X))) < SERIES
    exact = [1 / 6, 1 / 120]
    np.testing.assert_allclose((2 * SINE.coefficients)[[3, 5]], [-2 * exact[0], 2 * exact[1]], rtol=DOUBLE)
    even = tk.taylor(jnp.exp, 0.0, 18).coefficients
    assert abs(even.sum() - np.e) < 4 * DOUBLE
    second = TENSORS.tensor(2)[:, 0, 0, 0] + np.sin(X) * X
    assert second.dtype == np.float64 and np.abs(second).max() < DOUBLE


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))], ids=["deepcopy", "pickle"])
@pytest.mark.parametrize("center", [0.5, jnp.float32(0.5), (0.5, jnp.float32(0.25)), jnp.array([0.5, 0.25])], ids=str)
def test_fault_W2_copies_are_equal(copied: Callable[[Any], Any], center: Any) -> None:
    f = (lambda x, y=0.25: jnp.sin(x) + y) if np.ndim(center) == 0 or isinstance(center, tuple) else jnp.prod
    T = tk.taylor(f, center, 3)
    for original, array in (
        (T, "coefficients"),
        (TENSORS, "packed"),
        (TENSORS, "coefficients"),
        (ATLAS, "coefficients"),
    ):
        before, after = getattr(original, array), getattr(copied(original), array)
        np.testing.assert_array_equal(after, before)
        assert after.dtype == before.dtype
    np.testing.assert_array_equal(copied(T)(T.center), T(T.center))
    np.testing.assert_array_equal(copied(ATLAS)(X), ATLAS(X))


@pytest.mark.parametrize("x64", [False, True])
def test_fault_W2_what_jax_traces_stays_jaxs(x64: bool) -> None:
    with jax.enable_x64(x64):
        eps = float(jnp.finfo(jnp.zeros(()).dtype).eps)
        for value in (
            jax.jit(SINE)(0.3),
            jax.jit(jax.vmap(SINE))(X),
            jax.jit(SINE.partial_sums)(X),
            jax.jit(jax.grad(SINE))(0.3),
        ):
            assert isinstance(value, jax.Array) and value.dtype == jnp.zeros(()).dtype
        assert abs(float(jax.jit(jax.grad(SINE))(0.3)) - np.cos(0.3)) < SERIES + 16 * eps
        slope = jax.jit(jax.grad(lambda c: tk.TaylorPolynomial(0.0, c)(0.3)))(SINE.coefficients)
        assert abs(float(slope[2]) - 0.09) < 4 * eps
        slope = jax.jit(jax.grad(lambda c: tk.Atlas(CENTERS, c)([0.4]).sum()))(ATLAS.coefficients)
        np.testing.assert_allclose(np.asarray(slope)[:3, 3], [1.0, -0.1, 0.01], rtol=16 * eps)


def test_fault_W2_a_whole_number_that_jax_traces() -> None:
    """Coefficients were cut to whole numbers with it."""
    assert abs(float(jax.jit(SINE)(1)) - np.sin(1.0)) < 1e-6
    np.testing.assert_allclose(jax.jit(jax.vmap(SINE))(jnp.arange(-1, 2)), np.sin([-1.0, 0.0, 1.0]), rtol=1e-6)
    assert abs(float(jax.jit(lambda c: tk.TaylorPolynomial(0.0, c)(0.5))(jnp.array([1, 2, 4]))) - 3.0) < 1e-6


@pytest.mark.parametrize("dtype", [jnp.bfloat16, np.float16, np.float32], ids=["bfloat16", "float16", "float32"])
def test_fault_W2_other_precisions_are_kept(dtype: Any) -> None:
    eps = 8 * float(jnp.finfo(dtype).eps)
    T, A = tk.taylor(jnp.sin, np.asarray(0.5, dtype), 3), tk.Atlas(X.astype(dtype), np.ones((3, 9), dtype))
    for value in (T(0.6), T.partial_sums(0.6), T.derivative(1)(0.6), A(0.1), A.partial_sums([0.1]), A.stencil([0.1])):
        assert isinstance(value, np.ndarray) and value.dtype == dtype
    assert abs(float(T(0.6)) - np.sin(0.6)) < eps + 4e-6  # 0.1⁴ / 4!, the first term left out
