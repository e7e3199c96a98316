"""The trained network of data/networks: its samples are patients, its page tells the scores that they give, its
derivatives are exact."""

from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest
import xarray as xr
from flint import arb

import taylorkit as tk
from taylorkit import multi_index
from taylorkit.loading import find_function
from taylorkit.spec import load
from tests.cases import tanh
from tests.derivatives.oracles import exact_series, precision
from tests.store.making import run
from tests.words import assert_said, told

DATA = Path(__file__).parent.parent / "data"
SPEC = DATA / "specs" / "neural-network.toml"
ORDER = 4

# Three layers of sums of 16 products each: some 50 roundings of 2e-16, and hyperbolic tangents of other libraries.
TOLERANCE = 1e-13
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
    spreads = [stored[f"scores_{model}"].std() for model in ("network", "least_squares")]
    assert_said(words, r"give or take ([\d.]+) and ([\d.]+) from split to split", *spreads)
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


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    job, _ = run(SPEC, tmp_path_factory.mktemp("network"), "report.figures=[]")
    return job.artifact


@pytest.fixture(scope="module")
def root(artifact: Path) -> xr.Dataset:
    return tk.open(artifact).load()


def places(dataset: xr.Dataset, variables: list[str]) -> np.ndarray:
    """Its points: (N, 10)."""
    return np.stack([dataset[v].values for v in variables], axis=-1)


def rms(errors: np.ndarray) -> np.ndarray:
    """Over the last axis."""
    return np.sqrt(np.mean(errors**2, axis=-1))


def test_the_page_tells_where_the_pictures_hold(artifact: Path, root: xr.Dataset) -> None:
    words, nearest = told(SPEC), tk.open(artifact, "nearest").load()
    tolerance, medians = root.attrs["trust"]["tolerance"], np.median(root.trust_radius, axis=1)
    unseen = (np.abs(nearest.error.values) <= tolerance).sum(axis=1)
    assert_said(words, r"within (\d) points of the network", tolerance)
    for k, picture in enumerate(("linear", "quadratic", "cubic", "quartic"), start=1):
        assert_said(words, rf"\| {picture} \| ([\d.]+) \| (\d+)(?: of 111)? \|", medians[k], unseen[k])
    variables = root.attrs["variables"]
    centers = places(root, variables)[nearest.center_index.values]
    away = np.linalg.norm(places(nearest, variables) - centers, axis=1)
    assert_said(words, r"nearest training patient, ([\d.]+) away in the median", np.median(away))
    assert np.isnan(root.convergence_radius).all() and "four degrees are too few to estimate one" in words
    error = nearest.rms_error.values
    assert_said(words, r"root mean square falls from (\d+) points to ([\d.]+)\.", error[0], error[ORDER])


def test_the_page_tells_what_one_patient_knows_of_the_others(artifact: Path, root: xr.Dataset) -> None:
    words, typical = told(SPEC), tk.open(artifact, "typical").load()
    variables = root.attrs["variables"]
    center = np.array([typical.attrs["center"][v] for v in variables])
    away = np.linalg.norm(places(typical, variables) - center, axis=1)
    beyond = away > 3.5
    assert_said(words, r"standard deviations away in the median, and (\d+) of them more than 3\.5\.", beyond.sum())
    assert_said(words, r"others are ([\d.]+) standard deviations away", np.median(away))
    error, outside = rms(typical.error.values), rms(typical.error.values[:, beyond])
    assert error.argmin() == outside.argmin() == 2
    assert_said(words, r"the best there is \((\d+) points\); degrees 3 and 4 make it worse \((\d+)\)", *error[[2, 3]])
    assert_said(words, r"At those 35 alone it is (\d+) points, and (\d+)\.", *outside[[2, 3]])
    assert error[3] == pytest.approx(error[4], abs=0.5) and outside[3] == pytest.approx(outside[4], abs=0.5)


def test_the_page_tells_how_far_the_map_of_two_measurements_holds(artifact: Path) -> None:
    words, errors = told(SPEC), np.abs(tk.open(artifact, "pair").error.values).reshape(ORDER + 1, -1)
    shares, worst = 100 * np.mean(errors <= 5, axis=1), errors.max(axis=1)
    assert_said(words, r"wrong by more than (\d+) points, and within 5 over (\d+) %", worst[1], shares[1])
    assert_said(words, r"quadratic is within 5 over (\d+) % and wrong by (\d+)", shares[2], worst[2])
    assert_said(words, r"the quartic over (\d+) % and wrong by (\d+)", shares[4], worst[4])


def test_the_page_tells_which_terms_are_large(root: xr.Dataset) -> None:
    words, exponents = told(SPEC), root.exponent.values
    names = [str(term) for term in root.term.values]
    second = exponents.sum(axis=1) == 2
    coefficients = root.derivatives.values[second] / exponents[second].max(axis=1)[:, None]  # ∂ᵅf / α!
    largest = int(np.abs(coefficients.mean(axis=1)).argmax())
    assert np.array(names)[second][largest] == "age sex"
    pattern = r"is age · sex, ([\d.]+) points, positive at (\d+) % of patients"
    assert_said(words, pattern, coefficients[largest].mean(), 100 * np.mean(coefficients[largest] > 0))
    squares = exponents[second].max(axis=1) == 2
    share = np.sum(coefficients[squares] ** 2) / np.sum(coefficients**2)
    assert_said(words, r"squares of single variables are (\d+) %", 100 * share)
    raised, sex = root.derivatives.values[names.index("age")] > 0, root.sex.values
    rates = [100 * np.mean(raised[sex == value]) for value in np.unique(sex)[::-1]]
    assert_said(
        words, r"it raises the prediction at half of them, at (\d+) % of one sex and (\d+) % of the other", *rates
    )


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
