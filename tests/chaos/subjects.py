"""What is run: an atlas and an evaluation at one centre, with radii, in a few dozen small blocks; once in a folder."""

from functools import cache
from pathlib import Path

from tests.store.making import LINE, Made, made

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

EVALUATIONS = ("map", "near")  # LINE has the second alone


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
