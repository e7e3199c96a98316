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


@jax.custom_jvp
def distance(x: jax.Array, y: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    """r and x / r, y / r; the changes of all are told by these three alone."""
    r = jnp.sqrt(x**2 + y**2)
    return r, x / r, y / r


@distance.defjvp
def _distance_jvp(primals: tuple, tangents: tuple) -> tuple:
    (r, u, v), (dx, dy) = distance(*primals), tangents
    dr = u * dx + v * dy
    return (r, u, v), (dr, (dx - u * dr) / r, (dy - v * dr) / r)


@pytest.mark.parametrize("other", [lambda x: 1.0, lambda x: x * x + 1], ids=["stays", "moves"])
def test_a_rule_in_terms_of_its_own_results(other: Callable) -> None:
    """Where an operand stays, its zeros must not hide that r changes from degree 1 on."""
    points = np.linspace(0.1, 1.0, 4)
    one = packed(lambda x: distance(x, other(x))[0], points, 5)
    np.testing.assert_allclose(one, packed(lambda x: jnp.sqrt(x**2 + other(x) ** 2), points, 5), rtol=1e-12, atol=1e-12)


def test_zeros_of_a_rule_stand_for_nothing_else() -> None:
    """An operand that stays, on either side of a sum and of a difference."""

    @jax.custom_jvp
    def f(x: jax.Array, y: jax.Array) -> jax.Array:
        return x * x - y

    f.defjvp(lambda p, t: (f(*p), (-t[1] - (-2 * p[0] * t[0])) + 0.0 * t[1]))
    points = np.linspace(-1.0, 1.0, 3)
    np.testing.assert_allclose(
        packed(lambda x: f(x, 3.0), points, 3), [points**2 - 3, 2 * points, 2 + 0 * points, 0 * points]
    )
    np.testing.assert_allclose(packed(lambda y: f(2.0, y), points, 2), [4 - points, -1 + 0 * points, 0 * points])
