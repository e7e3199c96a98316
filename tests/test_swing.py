"""What the page of data/specs/swing.toml says of its function is so."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import taylorkit as tk
from tests.store.making import run
from tests.words import assert_said, told

SPEC = Path(__file__).parents[1] / "data" / "specs" / "swing.toml"
ORDER = 10
# f(x) is the imaginary part of exp(z x + i / 2).
Z = 0.25 + 1j


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    job, _ = run(SPEC, tmp_path_factory.mktemp("swing"), "report.figures=[]")
    return job.artifact


@pytest.fixture(scope="module")
def root(artifact: Path) -> xr.Dataset:
    return tk.open(artifact).load()


def test_the_comparison_can_fail() -> None:
    """Other numbers, other words, and words said twice."""
    assert_said("from 3.1 to 12,000 points", r"from ([\d.]+) to ([\d,]+) points", 3.14, 12000)
    with pytest.raises(AssertionError):
        assert_said("from 3.1 to 9 points", r"from ([\d.]+) to (\d+) points", 3.16, 9)
    for words in ("nothing of it", "3.1 points, then 3.1 points"):
        with pytest.raises(ValueError, match="to unpack"):
            assert_said(words, r"([\d.]+) points", 3.1)


def test_its_derivatives_are_those_of_the_closed_form(root: xr.Dataset) -> None:
    exact = (Z ** np.arange(ORDER + 1) * np.exp(0.5j)).imag
    np.testing.assert_allclose(root.derivatives[:, 0], exact, rtol=1e-13, atol=1e-15)


def test_the_largest_error_is_as_said(artifact: Path) -> None:
    words, largest = told(SPEC), tk.open(artifact, "interval").max_error.values
    turn = int(largest.argmax())
    pattern = r"from ([\d.]+) at degree 0 to ([\d.]+) at degree (\d+), and then falls, to ([\d.]+) at degree (\d+)\."
    assert_said(words, pattern, largest[0], largest[turn], turn, largest[ORDER], ORDER)
    assert_said(words, r"grows until \$k \\approx ([\d.]+)\$", 4 * abs(Z))
    # How much of its bound |z|ᵏ each derivative reaches.
    share = np.abs((Z ** np.arange(ORDER + 1) * np.exp(0.5j)).imag) / np.abs(Z) ** np.arange(ORDER + 1)
    small = sorted(np.argsort(share)[:2])
    assert_said(words, r"those of degrees (\d+) and (\d+) are, so degree", *small)
    assert_said(
        words, r"degree (\d+) \(([\d.]+)\) is no better than degree (\d+) \(([\d.]+)\)", 9, largest[9], 8, largest[8]
    )
    assert largest[9] > largest[8]


def test_the_trusted_distances_are_as_said(root: xr.Dataset) -> None:
    words, radius = told(SPEC), root.trust_radius.values[:, 0]
    assert_said(words, r"error of at most ([\d.]+), by sampling", root.attrs["trust"]["tolerance"])
    assert radius[0] == 0
    assert_said(words, r"not at all at degree 0, ([\d.]+) at degree (\d+)\.", radius[ORDER], ORDER)
    gains = np.diff(radius)
    pattern = r"gains ([\d.]+) in the mean, and anything from ([\d.]+) to ([\d.]+)\."
    assert_said(words, pattern, gains.mean(), gains.min(), gains.max())
