"""Many polynomials: each point belongs to its nearest centre, and gets the value of the polynomial there."""

import warnings
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import taylorkit as tk
from taylorkit import cores, gathering, nearest
from taylorkit.functions import TABLE

# A few hundred products and sums, in another order; displacements from centres of size 1.
CLOSE = {"rtol": 1e-12, "atol": 1e-13}

GAUSS = TABLE["two_variable"].function


def of(f: Any, centers: Any, order: int) -> tk.Atlas:
    return tk.Atlas(centers, tk.derivatives(f, centers, order).coefficients)


@pytest.fixture
def plane(rng: np.random.Generator) -> tk.Atlas:
    centers = tuple(rng.normal(size=(2, 9)))
    return of(lambda x, y: jnp.stack([GAUSS(x, y), x * y]), centers, 2)


def test_equals_the_polynomial_of_each_centre(plane: tk.Atlas, rng: np.random.Generator) -> None:
    points = rng.normal(size=(2, 40))
    which = plane.nearest(tuple(points))
    distances = np.linalg.norm(points[:, :, None] - np.array(plane.centers)[:, None], axis=0)
    np.testing.assert_array_equal(which, distances.argmin(axis=1))
    for i, n in enumerate(which):
        center = (float(plane.centers[0][n]), float(plane.centers[1][n]))
        T = tk.TaylorPolynomial(center, plane.coefficients[..., n])
        x = (points[0, i], points[1, i])
        np.testing.assert_allclose(plane(x), T(x), rtol=1e-12, atol=1e-13)
        np.testing.assert_allclose(plane.partial_sums(x), T.partial_sums(x), rtol=1e-12, atol=1e-13)


def test_jax_arrays_become_numpys(plane: tk.Atlas, rng: np.random.Generator) -> None:
    with jax.enable_x64(True):
        given = tk.Atlas(tuple(map(jnp.asarray, plane.centers)), jnp.asarray(plane.coefficients))
    points = tuple(rng.normal(size=(2, 3, 5)))
    for array in (given.centers[0], given.coefficients, given(points), given.partial_sums(points)):
        assert isinstance(array, np.ndarray) and array.dtype == np.float64
    np.testing.assert_array_equal(given(points), plane(points))


@pytest.mark.parametrize("batch", [(), (4,), (2, 3), (0,)])
def test_every_form_keeps_the_batch(batch: tuple[int, ...]) -> None:
    line = of(jnp.sin, np.linspace(-2, 2, 5), 3)
    vector = of(lambda v: jnp.sin(v[0]) * v[1], np.array([[0.0, 1.0], [2.0, 1.0]]), 2)
    scalars = of(lambda x, y: jnp.sin(x) * y, ([0.0, 2.0], [1.0, 1.0]), 2)
    x = np.full(batch, 0.3)
    assert line(x).shape == scalars((x, x)).shape == vector(np.stack([x, x], axis=-1)).shape == batch
    assert line.partial_sums(x).shape == (4, *batch)
    np.testing.assert_allclose(line(x), np.sin(x), atol=1e-3)


def test_many_centres_are_better_than_one() -> None:
    x = np.linspace(-3, 3, 101)
    one, many = of(jnp.sin, np.zeros(1), 3), of(jnp.sin, np.linspace(-3, 3, 13), 3)
    assert np.abs(many(x) - np.sin(x)).max() < 1e-3 * np.abs(one(x) - np.sin(x)).max()


def test_integer_centres_and_points() -> None:
    A = tk.Atlas([0, 10], np.array([[1.0, 2.0], [1.0, 1.0]]))
    np.testing.assert_array_equal(A(np.array([1, 9])), [2.0, 1.0])


def test_ties_are_broken_alike() -> None:
    """A point midway belongs to one of its centres, whatever else is asked for."""
    centers = np.stack(np.meshgrid([0.0, 1.0, 2.0], [0.0, 1.0, 2.0], indexing="ij"), axis=-1).reshape(-1, 2)
    A = tk.Atlas(centers, np.zeros((1, 9)))
    midway = np.stack(np.meshgrid([0.5, 1.5], [0.5, 1.5], indexing="ij"), axis=-1).reshape(-1, 2)
    together = A.nearest(midway)
    np.testing.assert_array_equal(together, [A.nearest(x) for x in midway])
    np.testing.assert_array_equal(together[::-1], A.nearest(midway[::-1]))
    np.testing.assert_array_equal(together, tk.Atlas(centers, np.zeros((1, 9))).nearest(midway))


def test_centres_are_their_own(plane: tk.Atlas) -> None:
    np.testing.assert_array_equal(plane.nearest(plane.centers), np.arange(9))
    assert plane.order == 2 and plane.variables == 2 and plane.multi_indices.shape == (6, 2)


def test_a_long_batch_is_cut(monkeypatch: pytest.MonkeyPatch, plane: tk.Atlas, rng: np.random.Generator) -> None:
    points = tuple(rng.normal(size=(2, 101)))
    whole = plane(points)
    sums = plane.partial_sums(points)
    monkeypatch.setattr(gathering, "CHUNK", 20 * 7)
    np.testing.assert_array_equal(plane(points), whole)
    np.testing.assert_allclose(plane.partial_sums(points), sums, **CLOSE)


@pytest.mark.parametrize("shape", [(), (2, 3), (0,)])
def test_jax_traces_coefficients(shape: tuple[int, ...], rng: np.random.Generator) -> None:
    """What JAX computes of coefficients that it traces is what NumPy gives, and linear in them."""
    A = tk.Atlas(rng.normal(size=(6, 3)), rng.normal(size=(20, *shape, 6)))
    points = rng.normal(size=(7, 3))
    with jax.enable_x64(True):
        values = jax.jit(lambda c: tk.Atlas(A.centers, c)(points))
        sums = jax.jit(lambda c: tk.Atlas(A.centers, c).partial_sums(points))
        np.testing.assert_allclose(values(A.coefficients), A(points), **CLOSE)
        np.testing.assert_allclose(sums(A.coefficients), A.partial_sums(points), **CLOSE)
        _, moved = jax.jvp(values, (A.coefficients,), (A.coefficients,))
    np.testing.assert_allclose(moved, A(points), **CLOSE)
    np.testing.assert_allclose(A.partial_sums(points)[-1], A(points), **CLOSE)


def test_what_is_not_finite_stays_where_it_is() -> None:
    """A broken degree spoils the sums from there on, of its own centre alone, and without a warning if that is off."""
    coefficients = np.ones((3, 2))
    coefficients[2, 1] = np.inf
    A = tk.Atlas(np.array([0.0, 1.0]), coefficients)
    with warnings.catch_warnings(), np.errstate(invalid="ignore"):
        warnings.simplefilter("error")
        sums, values = A.partial_sums([0.1, 1.0, 1.1]), A([0.1, 1.0, 1.1])
    assert np.isfinite(sums[:2]).all() and np.isfinite(sums[:, 0]).all()
    np.testing.assert_array_equal(sums[2, 1:], [np.nan, np.inf])
    np.testing.assert_array_equal(values[1:], [np.nan, np.inf])


def test_threads_have_the_error_state_of_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "CHUNK", 2)
    monkeypatch.setattr(cores, "cores", lambda: 2)
    A = tk.Atlas(np.zeros(1), np.array([[0.0], [np.inf]]))
    with warnings.catch_warnings(), np.errstate(invalid="ignore"):
        warnings.simplefilter("error")
        assert np.isnan(A(np.zeros(5))).all()
    with np.errstate(invalid="raise"), pytest.raises(FloatingPointError):
        A(np.zeros(5))


AXES = {
    "even": (np.linspace(-2, 2, 7), np.linspace(0, 1, 4)),
    "uneven": (np.array([-2.0, -1.0, 0.5, 3.0]), np.array([0.0, 0.1, 1.0])),
    "one value": (np.array([0.3]), np.linspace(0, 1, 5)),
    "close together far away": (1e6 + 1e-9 * np.arange(5), np.array([0.0])),
}


@pytest.mark.parametrize("name", AXES)
def test_nearest_on_a_tensor_grid_in_any_order(name: str, rng: np.random.Generator) -> None:
    rows = np.stack([c.reshape(-1) for c in np.meshgrid(*AXES[name], indexing="ij")], axis=1)
    rows = rng.permutation(rows)
    low, high = rows.min(axis=0), rows.max(axis=0)
    points = rng.uniform(low - (high - low), high + (high - low), (200, 2))
    centers = nearest.Centers(rows)
    assert centers._tensor is not None
    distance = np.linalg.norm(points[:, None] - rows, axis=2)
    found = centers.nearest(points)
    # A point between two centres goes to one of them if the midpoint is rounded past it.
    rounding = np.spacing(np.abs(points).max())
    np.testing.assert_allclose(distance[np.arange(200), found], distance.min(axis=1), rtol=0, atol=rounding)


def test_far_points_have_a_nearest_centre_too() -> None:
    line = nearest.Centers(np.array([[0.0], [1.0], [2.0]]))
    np.testing.assert_array_equal(line.nearest(np.array([[1e300], [-1e300], [1.7e308], [1.7e308]])), [2, 0, 2, 2])


def test_no_tensor_grid() -> None:
    """As many centres as a grid, but two in one place."""
    rows = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 0.0]])
    centers = nearest.Centers(rows)
    assert centers._tensor is None
    np.testing.assert_array_equal(rows[centers.nearest(rows + 0.1)], rows)


@pytest.mark.parametrize("batch", [(), (5,), (2, 3), (0,)])
def test_stencil_is_every_centre_at_the_same_displacements(
    batch: tuple[int, ...], plane: tk.Atlas, rng: np.random.Generator
) -> None:
    delta = 0.1 * rng.normal(size=(2, *batch))
    found = plane.stencil(tuple(delta))
    assert found.shape == (*batch, 2, 9)
    for n in range(9):
        center = (plane.centers[0][n], plane.centers[1][n])
        T = tk.TaylorPolynomial(center, plane.coefficients[..., n])
        np.testing.assert_allclose(found[..., n], T((center[0] + delta[0], center[1] + delta[1])), **CLOSE)
    with jax.enable_x64(True):
        compiled = jax.jit(lambda c: tk.Atlas(plane.centers, c).stencil(tuple(delta)))(plane.coefficients)
    np.testing.assert_allclose(compiled, found, **CLOSE)


WRONG = {
    "number of centres": (
        lambda: tk.Atlas(np.zeros(3), np.zeros((2, 4))),
        r"3 centres but coefficients of shape \(2, 4\)",
    ),
    "number of terms": (
        lambda: tk.Atlas(np.zeros((3, 2)), np.zeros((4, 3))),
        r"4 terms are no full order in 2 variables",
    ),
    "no centres": (lambda: tk.Atlas(np.zeros(0), np.zeros((2, 0))), r"centers: none given"),
    "no vectors": (lambda: tk.Atlas(np.zeros((0, 2)), np.zeros((3, 0))), r"centers: none given"),
    "variables": (
        lambda: tk.Atlas(np.zeros((3, 2)), np.zeros((3, 3)))(np.zeros(3)),
        r"points have 3 variables, the centres 2",
    ),
    "displacements": (
        lambda: tk.Atlas(np.zeros((3, 2)), np.zeros((3, 3))).stencil(np.zeros((4, 3))),
        r"points have 3 variables, the centres 2",
    ),
    "form": (
        lambda: tk.Atlas((np.zeros(3), np.zeros(3)), np.zeros((3, 3)))(np.zeros((2, 2))),
        r"give a tuple of 2 arrays",
    ),
    "traced": (lambda: jax.jit(tk.Atlas(np.zeros(3), np.zeros((2, 3))))(0.5), r"points: JAX is tracing them"),
    "nan": (lambda: tk.Atlas(np.zeros(3), np.zeros((2, 3)))([0.0, np.nan]), r"points: \[nan\] is not finite"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_is_refused(name: str) -> None:
    action, message = WRONG[name]
    with pytest.raises(tk.SpecError, match=message):
        action()
