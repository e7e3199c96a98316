"""The table that `auto` reads: seconds of this project's own methods, by kind of program, D and order.

A method stands there as `method` is spelled, with its lowering where it has several. Problems of one kind are taken
together by the geometric mean, over the methods that ran in all of them.
"""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from taylorkit.differentiation import METHODS
from tests.benchmarks.contestants.project import OWN
from tests.benchmarks.problem import ORDER
from tests.benchmarks.record import Record, Row

# Where it is kept: installed with the package.
PATH = Path("taylorkit/differentiation/crossovers.json")
KEY = ("kind", "scalar_output", "variables", "order")
# Seconds by problem, by method.
Seconds = dict[str, dict[str, float]]


def crossovers(record: Record, machine: str) -> list[dict[str, Any]]:
    """One entry for each kind, D and order that was measured on this machine, a CPU, in float64."""
    found: dict[tuple, Seconds] = defaultdict(lambda: defaultdict(dict))
    for row in record.rows:
        if row.machine == machine and _counts(row, record):
            key = tuple(getattr(row, name) for name in KEY)
            found[key][row.problem][row.contestant.removeprefix(OWN)] = row.seconds or 0.0
    entries = [
        dict(zip(KEY, key, strict=True)) | {"seconds": _means(_newest(seconds)), "machine": machine}
        for key, seconds in found.items()
    ]
    return sorted((e for e in entries if e["seconds"]), key=lambda e: [str(e["kind"]), *(e[name] for name in KEY[1:])])


def _counts(row: Row, record: Record) -> bool:
    method = row.contestant.removeprefix(OWN).partition(":")[0]
    on_cpu = record.machines[row.machine]["platform"] == "cpu"
    return method in METHODS and on_cpu and row.dtype == "float64" and row.group == ORDER and row.seconds is not None


def _newest(seconds: Seconds) -> Seconds:
    """Without problems that were measured before lowerings were told apart, where there are newer ones."""
    newer = {problem: methods for problem, methods in seconds.items() if any(":" in name for name in methods)}
    return newer or seconds


def _means(seconds: Seconds) -> dict[str, float]:
    everywhere = set.intersection(*(set(methods) for methods in seconds.values()))
    names = [name for name in next(iter(seconds.values())) if name in everywhere]
    means = {name: np.exp(np.mean([np.log(methods[name]) for methods in seconds.values()])) for name in names}
    return {name: float(f"{mean:.4g}") for name, mean in means.items()}


def write(record: Record, machine: str, path: Path) -> None:
    """One entry a line; nothing where nothing was measured."""
    if entries := crossovers(record, machine):
        path.write_text("[\n  " + ",\n  ".join(json.dumps(e, ensure_ascii=False) for e in entries) + "\n]\n")
