"""Artifacts in many small blocks, made once; tests that damage one take a copy."""

from pathlib import Path

import pytest

from taylorkit import grid
from tests.store.making import ATLAS, LINE, SMALL_BLOCK, Made, made


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid, "BLOCK_BYTES", SMALL_BLOCK)


@pytest.fixture(scope="session")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Two variables, 4 blocks of derivatives, an evaluation of 6."""
    return made(tmp_path_factory.mktemp("atlas"), ATLAS)


@pytest.fixture(scope="session")
def line(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """One variable, one block each."""
    return made(tmp_path_factory.mktemp("line"), LINE)


@pytest.fixture
def copy(atlas: Made, tmp_path: Path) -> Made:
    return atlas.copied(tmp_path)
