"""What is run, each once in a folder.

Most are of one kind: an atlas and an evaluation at one centre, with radii, in a few dozen small blocks.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from taylorkit import grid, pipeline
from taylorkit.errors import SpecError
from tests.chaos.process import finished, started
from tests.store.making import LINE, Made, arrays, made, write_spec

# What a block has where nobody makes it small; below it is set.
LARGE_BLOCK = grid.BLOCK_BYTES

SPEC = """
function = "two_variable"
variables = ["x", "y"]
call = "scalars"
order = 2

[grid]
x = {{ start = -1.0, stop = 1.0, num = {rows} }}
y = {{ start = -1.0, stop = 1.0, num = 5 }}

[evaluations.map]
x = {{ start = -1.0, stop = 1.0, num = {rows} }}
y = {{ start = -1.0, stop = 1.0, num = 9 }}

[evaluations.near]
center = {{ x = 0.0, y = 0.0 }}
x = {{ start = -0.5, stop = 0.5, num = 7 }}

[trust]
samples = 4
"""

# Two that are quickly drawn, of both kinds of evaluation.
SHOWN = """
[report]
figures = [{ kind = "convergence", evaluation = "near" }, { kind = "error_map", evaluation = "map", degrees = [2] }]
"""

# The smallest of its kind: what is damaged is computed again, a hundred times.
TIMING = """
kind = "timing"
suite = "jacobians"
shapes = [[2, 3]]
repetitions = 1
"""

# In blocks as they are by default, a few in each step: memory and cores have something to decide.
LARGE = """
function = "two_variable"
variables = ["x", "y"]
call = "scalars"
order = 4

[grid]
x = { start = -1.0, stop = 1.0, num = 600 }
y = { start = -1.0, stop = 1.0, num = 400 }

[evaluations.map]
x = { start = -1.0, stop = 1.0, num = 500 }
y = { start = -1.0, stop = 1.0, num = 400 }

[trust]
samples = 2
directions = 4
"""


@cache
def small(folder: Path) -> Made:
    """Few blocks: each of its files can be damaged in turn."""
    return made(folder / "small", SPEC.format(rows=9))


@cache
def wide(folder: Path) -> Made:
    """Enough blocks that a run of it lasts."""
    return made(folder / "wide", SPEC.format(rows=33))


@cache
def tiny(folder: Path) -> Made:
    """Hardly any blocks: each write of it can fail in turn."""
    return made(folder / "tiny", LINE)


@cache
def shown(folder: Path) -> Made:
    """One whose report is drawn."""
    return made(folder / "shown", SPEC.format(rows=9) + SHOWN)


@cache
def timing(folder: Path) -> Made:
    """Numbers that no second run gives again."""
    return made(folder / "timing", TIMING)


@cache
def large(folder: Path) -> tuple[Made, dict[str, Any]]:
    """One of large blocks, and the facts that the run told of itself."""
    spec, store, facts = write_spec(folder, LARGE, "large"), folder / "large", folder / "large.json"
    options = ["--block", LARGE_BLOCK, "--facts", facts]
    artifact = Path(finished(started(spec, store, options=options)))
    return Made(spec, store, artifact, arrays(artifact)), json.loads(facts.read_text())


def least_budget(folder: Path, blocks: int) -> int:
    """The least budget in MiB, of steps of ten, with which a run of `large` holds so many blocks at once."""
    return next(budget for budget in range(50, 1000, 10) if _in_flight(large(folder)[0].spec, budget) == blocks)


def _in_flight(spec: Path, budget: int) -> int:
    try:
        with patch.object(grid, "BLOCK_BYTES", LARGE_BLOCK):
            return pipeline.plan(spec, [f"memory.budget='{budget} MiB'"], spec.parent / "none").in_flight
    except SpecError:
        return 0
