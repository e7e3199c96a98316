"""What is measured can be read: tables and plots of rows that are made up, and rows that are JSON."""

import json
from pathlib import Path

from tests.benchmarks.pipeline import draw, markdown
from tests.benchmarks.pipeline.codecs import READ, WRITE
from tests.benchmarks.pipeline.commitment import SHARE
from tests.benchmarks.pipeline.overlap import COMPUTE, PIPELINE, ZARR
from tests.benchmarks.pipeline.prefect import ADDED
from tests.benchmarks.pipeline.rows import row

SIZE = {"points": 1000, "bytes": 2 * 10**9}
ROWS = [
    row("overlap", "polynomial", COMPUTE, [0.5, 0.4, 0.6], **SIZE),
    row("overlap", "polynomial", ZARR, [2.0, 2.0], **SIZE),
    row("overlap", "polynomial", PIPELINE, [1.0], **SIZE, share=1.5, bound=ZARR),
    row("codecs", "polynomial", f"lz4: {WRITE}", [4.0], bytes=10**9, stored=5 * 10**8),
    row("codecs", "polynomial", f"none: {READ}", [0.5], bytes=10**9, stored=10**9),
    *(
        row(
            "memory", "polynomial", "9 files", [n * 1e-5], points=n, bytes=200 * n, stored=n, peak=3e8, budget=4 * 10**8
        )
        for n in (10_000, 100_000)
    ),
    row("overhead", "process", "a cached run", [1.5, 1.25]),
    row("task", "two-variable", SHARE, [], share=0.04),
    row("task", "two-variable", ADDED, [0.5], share=0.02),
]


def test_rows_are_plain() -> None:
    assert json.loads(json.dumps(ROWS)) == ROWS
    assert (ROWS[0]["seconds"], ROWS[0]["least"], ROWS[0]["most"], ROWS[0]["rounds"]) == (0.5, 0.4, 0.6, 3)


def test_tables() -> None:
    text = markdown(ROWS)
    assert "| polynomial: pipeline | 1,000 | 1 | 1 | 1 | 2 | 150 % | Zarr |" in text
    assert "| polynomial: lz4 | 0.25 | – | 2 |" in text
    assert "| polynomial: none | – | 2 | 1 |" in text
    assert "| 10,000 | 9 files | 0.002 | 1e-05 | 0.1 | 10 | 300 | 400 |" in text
    assert "| a cached run | 1.38 | 1.25 | 1.5 |  |" in text
    assert "≤ 5 % of the time of a task of derivatives: not reached** |  |  |  | 6.0 % |" in text
    assert "derivatives: reached" in markdown([*ROWS[:-1], ROWS[-1] | {"share": 0.01}])
    assert "reached" not in markdown(ROWS[:-1])
    assert markdown([]) == ""


def test_plots(tmp_path: Path) -> None:
    assert [path.name for path in draw(ROWS, tmp_path)] == [
        "benchmark-pipeline-overlap.png",
        "benchmark-pipeline-memory.png",
    ]
    assert draw(ROWS[3:5], tmp_path) == []
