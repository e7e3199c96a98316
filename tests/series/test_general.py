"""The general rule and its memory: what is remembered must be the same function, not only the same rule."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import taylorkit as tk
from taylorkit.differentiation import series
from taylorkit.errors import FunctionError

# A few operations in double precision.
ROUNDING = 1e-13


@pytest.fixture(params=["scalars", "arrays"], autouse=True)
def form(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(series, "kind", lambda traced, order: request.param)


def packed(f: Callable, points: object, order: int) -> np.ndarray:
    """By `series`, in this test's form: a function of its own, so that no kernel of the other form is found."""
    return np.asarray(tk.derivatives(lambda v: f(v), points, order, "series").packed)


@jax.custom_jvp
def wave(x: jax.Array) -> jax.Array:
    return jnp.sin(x)


@jax.custom_jvp
def raised_wave(x: jax.Array) -> jax.Array:
    return jnp.sin(x) + 5


for function in (wave, raised_wave):
    function.defjvp(lambda primals, tangents, f=function: (f(*primals), jnp.cos(primals[0]) * tangents[0]))


def test_two_functions_with_one_rule_are_two() -> None:
    x = np.array([0.5, 1.5])
    found = packed(lambda v: wave(v) + 10 * raised_wave(v), x, 2)
    np.testing.assert_allclose(found, [11 * np.sin(x) + 50, 11 * np.cos(x), -11 * np.sin(x)], rtol=ROUNDING)


def test_sinc_at_0() -> None:
    """JAX makes it of a function for each degree, all with one rule."""
    found = packed(jnp.sinc, np.array([0.0]), 4)[:, 0]
    np.testing.assert_allclose(found, [1, 0, -(np.pi**2) / 3, 0, np.pi**4 / 5], rtol=ROUNDING)


def test_a_rule_that_holds_its_function_costs_polynomially() -> None:
    """i0e's rule holds i0e and i1e, and theirs each other: 2¹⁶ of them would not be traced."""
    from jax.scipy.special import i0e

    x = np.array([0.7])
    found = packed(i0e, x, 16)
    low = np.asarray(tk.derivatives(lambda v: i0e(v), x, 3, "nested").packed)
    np.testing.assert_allclose(found[:4], low, rtol=1e-12)
    assert np.isfinite(found).all()


def test_exponents_that_tracing_does_not_show() -> None:
    """1 + 2x + 3x² + 4x³ + 5x⁴ at 0, the exponents a loop's counter, an array, a step of another variable."""
    expected = [1, 2, 6, 24]
    counted = packed(lambda v: lax.fori_loop(0, 5, lambda i, c: c + (i + 1) * v**i, 0 * v), np.array([0.0]), 3)
    np.testing.assert_array_equal(counted[:, 0], expected)
    listed = packed(lambda v: jnp.sum(v ** jnp.arange(5) * jnp.arange(1.0, 6.0)), np.array([0.0]), 3)
    np.testing.assert_array_equal(listed[:, 0], expected)
    stepped = packed(lambda v: v[0] ** (jnp.floor(v[1]) + 2), np.array([[0.0, 0.0]]), 2)
    np.testing.assert_array_equal(stepped[:, 0], [0, 0, 0, 2, 0, 0])


def test_a_base_of_0_that_does_not_move() -> None:
    found = packed(lambda v: jnp.where(v > 0.5, 0.0**v, v), np.array([1.2]), 2)
    np.testing.assert_array_equal(found[:, 0], [0, 0, 0])


def test_a_function_applied_in_place_is_refused() -> None:
    with pytest.raises(FunctionError, match=r"write x\.at\[i\]\.set\(f\(x\[i\]\)\)"):
        packed(lambda v: jnp.ones(3).at[2].set(v).at[2].apply(jnp.sin)[2], np.array([0.5]), 2)


def test_a_callback_is_refused() -> None:
    def f(v: jax.Array) -> jax.Array:
        return jax.pure_callback(np.sin, jax.ShapeDtypeStruct((), v.dtype), v)

    with pytest.raises(FunctionError, match="callback"):
        packed(f, np.array([0.5]), 2)
    (said,) = tk.preflight(f, 0.5, 2, "series").unsupported
    assert said.startswith("pure_callback at ") and "test_general.py" in said
