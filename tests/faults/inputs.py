"""How much memory a run takes for points from a file, over what importing takes, against its budget.

    python -m tests.faults.inputs --count 5000000 --budget 256

A grid of scattered points, then one that is also an atlas for as many evaluation points. Each in a process of its own.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from tests.store.making import write_spec

SCATTERED = """
function = "two_variable"
variables = ["x", "y"]
call = "scalars"
order = 0
grid = {{ points = "centers.npy" }}
trust = {{ samples = 0 }}
memory = {{ budget = "{budget} MiB" }}
"""
ATLAS = '\n[evaluations.near]\nsource = "atlas"\npoints = "near.npy"\n'
# Of the budget, over what importing takes: memory that threads have freed stays with the process.
MOST = 1.25

MEASURED = """
import json, sys
from pathlib import Path
from taylorkit import pipeline
from taylorkit.errors import SpecError

def peak():
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024

def run(spec, *overrides):
    try:
        pipeline.run(pipeline.plan(spec, overrides, sys.argv[2]))
        return "done"
    except SpecError as error:
        return str(error).partition(": ")[2]

run(sys.argv[1], "grid={points=[[0.5,0.5],[1.0,2.0]]}", "evaluations={}")
before = peak()
said = run(sys.argv[1])
print(json.dumps({"peak": peak() - before, "said": said}))
"""


def measured(points: int, budget: int, atlas: bool) -> tuple[float, str]:
    """The peak over that of a run of two points, in MiB, and what became of the run."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        random = np.random.default_rng(0)
        for file in ("centers.npy", "near.npy"):
            np.save(folder / file, random.random((points, 2)))
        spec = write_spec(folder, SCATTERED.format(budget=budget) + (ATLAS if atlas else ""))
        command = [sys.executable, "-c", MEASURED, str(spec), str(folder / "store")]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found = json.loads(done.stdout.splitlines()[-1])
        return found["peak"], found["said"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", "--points", type=int, default=20_000_000, help="points in each file")
    parser.add_argument("--budget", type=int, default=256, help="MiB")
    options = parser.parse_args()
    shares = []
    for atlas in (False, True):
        peak, said = measured(options.count, options.budget, atlas)
        shares.append(peak / options.budget)
        kind = "atlas" if atlas else "grid"
        print(f"{kind}, {options.count} points: +{peak:.0f} MiB, {shares[-1]:.2f} of the budget; {said}")
    print(f"{len(shares)} runs of {options.count} points: at most {max(shares):.2f} of the budget, {MOST} is allowed")
    return int(max(shares) > MOST)


if __name__ == "__main__":
    sys.exit(main())
