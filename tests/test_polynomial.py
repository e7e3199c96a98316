"""Taylor polynomials: their value, their parts, and the same in NumPy as in JAX."""

from math import factorial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr

import taylorkit as tk
from taylorkit import multi_index
from taylorkit.polynomial import TaylorPolynomial, from_dataset, order_of, tensor_power


def wave(x: Any, y: Any) -> Any:
    return jnp.sin(x * y) + x


def wave_of_vector(v: Any) -> Any:
    return wave(v[0], v[1])


# A few hundred products and sums, in another order.
CLOSE = {"rtol": 1e-12, "atol": 1e-13}


def random(variables: int, order: int, rng: np.random.Generator, shape: tuple[int, ...] = ()) -> TaylorPolynomial:
    """A polynomial in NumPy about a vector."""
    coefficients = rng.normal(size=(multi_index.count(variables, order), *shape))
    return TaylorPolynomial(rng.normal(size=variables), coefficients)


def in_jax(T: TaylorPolynomial, x: Any, sums: bool = False) -> jax.Array:
    """T(x), or its partial sums, with coefficients that JAX traces."""

    def values(coefficients: Any) -> Any:
        traced = TaylorPolynomial(T.center, coefficients)
        return traced.partial_sums(x) if sums else traced(x)

    with jax.enable_x64(True):
        return jax.jit(values)(T.coefficients)


@pytest.mark.parametrize(("variables", "order"), [(1, 0), (1, 6), (2, 4), (3, 3), (5, 2), (4, 1)])
@pytest.mark.parametrize("shape", [(), (2,), (2, 3)])
def test_m1_value_is_the_sum_of_contracted_tensors(
    variables: int, order: int, shape: tuple[int, ...], rng: np.random.Generator
) -> None:
    """M1: T_n(x) = Σ_k (D^k f(x₀) / k!) δ^k, with full tensors, for any D and n."""
    T = random(variables, order, rng, shape)
    x = rng.normal(size=variables)
    delta = x - T.center
    expected = sum(np.tensordot(T.tensor(k), tensor_power(delta, k), axes=k) / factorial(k) for k in range(order + 1))
    assert T(x).shape == shape
    np.testing.assert_allclose(T(x), expected, **CLOSE)


def test_m2_powers_of_delta() -> None:
    """M2: δ² = δ⊗δ and δ³ = δ⊗δ⊗δ for δ = (0, 1, 2, 3)."""
    delta = np.arange(4)
    square, cube = tensor_power(delta, 2), tensor_power(delta, 3)
    np.testing.assert_array_equal(square, np.outer(delta, delta))
    np.testing.assert_array_equal(cube, np.einsum("i,j,k->ijk", delta, delta, delta))
    assert square.shape == (4, 4) and cube.shape == (4, 4, 4)
    assert square[-1, -1] == 9 and cube[-1, -1, -1] == 27
    assert tensor_power(delta, 0) == 1 and tensor_power(delta, 1).tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(("variables", "order", "batch"), [(1, 4, ()), (2, 2, (2, 3)), (2, 1, (0,))])
def test_numpy_and_jax_agree_on_every_batch(
    variables: int, order: int, batch: tuple[int, ...], rng: np.random.Generator
) -> None:
    T = random(variables, order, rng, (2,))
    x = rng.normal(size=(*batch, variables))
    assert T(x).shape == in_jax(T, x).shape == (*batch, 2)
    np.testing.assert_allclose(in_jax(T, x), T(x), **CLOSE)
    sums = in_jax(T, x, sums=True)
    assert sums.shape == T.partial_sums(x).shape == (order + 1, *batch, 2)
    np.testing.assert_allclose(sums, T.partial_sums(x), **CLOSE)


def test_partial_sums_are_the_truncations(rng: np.random.Generator) -> None:
    T, x = random(3, 3, rng), rng.normal(size=(5, 3))
    for k, partial in enumerate(T.partial_sums(x)):
        np.testing.assert_allclose(partial, T.truncate(k)(x), **CLOSE)


def test_the_result_has_the_shape_of_f_or_of_vmap_f() -> None:
    T = TaylorPolynomial((0.5, 0.25), np.arange(10.0))
    assert T((0.6, 0.2)).shape == () and T((np.zeros(4), np.zeros(4))).shape == (4,)
    assert T((np.zeros((2, 1)), np.zeros(3))).shape == (2, 3)
    line = TaylorPolynomial(0.5, np.arange(4.0))
    assert line(0.6).shape == () and line(np.zeros((2, 3))).shape == (2, 3)
    frame = tk.taylor(lambda v: jnp.outer(v, v), np.zeros(3), 2)
    assert frame.coefficients.shape == (10, 3, 3)
    assert frame(np.zeros(3)).shape == (3, 3) and frame(np.zeros((5, 3))).shape == (5, 3, 3)


def test_at_the_centre_it_is_f() -> None:
    for center, f in ((0.7, jnp.exp), ((0.5, 0.25), wave), (np.array([0.5, 0.25]), wave_of_vector)):
        T = tk.taylor(f, center, 2)
        with jax.enable_x64(True):
            there = f(*center) if isinstance(center, tuple) else f(center)
        np.testing.assert_allclose(T(center), there, rtol=1e-15)


def test_scalars_and_a_vector_are_one_polynomial() -> None:
    scalars = tk.taylor(wave, (0.5, 0.25), 2)
    vector = tk.taylor(wave_of_vector, [0.5, 0.25], 2)
    x = np.array([[0.6, 0.1], [0.3, 0.4]])
    np.testing.assert_allclose(scalars.coefficients, vector.coefficients, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(scalars((x[:, 0], x[:, 1])), vector(x), rtol=1e-13)


def test_truncate_is_a_prefix() -> None:
    T = tk.taylor(wave, (0.5, 0.25), 3)
    np.testing.assert_array_equal(T.truncate(1).coefficients, T.coefficients[:3])
    assert T.truncate(3).order == 3 and T.truncate(0).multi_indices.tolist() == [[0, 0]]


@pytest.mark.parametrize("alpha", [(1, 0), (0, 1), (1, 1), (0, 2), (0, 0)])
def test_derivative_is_the_polynomial_of_the_derivative(alpha: tuple[int, int]) -> None:
    """∂^α T_n of f is T_{n−|α|} of ∂^α f."""
    order, f = 3, wave
    for variable, times in enumerate(alpha):
        for _ in range(times):
            f = jax.grad(f, argnums=variable)
    T = tk.taylor(wave, (0.5, 0.25), order).derivative(alpha)
    expected = tk.taylor(f, (0.5, 0.25), order - sum(alpha))
    np.testing.assert_allclose(T.coefficients, expected.coefficients, rtol=1e-12, atol=1e-13)


def test_derivative_in_one_variable_takes_a_number() -> None:
    T = tk.taylor(jnp.exp, 0.0, 5)
    np.testing.assert_allclose(T.derivative(2).coefficients, T.truncate(3).coefficients, rtol=1e-14)
    np.testing.assert_array_equal(T.derivative((2,)).coefficients, T.derivative(2).coefficients)


def test_derivatives_of_a_vector_output(rng: np.random.Generator) -> None:
    T = random(2, 3, rng, (2,))
    x, h = rng.normal(size=2), 1e-6
    step = np.array([h, 0.0])
    slope = (T(x + step) - T(x - step)) / (2 * h)
    np.testing.assert_allclose(T.derivative((1, 0))(x), slope, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("degree", [0, 1, 2])
def test_tensor_is_that_of_the_derivatives(degree: int) -> None:
    center = np.array([0.5, 0.25])
    T = tk.taylor(lambda v: jnp.stack([wave(*v), v[0]]), center, 2)
    d = tk.derivatives(lambda v: jnp.stack([wave(*v), v[0]]), center[None], 2)
    np.testing.assert_allclose(T.tensor(degree), d.tensor(degree)[0], rtol=1e-15)


def test_jax_differentiates_it() -> None:
    """In the type that JAX chose for its argument: single precision where x64 is off."""
    T = tk.taylor(jnp.sin, 0.5, 4)
    slope = float(T.derivative(1)(0.7))
    for way in (jax.grad, jax.jacfwd, jax.jacrev):
        assert float(jax.jit(way(T))(0.7)) == pytest.approx(slope, rel=1e-6)
    assert float(jax.jit(jax.grad(jax.grad(T)))(0.7)) == pytest.approx(float(T.derivative(2)(0.7)), rel=1e-6)
    with jax.enable_x64(True):
        assert float(jax.jit(jax.grad(T))(0.7)) == pytest.approx(slope, rel=1e-14)
        plane = tk.taylor(wave, (0.5, 0.25), 2)
        gradient = jax.jit(jax.grad(plane))((0.6, 0.2))
    np.testing.assert_allclose(
        gradient, [plane.derivative(alpha)((0.6, 0.2)) for alpha in ((1, 0), (0, 1))], rtol=1e-13
    )
    single = tk.taylor(jnp.sin, np.float32(0.5), 4)
    assert float(jax.grad(single)(0.7)) == pytest.approx(slope, rel=1e-6)
    assert T(0.7).dtype == np.float64


def test_jit_and_vmap_of_it() -> None:
    T, x = tk.taylor(wave, (0.5, 0.25), 2), np.linspace(0, 1, 5)
    np.testing.assert_allclose(jax.jit(T)((0.6, 0.2)), T((0.6, 0.2)), rtol=1e-6)
    np.testing.assert_allclose(jax.jit(jax.vmap(T))((x, x)), T((x, x)), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_values_have_the_dtype_of_the_centre(dtype: Any) -> None:
    T = tk.taylor(jnp.sin, dtype(0.5), 3)
    assert T.coefficients.dtype == T(0.7).dtype == T(np.float64([0.7])).dtype == T.tensor(1).dtype == dtype
    assert T.derivative(1).coefficients.dtype == dtype


def test_orders_from_terms() -> None:
    assert [order_of(2, p) for p in (1, 3, 6, 10)] == [0, 1, 2, 3]
    with pytest.raises(tk.SpecError, match=r"coefficients: 4 terms are no full order in 2 variables"):
        TaylorPolynomial((0.0, 0.0), np.zeros(4))


@pytest.mark.parametrize("alpha", [(1,), (1, 0, 0), (-1, 1), (2, 2), 1.5, (0.5, 0.5), "x"])
def test_no_multi_index(alpha: Any) -> None:
    T = TaylorPolynomial((0.0, 0.0), np.zeros(10))
    with pytest.raises(
        tk.SpecError, match=r"alpha = .*: must be 2 exponents, whole numbers, 0 or more, of total degree 3"
    ):
        T.derivative(alpha)


def test_no_order_to_truncate_to() -> None:
    T = TaylorPolynomial(0.0, np.zeros(3))
    with pytest.raises(tk.SpecError, match=r"order = 3: this polynomial only has order 2"):
        T.truncate(3)
    with pytest.raises(tk.SpecError, match=r"degree = 3: the order is 2"):
        T.tensor(3)


def test_points_of_another_form() -> None:
    """Two points of two variables: read by columns they would give an answer, and a wrong one."""
    scalars, vector = TaylorPolynomial((0.0, 0.0), np.zeros(3)), TaylorPolynomial(np.zeros(2), np.zeros(3))
    with pytest.raises(tk.SpecError, match=r"x is of type ndarray.*give a tuple of 2 arrays"):
        scalars(np.ones((2, 2)))
    with pytest.raises(tk.SpecError, match=r"x is of type tuple.*give an array \(…, 2\)"):
        vector((np.ones(2), np.ones(2)))
    with pytest.raises(tk.SpecError, match=r"x has 3 variables, the centre has 2"):
        scalars((1.0, 2.0, 3.0))
    with pytest.raises(tk.SpecError, match=r"x has 3 variables, the centre has 2"):
        vector(np.ones(3))


def grid(shape: tuple[int, ...] = ()) -> xr.Dataset:
    """What an artifact of two_variable on a grid of 3 × 2 points opens as."""
    x, y, order = np.array([0.0, 0.5, 1.0]), np.array([-1.0, 0.25]), 2
    columns = [c.reshape(-1) for c in np.meshgrid(x, y, indexing="ij")]
    d = tk.derivatives(lambda x, y: jnp.ones(shape) * wave(x, y), tuple(columns), order)
    outputs = tuple(f"output_{i + 1}" for i in range(len(shape)))
    return xr.Dataset(
        {
            "derivatives": (("term", *outputs, "x", "y"), np.asarray(d.packed).reshape(6, *shape, 3, 2)),
            "exponent": (("term", "variable"), multi_index.multi_indices(2, order)),
        },
        {"x": x, "y": y, "term": multi_index.labels(("x", "y"), order), "variable": ["x", "y"]},
    )


@pytest.mark.parametrize("shape", [(), (2,), (2, 2)])
def test_from_dataset(shape: tuple[int, ...]) -> None:
    T = from_dataset(grid(shape), x=0.5, y=0.25)
    expected = tk.taylor(lambda x, y: jnp.ones(shape) * wave(x, y), (0.5, 0.25), 2)
    assert isinstance(T.coefficients, np.ndarray) and T.center == (0.5, 0.25)
    np.testing.assert_allclose(T.coefficients, expected.coefficients, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(T((0.6, 0.2)), expected((0.6, 0.2)), rtol=1e-13)


def test_from_dataset_of_one_point() -> None:
    T = from_dataset(grid().isel(x=[1]), y=0.25)
    assert T.center == (0.5, 0.25)


def test_from_dataset_of_one_variable() -> None:
    d = tk.derivatives(jnp.exp, [0.0, 1.0], 3)
    dataset = xr.Dataset(
        {
            "derivatives": (("term", "x"), np.asarray(d.packed)),
            "exponent": (("term", "variable"), multi_index.multi_indices(1, 3)),
        },
        {"x": [0.0, 1.0], "variable": ["x"]},
    )
    T = from_dataset(dataset, x=1.0)
    assert T.center == 1.0
    np.testing.assert_allclose(T(np.array([1.0, 1.1])), np.e * np.array([1.0, 1 + 0.1 + 0.005 + 0.001 / 6]), rtol=1e-14)


def test_from_dataset_of_scattered_points() -> None:
    dataset = grid().stack(point=("x", "y")).reset_index("point").assign_coords()
    scattered = dataset.isel(point=[0, 3, 4])
    T = from_dataset(scattered, x=0.5, y=0.25)
    assert T.center == (0.5, 0.25)
    np.testing.assert_array_equal(T.coefficients, from_dataset(grid(), x=0.5, y=0.25).coefficients)
    with pytest.raises(tk.SpecError, match=r"center: \{'x': 0.3\} names 0 points of 3; name one"):
        from_dataset(scattered, x=0.3)


@pytest.mark.parametrize(
    ("center", "message"),
    [
        ({"x": 0.5}, r"center: say y=…, one of"),
        ({"x": 0.3, "y": 0.25}, r"center: x = 0.3 is no expansion point; the nearest is 0.5"),
        ({"x": 0.5, "y": 0.25, "z": 1.0}, r"center: z is no variable; they are x, y"),
    ],
    ids=["missing", "not there", "no variable"],
)
def test_from_dataset_of_a_centre_that_is_none(center: dict[str, float], message: str) -> None:
    with pytest.raises(tk.SpecError, match=message):
        from_dataset(grid(), **center)
