"""Many polynomials: each point belongs to its nearest centre, and gets the value of the polynomial there."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import taylorkit as tk
from taylorkit import atlas
from taylorkit.functions import TABLE

GAUSS = TABLE["two_variable"].function


def of(f: Any, centers: Any, order: int) -> tk.Atlas:
    """In NumPy: what is tested here is not compilation."""
    return tk.Atlas(centers, np.asarray(tk.derivatives(f, centers, order).coefficients))


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


def test_numpy_alone_gives_the_same(plane: tk.Atlas, rng: np.random.Generator) -> None:
    with jax.enable_x64(True):
        compiled = tk.Atlas(plane.centers, jnp.asarray(plane.coefficients))
    points = tuple(rng.normal(size=(2, 3, 5)))
    values = compiled(points)
    assert isinstance(plane(points), np.ndarray) and isinstance(values, jax.Array)
    assert plane(points).shape == values.shape == (3, 5, 2) and values.dtype == np.float64
    np.testing.assert_allclose(values, plane(points), rtol=1e-12, atol=1e-13)


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
    monkeypatch.setattr(atlas, "CHUNK", 20 * 7)
    np.testing.assert_allclose(plane(points), whole, rtol=1e-14, atol=1e-15)


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
    "form": (
        lambda: tk.Atlas((np.zeros(3), np.zeros(3)), np.zeros((3, 3)))(np.zeros((2, 2))),
        r"give a tuple of 2 arrays",
    ),
    "nan": (lambda: tk.Atlas(np.zeros(3), np.zeros((2, 3)))([0.0, np.nan]), r"points: \[nan\] is not finite"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_is_refused(name: str) -> None:
    action, message = WRONG[name]
    with pytest.raises(tk.SpecError, match=message):
        action()
