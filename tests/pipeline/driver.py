"""`python -m tests.pipeline.driver SPEC STORE BLOCK_BYTES PAUSE [GATE]`: a run in small blocks, slow enough to kill.

Each record waits for PAUSE seconds after its shards, so that a kill falls between the two as often as elsewhere. With a
GATE the run begins when that file is there.
"""

import sys
import time
from pathlib import Path

from taylorkit import grid, pipeline
from taylorkit.store import records


def main(spec: str, store: str, block_bytes: str, pause: str, gate: str | None = None) -> None:
    grid.BLOCK_BYTES = int(block_bytes)
    write = records.write

    def slowly(folder: Path, record: dict) -> None:
        time.sleep(float(pause))
        write(folder, record)

    records.write = slowly
    job = pipeline.plan(spec, store=store)
    Path(f"{store}.{time.time_ns()}.ready").touch()
    while gate and not Path(gate).exists():
        time.sleep(0.01)
    filled = pipeline.run(job)
    print(sum(f.computed for f in filled))


if __name__ == "__main__":
    main(*sys.argv[1:])
