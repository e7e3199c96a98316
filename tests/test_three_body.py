"""The flow map of data/specs/three_body.py, and its Taylor map, against integrations and derivatives of others."""

import inspect
from pathlib import Path

import jax
import numpy as np
import pytest
from scipy.integrate import solve_ivp

import taylorkit as tk
from taylorkit.loading import find_function
from taylorkit.precision import scope
from taylorkit.spec.cloud import offsets

START = np.array([1.1599142517039056, 0.0, 0.12493104137908298, 0.0, -0.20877759243379301, 0.0])
# What 40 steps of order 8 leave (4e-12 was seen at the end), DOP853's own error at its least tolerance among it.
INTEGRATED = 4e-11
# Less than 1e-12 was seen.
JACOBI = 1e-11
# The same of the derivatives to the start, to the largest of them (8e-11 was seen).
VARIED = 1e-9
# Two computations of some ten thousand operations each, in different orders, to the largest entry of a degree.
ROUNDING = 2.0**-40


@pytest.fixture(scope="module")
def body() -> dict:
    """What stands in the file beside the spec."""
    return inspect.unwrap(find_function("three_body.py:flow", Path("data/specs")).function).__globals__


@pytest.fixture(scope="module")
def T(body: dict) -> tk.TaylorPolynomial:
    found = tk.taylor(body["flow"], START, 3, method="series")
    return tk.TaylorPolynomial(START, np.asarray(found.coefficients))


def force(q: np.ndarray, mu: float) -> tuple[np.ndarray, np.ndarray]:
    """Of both bodies, and its derivative to the position: (3,) and (3, 3)."""
    total, slope = np.zeros(3), np.zeros((3, 3))
    for mass, place in ((1 - mu, -mu), (mu, 1 - mu)):
        d = q - [place, 0, 0]
        r = np.linalg.norm(d)
        total -= mass * d / r**3
        slope += mass * (3 * np.outer(d, d) / r**5 - np.eye(3) / r**3)
    return total, slope


def rates(_: float, y: np.ndarray, mu: float) -> np.ndarray:
    """The equations of motion in the turning frame, and after the state the variational equations: (6,) or (42,)."""
    pull, slope = force(y[:3], mu)
    turning = np.array([[0.0, 2, 0], [-2, 0, 0], [0, 0, 0]])
    outwards = np.diag([1.0, 1, 0])
    own = np.concatenate([y[3:6], pull + outwards @ y[:3] + turning @ y[3:6]])
    jacobian = np.block([[np.zeros((3, 3)), np.eye(3)], [slope + outwards, turning]])
    return np.concatenate([own, (jacobian @ y[6:].reshape(6, -1)).reshape(-1)]) if len(y) > 6 else own


def integrated(y: np.ndarray, time: float, mu: float) -> np.ndarray:
    return solve_ivp(rates, (0, time), y, "DOP853", rtol=2.3e-14, atol=1e-15, args=(mu,)).y[:, -1]


def jacobi(y: np.ndarray, mu: float) -> float:
    x, y_, z = y[:3]
    r1, r2 = (np.linalg.norm([x - place, y_, z]) for place in (-mu, 1 - mu))
    return x * x + y_ * y_ + 2 * (1 - mu) / r1 + 2 * mu / r2 - y[3:] @ y[3:]


def after(body: dict, time: float, steps: int) -> np.ndarray:
    with scope(np.dtype(np.float64)):
        return np.asarray(body["after"](np.asarray(START), time, steps))


def test_the_orbit_of_the_catalogue_closes(body: dict) -> None:
    np.testing.assert_allclose(after(body, body["PERIOD"], 2 * body["STEPS"]), START, rtol=0, atol=INTEGRATED)


def test_the_integrator(body: dict) -> None:
    mu, half = body["MU"], body["PERIOD"] / 2
    exact = integrated(START, half, mu)
    end = after(body, half, body["STEPS"])
    np.testing.assert_allclose(end, exact, rtol=0, atol=INTEGRATED)
    assert abs(jacobi(end, mu) - jacobi(START, mu)) < JACOBI
    coarse, fine = (np.abs(after(body, half, steps) - exact).max() for steps in (10, 20))
    assert 2**7 < coarse / fine < 2**9  # of order 8


def test_degree_1_is_what_the_variational_equations_give(body: dict, T: tk.TaylorPolynomial) -> None:
    whole = integrated(np.concatenate([START, np.eye(6).reshape(-1)]), body["PERIOD"] / 2, body["MU"])
    np.testing.assert_allclose(T.tensor(1), whole[6:].reshape(6, 6), rtol=0, atol=VARIED * np.abs(whole[6:]).max())


def test_degree_1_is_symplectic(T: tk.TaylorPolynomial) -> None:
    to_momenta = np.eye(6)
    to_momenta[3, 1], to_momenta[4, 0] = -1, 1  # p = v + (-y, x, 0)
    M = to_momenta @ T.tensor(1) @ np.linalg.inv(to_momenta)
    J = np.block([[np.zeros((3, 3)), np.eye(3)], [-np.eye(3), np.zeros((3, 3))]])
    np.testing.assert_allclose(M.T @ J @ M, J, rtol=0, atol=ROUNDING * np.abs(M).max() ** 2)


def test_all_degrees_are_what_nested_jacfwd_gives(body: dict, T: tk.TaylorPolynomial) -> None:
    other = tk.taylor(body["flow"], START, 3, method="nested")
    for k in range(4):
        mine, nested = T.tensor(k), np.asarray(other.tensor(k))
        assert np.abs(mine - nested).max() <= ROUNDING * np.abs(nested).max(), k


def test_a_cloud_is_mapped_better_by_each_degree(body: dict, T: tk.TaylorPolynomial) -> None:
    rows = START + offsets(256, np.full(6, 5e-4))
    with scope(np.dtype(np.float64)):
        truth = np.asarray(jax.vmap(body["flow"])(rows))
    errors = np.sqrt(np.mean((T.partial_sums(rows) - truth) ** 2, axis=(1, 2)))
    assert (errors[1:] < errors[:-1] / 4).all() and errors[-1] < 1e-4
