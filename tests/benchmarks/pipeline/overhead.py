"""What a run costs beside its numbers: starting, and finding that all is there."""

import subprocess
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

from tests.benchmarks.pipeline.rows import row

ROUNDS = {True: 2, False: 7}
SPECS = Path("data/specs")
CACHED = "mml-5-15"

JAX = "import jax"
PACKAGE = "import jax, taylorkit"
DERIVATIVES = "import jax; from taylorkit import derivatives"


def measure(quick: bool, folder: Path) -> list[dict[str, Any]]:
    rounds, folder = ROUNDS[quick], folder / "overhead"
    run = ["-m", "taylorkit.cli", "run", str(SPECS / f"{CACHED}.toml"), "--store", str(folder / "cached")]
    spent = {JAX: ["-c", JAX], PACKAGE: ["-c", PACKAGE], DERIVATIVES: ["-c", DERIVATIVES], "a cached run": run}
    _process(run)
    times: dict[str, list[float]] = {name: [] for name in spent}
    for _ in range(rounds):
        for name, words in spent.items():
            times[name].append(_process(words))
    return [row("overhead", "process", name, ts) for name, ts in times.items()]


def _process(words: list[str]) -> float:
    start = perf_counter()
    subprocess.run([sys.executable, *words], check=True, capture_output=True)
    return perf_counter() - start
