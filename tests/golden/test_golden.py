"""Artifacts that a released version wrote stay readable: each `format_N` is kept as that release wrote it."""

from pathlib import Path

import numpy as np
import pytest

import taylorkit as tk

FOLDER = Path(__file__).parent
ARTIFACTS = sorted(FOLDER.glob("format_*/*.zarr"))
# Sums of a few products and a sine: a few roundings of values below 4.
ROUNDING = 1e-14


def test_there_are_artifacts() -> None:
    assert len(ARTIFACTS) >= 2


@pytest.mark.parametrize("artifact", ARTIFACTS, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_an_old_artifact_verifies_and_opens(artifact: Path) -> None:
    assert tk.verify(artifact) == []
    assert (tk.open(artifact).status == 0).all()


def test_an_old_artifact_holds_the_right_numbers() -> None:
    wave = tk.open(next(FOLDER.glob("format_1/wave-*.zarr")))
    x, y = wave.x.values[:, None], wave.y.values[None, :]
    right = {"1": np.sin(x) * y + x**2 * y, "x y": np.cos(x) + 2 * x + 0 * y, "x^3": -np.cos(x) * y}
    for term, values in right.items():
        np.testing.assert_allclose(wave.derivatives.sel(term=term), values, rtol=0, atol=ROUNDING)
