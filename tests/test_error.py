"""Sampled errors and radii on functions whose radii are known."""

from collections.abc import Callable

import numpy as np
import pytest

from taylorkit import error, multi_index

ORDER = 6
RADII = np.linspace(0.01, 1.0, 100)


def geometric(centers: np.ndarray, order: int) -> np.ndarray:
    """Coefficients of 1/(1−x) about c: (1−c)^−(k+1): (order+1, N)."""
    return (1 - centers) ** -(np.arange(order + 1)[:, None] + 1.0)


def runge(centers: np.ndarray, order: int) -> np.ndarray:
    """Of 1/(1+x²) = Im 1/(x − i): Im (−1)^k (c − i)^−(k+1)."""
    k = np.arange(order + 1)[:, None]
    return ((-1.0) ** k * (centers - 1j) ** -(k + 1.0)).imag


def of_plane_wave(g: Callable[[int], float], v: np.ndarray, order: int) -> np.ndarray:
    """Of g(v·x) about 0, where g(t) = Σ g_k t^k: c_α = g_k (k!/α!) v^α: (P, 1)."""
    exponents = multi_index.multi_indices(len(v), order)
    degrees = exponents.sum(axis=1)
    ways = multi_index.factorials(1, order)[degrees] / multi_index.factorials(len(v), order)
    return np.array([g(int(k)) for k in degrees])[:, None] * (ways * (v**exponents).prod(axis=1))[:, None]


def trust(
    coefficients: np.ndarray, centers: np.ndarray, f: Callable, tolerance: float, radii: np.ndarray = RADII
) -> np.ndarray:
    rows = centers.reshape(len(centers), -1)
    along = error.directions(rows.shape[1], 8)
    return error.trust_radius(coefficients, rows, f, radii, along, tolerance)


@pytest.mark.parametrize("tolerance", [1e-1, 1e-3, 1e-6])
def test_trust_radius_of_the_geometric_series(tolerance: float) -> None:
    """|1/(1−r) − T_k(r)| = r^(k+1)/(1−r), and less on the other side."""
    found = trust(geometric(np.zeros(1), ORDER), np.zeros(1), lambda x: 1 / (1 - x[:, 0]), tolerance, RADII[:-1])
    for k in range(ORDER + 1):
        within = RADII[:-1][RADII[:-1] ** (k + 1) / (1 - RADII[:-1]) <= tolerance]
        assert found[k, 0] == (within.max() if len(within) else 0.0)


def test_trust_radius_of_a_polynomial_is_all_of_it() -> None:
    """x² about 0 and 1: T_2 holds as far as was looked, T_0 and T_1 to the root of the tolerance."""
    centers = np.array([0.0, 1.0])
    coefficients = np.array([centers**2, 2 * centers, [1.0, 1.0]])
    found = trust(coefficients, centers, lambda x: x[:, 0] ** 2, 0.25)
    np.testing.assert_array_equal(found[2], [1.0, 1.0])
    np.testing.assert_allclose(found[1], [0.5, 0.5])
    # |x² − 1| = r (2 + r) on the far side reaches 1/4 at √5/2 − 1 = 0.118.
    np.testing.assert_allclose(found[0], [0.5, 0.11])


def test_trust_radius_in_two_variables_and_outputs() -> None:
    """(x y, x + y) about 0: of T_1 only the first is wrong, most along the diagonal, by r²/2."""
    coefficients = np.zeros((6, 2, 1))
    coefficients[4, 0], coefficients[1:3, 1] = 1.0, 1.0
    found = trust(coefficients, np.zeros((1, 2)), lambda x: np.stack([x[:, 0] * x[:, 1], x.sum(axis=1)]), 0.0201)
    np.testing.assert_allclose(found[:, 0], [0.01, 0.2, 1.0])


def test_trust_radius_stops_at_the_first_failure() -> None:
    """A later radius where the error happens to be small again does not count."""
    found = trust(np.zeros((1, 1)), np.zeros(1), lambda x: np.sin(2 * np.pi * x[:, 0]), 0.1)
    assert found[0, 0] == 0.01


def test_trust_radius_where_coefficients_are_not_finite() -> None:
    coefficients = geometric(np.array([0.0, 0.5]), 2)
    coefficients[2, 1] = np.nan
    found = trust(coefficients, np.array([0.0, 0.5]), lambda x: 1 / (1 - x[:, 0]), 1e-2, RADII[:49])
    assert np.isfinite(found[:, 0]).all() and np.isnan(found[:, 1]).all()


def test_trust_radius_ends_where_f_does() -> None:
    with np.errstate(invalid="ignore"):
        found = trust(np.array([[0.7], [0.0]]), np.zeros(1), lambda x: np.sqrt(0.5 - x[:, 0]), 10.0)
    np.testing.assert_allclose(found[:, 0], 0.5)


def test_trust_radius_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    centers = np.linspace(-2.0, 0.0, 7)
    whole = trust(geometric(centers, 3), centers, lambda x: 1 / (1 - x[:, 0]), 1e-2, RADII[:-1])
    monkeypatch.setattr(error, "CHUNK", 4 * 2 * 99 * 2)
    pieces = trust(geometric(centers, 3), centers, lambda x: 1 / (1 - x[:, 0]), 1e-2, RADII[:-1])
    np.testing.assert_array_equal(pieces, whole)


@pytest.mark.parametrize("order", [8, 11, 15])
def test_convergence_radius_of_one_pole_is_lowered_by_the_margin_alone(order: int) -> None:
    centers = np.array([-3.0, 0.0, 0.5])
    found = error.convergence_radius(geometric(centers, order), 1)
    np.testing.assert_allclose(found, error.SAFETY * (1 - centers), rtol=1e-12)


def test_convergence_radius_between_two_poles() -> None:
    """1/(1+x²) about c: √(1+c²). Exactly at 0 but for the margin; elsewhere it errs to the safe side."""
    centers = np.array([0.0, 0.3, 0.8, 1.5])
    found = error.convergence_radius(runge(centers, 16), 1) / error.SAFETY
    share = found / np.sqrt(1 + centers**2)
    assert (share > 0.7).all() and (share < 1.01).all()
    assert found[0] == pytest.approx(1.0, rel=1e-12)


@pytest.mark.parametrize("v", [(3.0, 4.0), (1.0, 0.0), (0.1, -0.2, 0.2)])
def test_convergence_radius_does_not_depend_on_the_axes(v: tuple[float, ...]) -> None:
    """1/(2 − v·x) converges for |v·x| < 2, that is within 2/|v| in the worst direction."""
    direction = np.array(v)
    coefficients = of_plane_wave(lambda k: 2.0 ** -(k + 1), direction, 8)
    found = error.convergence_radius(coefficients, len(v))
    assert found[0] == pytest.approx(error.SAFETY * 2 / np.linalg.norm(direction), rel=1e-12)


def test_convergence_radius_of_a_polynomial_is_infinite() -> None:
    coefficients = np.zeros((9, 2))
    coefficients[:3], coefficients[0, 1] = 1.0, 0.0
    np.testing.assert_array_equal(error.convergence_radius(coefficients, 1), [np.inf, np.inf])


def test_convergence_radius_of_an_entire_function_is_not_determined() -> None:
    exponential = 1 / multi_index.factorials(1, 20)[:, None]
    assert np.isnan(error.convergence_radius(exponential[:9], 1)).all()
    assert np.isnan(error.convergence_radius(exponential, 1)).all()


def test_convergence_radius_takes_the_least_over_outputs() -> None:
    both = np.stack([geometric(np.zeros(1), 8), geometric(np.full(1, 0.75), 8)], axis=1)
    assert error.convergence_radius(both, 1)[0] == pytest.approx(error.SAFETY * 0.25)


def test_convergence_radius_where_it_cannot_be_said() -> None:
    assert np.isnan(error.convergence_radius(geometric(np.zeros(2), 3), 1)).all()
    broken = geometric(np.zeros(2), 8)
    broken[7, 1] = np.inf
    assert np.isnan(error.convergence_radius(broken, 1)).tolist() == [False, True]


def test_summary_over_pieces_is_that_of_the_whole(rng: np.random.Generator) -> None:
    samples = np.abs(rng.normal(size=(3, 2, 4, 5)))
    whole = error.summary([samples], 1)
    pieces = error.summary([samples[..., :2], samples[..., 2:]], 1)
    np.testing.assert_array_equal(whole["max_error"], samples.max(axis=(2, 3)))
    np.testing.assert_allclose(whole["rms_error"], np.sqrt((samples**2).mean(axis=(2, 3))), rtol=1e-14)
    assert (whole["samples"] == 20).all() and whole["samples"].shape == (3, 2)
    for name, values in whole.items():
        np.testing.assert_allclose(pieces[name], values, rtol=1e-14)


def test_summary_leaves_out_what_is_not_finite() -> None:
    samples = np.array([[1.0, np.nan, 3.0, np.inf], [np.nan] * 4])
    result = error.summary([samples], 0)
    np.testing.assert_array_equal(result["max_error"], [3.0, np.nan])
    np.testing.assert_allclose(result["rms_error"], [np.sqrt(5.0), np.nan])
    assert result["samples"].tolist() == [2, 0] and result["samples"].dtype == np.int64


def test_summary_of_single_precision_is_double() -> None:
    result = error.summary([np.full((1, 3), 3e30, np.float32)], 0)
    assert result["rms_error"][0] == pytest.approx(3e30)


@pytest.mark.parametrize(("variables", "number"), [(1, 2), (1, 16), (2, 12), (3, 4), (3, 20), (6, 16)])
def test_directions_are_unit_and_always_the_same(variables: int, number: int) -> None:
    along = error.directions(variables, number)
    expected = {1: 2, 2: number}.get(variables, max(number, 2 * variables))
    assert along.shape == (expected, variables)
    np.testing.assert_allclose(np.linalg.norm(along, axis=1), 1.0, rtol=1e-14)
    np.testing.assert_array_equal(along, error.directions(variables, number))
    assert len(np.unique(along.round(12), axis=0)) == len(along)


def test_directions_begin_with_the_axes() -> None:
    np.testing.assert_array_equal(error.directions(3, 10)[:6], np.concatenate([np.eye(3), -np.eye(3)]))
