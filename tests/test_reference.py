"""Every number of the reference cases: U for one variable, M for several. A test's name begins with the case's id."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import taylorkit as tk
from taylorkit.functions import TABLE
from taylorkit.timing.jacobians import network, random_weights

# The reference gives its values in single precision.
SINGLE = 1e-6

WAVE, T_OF_X = TABLE["sin_plus_cos"].function, TABLE["tanh_half"].function
G, H = TABLE["mml_5_15"].function, TABLE["squares_and_line"].function
POINTS = [(1, 2), (2, 3), (4.2, 3.7), (2.8, 1.3), (10.2, 21), (-5.1, 2.3), (-3.4, -2.5)]
VALUES = [13, 42, 94.46, 17.66, 2934.44, 14.69, 104.06]


def columns(points: Any) -> tuple[np.ndarray, ...]:
    return tuple(np.array(points, float).T)


def taylor(f: Any, center: Any, order: int) -> tk.TaylorPolynomial:
    """Evaluated by NumPy, which has nothing to compile."""
    T = tk.taylor(f, center, order)
    return tk.TaylorPolynomial(T.center, np.asarray(T.coefficients))


@pytest.fixture(scope="module")
def g3() -> tk.TaylorPolynomial:
    """T₃ of g about (1, 2)."""
    return taylor(G, (1, 2), 3)


def test_u1_values() -> None:
    """f(x) = sin x + cos x about 0: f = 1, f' = 1, f'' = −1."""
    assert tk.derivatives(WAVE, [0.0], 2).packed[:, 0].tolist() == [1.0, 1.0, -1.0]


def test_u1_polynomials() -> None:
    """T₁ = 1 + x; T₂ = 1 + x − x²/2."""
    T, x = taylor(WAVE, 0.0, 2), np.linspace(-4, 4, 33)
    assert T.truncate(1).coefficients.tolist() == [1.0, 1.0]
    assert T.coefficients.tolist() == [1.0, 1.0, -0.5]
    np.testing.assert_allclose(T.truncate(1)(x), 1 + x, rtol=1e-15, atol=1e-15)
    np.testing.assert_allclose(T(x), 1 + x - x**2 / 2, rtol=1e-15, atol=1e-14)


def test_u2_the_closed_form_lies_on_t2() -> None:
    T, x = taylor(WAVE, 0.0, 2), np.linspace(-4, 4, 33)
    np.testing.assert_allclose(T(x), TABLE["sin_plus_cos_quadratic"].function(x), rtol=1e-15, atol=1e-14)


def test_u3_t10_follows_f_on_the_interval_and_t5_leaves_it_on_both_sides() -> None:
    x = np.linspace(-4, 4, 201)
    sums = np.asarray(taylor(WAVE, 0.0, 10).partial_sums(x))
    error = np.abs(sums - np.sin(x) - np.cos(x))
    assert error[10].max() < 0.2
    assert error[5, 0] > 1 and error[5, -1] > 1
    wider = np.array([-7.0, 7.0])
    assert (np.abs(taylor(WAVE, 0.0, 10)(wider) - np.sin(wider) - np.cos(wider)) > 1).all()


def test_u5_values_and_slopes() -> None:
    """t(1), t(2), t(3) and t' there."""
    d = tk.derivatives(T_OF_X, [1.0, 2.0, 3.0], 1)
    np.testing.assert_allclose(d.packed[0], [0.46211717, 0.7615941, 0.90514827], rtol=SINGLE)
    np.testing.assert_allclose(d.packed[1], [0.39322388, 0.20998716, 0.09035333], rtol=SINGLE)


def test_u5_derivatives_1_to_10() -> None:
    """t = tanh(x/2): 2t' = 1 − t², and each further derivative from that by hand, over [−7, 7]."""
    x = np.linspace(-7, 7, 200)
    packed = np.asarray(tk.derivatives(T_OF_X, x, 10).packed)
    powers = np.polynomial.Polynomial([0.0, 1.0])
    value = np.tanh(x / 2)
    for k in range(11):
        np.testing.assert_allclose(packed[k], powers(value), rtol=1e-10, atol=1e-11 * np.abs(packed[k]).max())
        powers = powers.deriv() * np.polynomial.Polynomial([0.5, 0.0, -0.5])


def test_u6_a_loop_over_points_equals_vmap() -> None:
    slope, x = jax.grad(T_OF_X), jnp.array([1.0, 2.0, 3.0])
    looped = tk.naive_vmap(jax.jit(slope), x)
    np.testing.assert_allclose(looped, jax.jit(jax.vmap(slope))(x), rtol=SINGLE)
    np.testing.assert_allclose(looped, [0.39322388, 0.20998716, 0.09035333], rtol=SINGLE)


def test_u7_a_batch_without_vmap_says_what_to_do() -> None:
    with pytest.raises(
        tk.FunctionError, match=r"batch of 3 points, not one centre. Use taylorkit.derivatives.*jax.vmap"
    ):
        tk.taylor(T_OF_X, np.array([1.0, 2.0, 3.0]), 1)


@pytest.mark.parametrize(("variables", "order"), [(1, 3), (2, 2), (3, 2)])
def test_m1_sum_of_contracted_tensors(variables: int, order: int) -> None:
    """T_n(x) = Σ_k (D^k f(x₀)/k!) δ^k, with D^k by nested jacfwd: one implementation for every D and n."""

    def f(v: jax.Array) -> jax.Array:
        return jnp.exp(v @ jnp.arange(1.0, variables + 1) / 4) * jnp.cos(v[0])

    center, delta = np.linspace(0.1, 0.5, variables), np.linspace(-0.2, 0.3, variables)
    total, factorial, tensor = 0.0, 1, f
    with jax.enable_x64(True):
        for k in range(order + 1):
            total += np.tensordot(np.asarray(jax.jit(tensor)(center)), tk.tensor_power(delta, k), axes=k) / factorial
            tensor, factorial = jax.jacfwd(tensor), factorial * (k + 1)
    np.testing.assert_allclose(taylor(f, center, order)(center + delta), total, rtol=1e-13)


def test_m2_tensor_powers() -> None:
    square, cube = (tk.tensor_power([0, 1, 2, 3], k) for k in (2, 3))
    assert square.shape == (4, 4) and cube.shape == (4, 4, 4)
    assert square[-1, -1] == 9 and cube[-1, -1, -1] == 27
    assert square.tolist() == [[0, 0, 0, 0], [0, 1, 2, 3], [0, 2, 4, 6], [0, 3, 6, 9]]
    np.testing.assert_array_equal(cube, square[..., None] * np.arange(4))


def test_m3_value_gradient_hessian(g3: tk.TaylorPolynomial) -> None:
    """g = 13; gradient (6, 14); Hessian [[2, 2], [2, 12]]."""
    assert g3.tensor(0).tolist() == 13.0
    assert g3.tensor(1).tolist() == [6.0, 14.0]
    assert g3.tensor(2).tolist() == [[2.0, 2.0], [2.0, 12.0]]


def test_m3_the_gradient_by_three_ways() -> None:
    point = jnp.array([1.0, 2.0])
    for way in (jax.grad, jax.jacfwd, jax.jacrev):
        assert jax.jit(way(lambda v: G(*v)))(point).tolist() == [6.0, 14.0]
    assert tk.derivatives(G, ([1.0], [2.0]), 1).tensor(1).tolist() == [[6.0, 14.0]]


def test_m4_tangent_plane(g3: tk.TaylorPolynomial) -> None:
    """T₁ = 6x + 14y − 21."""
    x, y = columns(POINTS)
    np.testing.assert_allclose(g3.truncate(1)((x, y)), 6 * x + 14 * y - 21, rtol=1e-14, atol=1e-13)
    np.testing.assert_allclose(TABLE["mml_5_15_plane"].function(x, y), 6 * x + 14 * y - 21)


def test_m5_quadratic(g3: tk.TaylorPolynomial) -> None:
    """T₂ = x² + 6y² − 12y + 2xy + 8, at seven points."""
    x, y = columns(POINTS)
    np.testing.assert_allclose(g3.truncate(2)((x, y)), VALUES, rtol=1e-14)
    np.testing.assert_allclose(x**2 + 6 * y**2 - 12 * y + 2 * x * y + 8, VALUES, rtol=1e-14)
    np.testing.assert_allclose(TABLE["mml_5_15_quadratic"].function(x, y), VALUES, rtol=1e-14)


def test_m6_values_and_the_quadratic_term(g3: tk.TaylorPolynomial) -> None:
    """T₂ at (1,1), (1,2), (3,4): 5, 13, 89; the quadratic term at (1,1) is 6."""
    sums = np.asarray(g3.partial_sums(columns([(1, 1), (1, 2), (3, 4)])))
    assert sums[2].tolist() == [5.0, 13.0, 89.0]
    assert sums[2, 0] - sums[1, 0] == 6.0


def test_m7_order_3_is_g_itself(g3: tk.TaylorPolynomial) -> None:
    """Everywhere: the error map of order 3 is zero to rounding, of the terms that were added."""
    x, y = (c.reshape(-1) for c in np.meshgrid(np.linspace(-5, 5, 50), np.linspace(-5, 5, 40), indexing="ij"))
    size = x**2 + 2 * np.abs(x * y) + np.abs(y) ** 3
    largest = max(size.max(), np.abs(np.asarray(g3.partial_sums((x, y)))).max())
    assert np.abs(np.asarray(g3((x, y))) - G(x, y)).max() < 1e-14 * largest
    assert np.abs(np.asarray(g3.truncate(2)((x, y))) - G(x, y)).max() == pytest.approx(7.0**3)


def test_m9_gradient() -> None:
    """h(x, y, z) = x² + 3y + z² at (1, 2, 2): (2, 3, 4)."""
    assert tk.derivatives(H, ([1], [2], [2]), 1).tensor(1).tolist() == [[2.0, 3.0, 4.0]]


def test_m10_one_call_for_a_batch() -> None:
    np.testing.assert_allclose(tk.quadratic_taylor_approx(G, POINTS, (1, 2)), VALUES, rtol=1e-14)


@pytest.mark.parametrize(("inputs", "outputs"), [(40, 3), (8, 8), (3, 40)], ids=["D >> M", "D = M", "D << M"])
def test_m11_the_order_of_multiplication(inputs: int, outputs: int) -> None:
    """jacfwd and jacrev give the same Jacobian, (M, D); and so do the derivatives of order 1."""
    with jax.enable_x64(True):
        weights = random_weights(inputs, 16, outputs)
        v = jnp.linspace(-1.0, 1.0, inputs)
        forward, reverse = (jax.jit(mode(network))(v, *weights) for mode in (jax.jacfwd, jax.jacrev))
    assert forward.shape == reverse.shape == (outputs, inputs)
    np.testing.assert_allclose(forward, reverse, rtol=1e-12, atol=1e-14)
    d = tk.derivatives(lambda x: network(x, *weights), np.asarray(v)[None], 1)
    np.testing.assert_allclose(d.tensor(1)[0], forward, rtol=1e-12, atol=1e-14)
