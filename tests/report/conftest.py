"""Small artifacts, and their pages written once."""

from pathlib import Path

import pytest

from taylorkit.plotting import Source
from taylorkit.report import write_page
from tests.plotting import synthetic

LOG = {"computed_at": "2026-11-22T22:30:00Z", "seconds": 1.23456, "device": "cpu", "host": "node-1"}


@pytest.fixture(scope="session")
def cubic() -> Source:
    made = synthetic.cubic((12, 10))
    return Source(made.root, made.evaluations, LOG)


@pytest.fixture(scope="session")
def page(cubic: Source, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_page(cubic, tmp_path_factory.mktemp("page"))
