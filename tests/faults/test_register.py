"""Each fault that was found by trying has a test of its own, named after it."""

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
# W: wrong numbers. P: calls as the post writes them. E, R: failures and reports. S: stores, service, security.
# Those that are missing are of speed alone, and are rows of the benchmark.
FAULTS = [
    *(f"W{n}" for n in range(1, 14)),
    *(f"P{n}" for n in range(1, 5)),
    *(f"E{n}" for n in (1, 2, 5, 6)),
    *(f"S{n}" for n in range(1, 13)),
    *(f"R{n}" for n in range(1, 28) if n not in (12, 13, 19)),
]


MARK = re.compile(r"(?<=_)[WPESR]\d+(?=_|$)")


def names() -> list[str]:
    """Every test function below `tests/`, those of classes too."""
    trees = (ast.parse(path.read_text()) for path in TESTS.rglob("test_*.py"))
    found = (node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    return [name for name in found if name.startswith("test_")]


def test_every_fault_has_its_test() -> None:
    known = {mark for name in names() if name.startswith("test_fault_") for mark in MARK.findall(name)}
    assert not set(FAULTS) - known, "a fault has no test named test_fault_ID…"
    assert not known - set(FAULTS), "a test is named after a fault that is not in the list"
