"""All suites, one after the other, in a folder that is gone after."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.benchmarks.pipeline import codecs, commitment, memory, overhead, overlap, prefect

SUITES = {
    "overlap": overlap,
    "codecs": codecs,
    "memory": memory,
    "overhead": overhead,
    "commitment": commitment,
    "prefect": prefect,
}


def measure(quick: bool, only: str | None = None, disk: Path | None = None) -> list[dict[str, Any]]:
    """The rows of all suites, or of one; they write below `disk`, by default the current folder."""
    with TemporaryDirectory(prefix=".taylorkit-pipeline-", dir=disk or Path.cwd()) as folder:
        return [
            row for name, suite in SUITES.items() if only in (None, name) for row in suite.measure(quick, Path(folder))
        ]
