"""The table that `auto` reads: seconds of this project's own methods, by kind of program, D and order.

Problems of one kind are taken together by the geometric mean, over the methods that ran in all of them.
"""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from taylorkit.differentiation import METHODS
from tests.benchmarks.record import Record, Row

# Where it is kept: installed with the package.
PATH = Path("taylorkit/differentiation/crossovers.json")
KEY = ("kind", "scalar_output", "variables", "order")


def crossovers(record: Record, machine: str) -> list[dict[str, Any]]:
    """One entry for each kind, D and order that was measured on this machine, a CPU, in float64."""
    found: dict[tuple, dict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for row in record.rows:
        if row.machine == machine and _counts(row, record):
            found[tuple(getattr(row, name) for name in KEY)][row.contestant.removeprefix("taylorkit ")][row.problem] = (
                row.seconds or 0.0
            )
    entries = [
        dict(zip(KEY, key, strict=True)) | {"seconds": _means(methods), "machine": machine}
        for key, methods in found.items()
    ]
    return sorted(entries, key=lambda entry: [str(entry["kind"]), *(entry[name] for name in KEY[1:])])


def _counts(row: Row, record: Record) -> bool:
    own = row.contestant.removeprefix("taylorkit ") in METHODS
    on_cpu = record.machines[row.machine]["platform"] == "cpu"
    return own and on_cpu and row.dtype == "float64" and row.group == "order" and row.seconds is not None


def _means(methods: dict[str, dict[str, float]]) -> dict[str, float]:
    everywhere = set().union(*methods.values())
    means = {
        name: float(np.exp(np.mean(np.log(list(by_problem.values())))))
        for name, by_problem in methods.items()
        if by_problem.keys() == everywhere
    }
    return {name: float(f"{mean:.4g}") for name, mean in means.items()}


def write(record: Record, machine: str, path: Path) -> None:
    """One entry a line; nothing where nothing was measured."""
    if entries := crossovers(record, machine):
        path.write_text("[\n  " + ",\n  ".join(json.dumps(e, ensure_ascii=False) for e in entries) + "\n]\n")
