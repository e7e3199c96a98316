"""`python -m tests.chaos`: do everything, print what held; exit 1 if something did not. In full it writes the page."""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from unittest.mock import patch

os.environ.setdefault("JAX_PLATFORMS", "cpu")

from taylorkit import grid
from tests.chaos import ledger
from tests.chaos.outcome import CannotTryError
from tests.chaos.rows import ROWS, Row
from tests.store.making import SMALL_BLOCK


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few trials of each row: does it run?")
    parser.add_argument("--only", choices=ROWS, help="one row alone")
    parser.add_argument("--count", type=int, help="so many trials")
    parser.add_argument("--seed", type=int, default=0, help="draws the trials; the first of a row that lists them")
    parser.add_argument("--write", action="store_true", help="add this slice to docs/chaos.json and docs/chaos.md")
    asked = parser.parse_args(arguments)
    part = asked.quick or asked.count is not None
    faults = 0
    for name, row in ROWS.items():
        if asked.only not in (None, name):
            continue
        try:
            found = _run(row, asked.count or (row.quick if asked.quick else row.full), asked.seed)
        except CannotTryError as error:
            # Neither held nor failed: what is known from elsewhere stays as it is.
            print(f"{name}: not run: {error}", flush=True)
            continue
        faults += _say(name, found)
        if asked.write or not part:
            ledger.write(name, asked.seed, found, alone=not part)
    return 1 if faults else 0


def _run(row: Row, count: int, seed: int) -> ledger.Slice:
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="taylorkit-chaos-") as folder, _one_cache(Path(folder)):
        outcomes = list(row.trials(Path(folder), count, seed))
    return ledger.Slice(outcomes, time.perf_counter() - start)


def _one_cache(folder: Path) -> patch.dict:
    """Compiled kernels are kept for this process and those that it starts; blocks are small here as they are there."""
    grid.BLOCK_BYTES = SMALL_BLOCK
    return patch.dict(os.environ, {"TAYLORKIT_CACHE": os.environ.get("TAYLORKIT_CACHE", str(folder / "cache"))})


def _say(name: str, found: ledger.Slice) -> int:
    plain = found.plain()
    print(f"{name}: {plain['times']} times, {len(plain['faults'])} faults, {plain['seconds']} s; {plain['kinds']}")
    for line in (*plain["faults"], *plain.get("notes", ())):
        print(f"  {line}")
    sys.stdout.flush()
    return len(plain["faults"])


if __name__ == "__main__":
    sys.exit(main())
