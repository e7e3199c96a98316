"""The trained network of data/networks: its samples are patients, its page tells the scores that they give, its
derivatives are exact."""

from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest
from flint import arb

import taylorkit as tk
from taylorkit import multi_index
from taylorkit.loading import find_function
from taylorkit.spec import load
from tests.cases import tanh
from tests.derivatives.oracles import exact_series, precision

DATA = Path(__file__).parent.parent / "data"
SPEC = DATA / "specs" / "neural-network.toml"
ORDER = 4

# Three layers of sums of 16 products each: some 50 roundings of 2e-16.
TOLERANCE = 1e-14
# Half a unit of the samples' fourth decimal, in standard deviations.
ROUNDING = 5.1e-5

# Two rows of the published table, and their scores.
PUBLISHED = {
    151.0: (59.0, 2.0, 32.1, 101.0, 157.0, 93.2, 38.0, 4.0, 4.8598, 87.0),
    75.0: (48.0, 1.0, 21.6, 87.0, 183.0, 103.2, 70.0, 3.0, 3.8918, 69.0),
}


@pytest.fixture(scope="module")
def stored() -> dict[str, np.ndarray]:
    with np.load(DATA / "networks" / "diabetes.npz", allow_pickle=False) as kept:
        rows = {p: np.loadtxt(DATA / "networks" / f"diabetes-{p}.csv", delimiter=",") for p in ("train", "test")}
        return {name: kept[name] for name in kept.files} | rows


def layers(stored: dict[str, np.ndarray]) -> list[tuple[np.ndarray, np.ndarray]]:
    return [(stored[f"weights_{i}"], stored[f"bias_{i}"]) for i in range(3)]


def predicted(stored: dict[str, np.ndarray], rows: np.ndarray) -> np.ndarray:
    """The network again, in NumPy: (N,)."""
    (first, a), (second, b), (last, c) = layers(stored)
    hidden = np.tanh(np.tanh(rows @ first.T + a) @ second.T + b)
    return stored["target"][0] + stored["target"][1] * (hidden @ last[0] + c[0])


def explained(values: np.ndarray, target: np.ndarray) -> float:
    return 1 - float(np.sum((target - values) ** 2) / np.sum((target - target.mean()) ** 2))


def test_the_samples_are_the_published_patients(stored: dict[str, np.ndarray]) -> None:
    rows = np.concatenate([stored["train"], stored["test"]])
    scores = np.concatenate([stored["train_target"], stored["test_target"]])
    assert rows.shape == (442, 10)
    for score, patient in PUBLISHED.items():
        standard = (np.array(patient) - stored["mean"]) / stored["scale"]
        away = np.abs(rows - standard).max(axis=1)
        assert away.min() < ROUNDING
        assert scores[away.argmin()] == score


def test_the_page_tells_the_scores_of_these_weights(stored: dict[str, np.ndarray]) -> None:
    target, words = stored["test_target"], " ".join(load(SPEC).report.words.split())
    error = predicted(stored, stored["test"]) - target
    design, plane = (np.column_stack([np.ones(len(rows)), rows]) for rows in (stored["train"], stored["test"]))
    fitted = plane @ np.linalg.lstsq(design, stored["train_target"], rcond=None)[0]
    assert f"explains R² = {explained(error + target, target):.3f}" in words
    assert f"is {np.sqrt(np.mean(error**2)):.0f} points" in words
    assert f"Least squares on the same ten numbers explains {explained(fitted, target):.3f}" in words
    assert f"it is {stored['scores_network'].mean():.3f} for networks" in words
    assert f"and {stored['scores_least_squares'].mean():.3f} for least squares" in words
    assert stored["scores_network"][0] == pytest.approx(explained(error + target, target), abs=1e-12)


def test_age_and_sex_are_what_the_data_ask_for_first(stored: dict[str, np.ndarray]) -> None:
    """The largest t statistic among squares and products that are added to least squares one by one."""
    rows, names = stored["train"], stored["variables"].tolist()
    pairs = [(i, j) for i in range(10) for j in range(i, 10) if (i, j) != (1, 1)]  # sex has two values
    statistics = [_t(np.column_stack([np.ones(len(rows)), rows, rows[:, i] * rows[:, j]]), stored) for i, j in pairs]
    first = int(np.argmax(np.abs(statistics)))
    assert [names[i] for i in pairs[first]] == ["age", "sex"]
    words = " ".join(load(SPEC).report.words.split())
    assert f"of the {len(pairs)} squares and products" in words
    assert f"the largest t statistic ({statistics[first]:.1f})" in words


def _t(design: np.ndarray, stored: dict[str, np.ndarray]) -> float:
    """Of the last column's coefficient in least squares."""
    target = stored["train_target"]
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ design.T @ target
    variance = np.sum((target - design @ coefficients) ** 2) / (len(target) - design.shape[1])
    return float(coefficients[-1] / np.sqrt(variance * inverse[-1, -1]))


def test_its_derivatives_are_exact(stored: dict[str, np.ndarray], rng: np.random.Generator) -> None:
    """In full at degrees 1 and 2; at all four along rays, where the terms of a degree add up to one coefficient."""
    f = find_function("neural_network.py:progression", SPEC.parent).function
    points = stored["train"][[0, 46, 200]]
    derivatives = tk.derivatives(f, points, ORDER)
    np.testing.assert_allclose(derivatives.packed[0], predicted(stored, points), rtol=TOLERANCE)
    with jax.enable_x64(True):
        gradients, hessians = jax.jit(jax.vmap(lambda v: (jax.jacfwd(f)(v), jax.hessian(f)(v))))(points)
        for degree, expected in ((1, gradients), (2, hessians)):
            assert np.abs(derivatives.tensor(degree) - expected).max() <= TOLERANCE * np.abs(expected).max()
    exponents, coefficients = np.asarray(derivatives.multi_indices), np.asarray(derivatives.coefficients)
    for n, point in enumerate(points):
        along = rng.integers(-3, 4, 10)
        terms = coefficients[:, n] * np.prod(along.astype(float) ** exponents, axis=1)
        with precision(ORDER):
            exact = exact_series(lambda *v: [_exact(stored, v)], point, along, ORDER)[0]
        for degree in range(ORDER + 1):
            mine = terms[multi_index.degrees(10, ORDER) == degree]
            assert abs(mine.sum() - float(exact[degree].mid())) <= TOLERANCE * np.abs(mine).sum()


def _exact(stored: dict[str, np.ndarray], v: Any) -> Any:
    """The network in power series of real balls."""
    values = list(v)
    for i, (weights, bias) in enumerate(layers(stored)):
        sums = [
            sum((arb(float(w)) * x for w, x in zip(row, values, strict=True)), arb(float(b)))
            for row, b in zip(weights, bias, strict=True)
        ]
        values = [tanh(s) for s in sums] if i < 2 else sums
    return arb(float(stored["target"][0])) + arb(float(stored["target"][1])) * values[0]
