"""Artifacts in many small blocks, made once; tests that damage one take a copy."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from taylorkit import grid
from tests.store.making import ATLAS, LINE, SMALL_BLOCK, arrays, run, write_spec


@dataclass(frozen=True)
class Made:
    """A finished run: its spec, its store, its artifact and what that holds."""

    spec: Path
    store: Path
    artifact: Path
    arrays: dict[str, np.ndarray]

    def copied(self, folder: Path) -> "Made":
        store = folder / "copy"
        shutil.copytree(self.store, store)
        return Made(self.spec, store, store / self.artifact.name, self.arrays)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid, "BLOCK_BYTES", SMALL_BLOCK)


def _made(folder: Path, text: str) -> Made:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grid, "BLOCK_BYTES", SMALL_BLOCK)
        spec = write_spec(folder, text)
        job, _ = run(spec, folder / "store")
    return Made(spec, folder / "store", job.artifact, arrays(job.artifact))


@pytest.fixture(scope="session")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Two variables, 4 blocks of derivatives, an evaluation of 6."""
    return _made(tmp_path_factory.mktemp("atlas"), ATLAS)


@pytest.fixture(scope="session")
def line(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """One variable, one block each."""
    return _made(tmp_path_factory.mktemp("line"), LINE)


@pytest.fixture
def copy(atlas: Made, tmp_path: Path) -> Made:
    return atlas.copied(tmp_path)
