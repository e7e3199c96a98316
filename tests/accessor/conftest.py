"""One artifact in several blocks, and points in several pieces."""

import numpy as np
import pytest
import xarray as xr

import taylorkit as tk
from taylorkit import grid
from taylorkit.accessor import expansions
from tests.store.making import ATLAS, SMALL_BLOCK, Made, made


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """two_variable on 8 x 6 centres, in 4 blocks of whole rows of y."""
    return made(tmp_path_factory.mktemp("accessor"), ATLAS)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that there are several blocks of the centres, and several pieces of the points."""
    monkeypatch.setattr(grid, "BLOCK_BYTES", SMALL_BLOCK)
    monkeypatch.setattr(expansions, "PIECE", 7)


@pytest.fixture
def ds(run: Made) -> xr.Dataset:
    return tk.open(run.artifact)


@pytest.fixture
def points(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Within the grid and around it."""
    return tuple(rng.uniform(-1.5, 1.5, (2, 5, 4)))  # type: ignore[return-value]
