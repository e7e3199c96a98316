"""Peak resident memory and time against the number of points, each run in a process of its own.

From the peak that of the same run over one block's worth of points is taken away: libraries, kernels and one pass of
everything. What is left would grow with N if anything did.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.benchmarks.pipeline.rows import row

POINTS = {True: (10_000, 100_000), False: (10_000, 100_000, 1_000_000, 10_000_000)}
BASE, CASE = 1_000, "two-variable"

CHILD = """
import json, shutil, sys
from pathlib import Path
from time import perf_counter
from taylorkit import pipeline
from tests.benchmarks.pipeline.rows import planned
folder, case, points = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
job = planned(folder, case, points)
start = perf_counter()
pipeline.run(job)
seconds = perf_counter() - start
# What getrusage says begins with the size of the process that started this one.
peak = 1024 * int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
files = [p.stat().st_size for p in job.artifact.rglob("*") if p.is_file()]
print(json.dumps({"seconds": seconds, "peak": peak, "stored": sum(files), "bytes": job.bytes,
                  "files": len(files), "budget": job.memory, "in_flight": job.in_flight}))
shutil.rmtree(job.artifact)
"""


def measure(quick: bool, folder: Path) -> list[dict[str, Any]]:
    # The first one compiles, and keeps the kernels for those after it.
    _, base = (child(folder / "memory", CASE, BASE)["peak"] for _ in range(2))
    return [_row(points, base, child(folder / "memory", CASE, points)) for points in POINTS[quick]]


def child(folder: Path, case: str, points: int) -> dict[str, Any]:
    """What one run in a process of its own saw of itself."""
    words = [sys.executable, "-c", CHILD, str(folder), case, str(points)]
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"a run over {points} points failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def _row(points: int, base: float, seen: dict[str, Any]) -> dict[str, Any]:
    what = f"{seen['files']} files, {seen['in_flight']} blocks in flight"
    kept = {"bytes": seen["bytes"], "stored": seen["stored"], "budget": seen["budget"]}
    return row("memory", CASE, what, [seen["seconds"]], points=points, peak=seen["peak"] - base, **kept)
