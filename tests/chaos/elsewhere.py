"""What must not matter: the process, its memory budget, its cores and threads, its hash seed, the time and its zone.

Where it is about memory and threads, the run says what it had of them: a trial in which that was as in the plain run
has shown nothing, and is a fault.
"""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from taylorkit.cores import cores
from taylorkit.store import records
from taylorkit.store.verify import verify
from tests.chaos import subjects
from tests.chaos.checks import committed, stored
from tests.chaos.outcome import Outcome, tried
from tests.chaos.process import finished, started
from tests.store.making import Made, arrays, assert_same

# Added up block by block: where blocks are others a sum is rounded otherwise. All other numbers are those of a point.
SUMS, LAST_BITS = ("map/rms_error",), 4


@dataclass(frozen=True)
class Place:
    """How a run is started, and which facts of it must `differ` from the plain run's."""

    arguments: tuple[str, ...] = ()
    options: tuple[object, ...] = ()
    before: tuple[str, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)
    differ: tuple[str, ...] = ()
    same_spec: bool = True  # false where what it is asked stands in its attributes
    same_blocks: bool = True  # false where arrays are cut otherwise: then numbers are compared, and no bytes


# Of many small blocks.
PLACES = {
    "another process": Place(),
    "nothing compiled before": Place(variables={"TAYLORKIT_CACHE": ""}),
    "another hash seed": Place(variables={"PYTHONHASHSEED": "12345"}),
    "another time zone and language": Place(variables={"TZ": "Pacific/Kiritimati", "LC_ALL": "C"}),
    "ten years later": Place(options=("--days", 3652)),
    "before 2000": Place(options=("--days", -10_000)),
}

ONE_THREAD = {"XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false", "OMP_NUM_THREADS": "1", "NPROC": "1"}

# Of few large ones. On a machine of one core there is nothing else to compare one with.
THREADS = {
    "one core": Place(before=("taskset", "-c", "0"), differ=("line_threads", "xla_threads")),
    "XLA on one thread": Place(variables=ONE_THREAD, differ=("xla_threads",)),
}
BLOCKS = {
    "blocks a quarter as large": Place(
        options=("--block", subjects.LARGE_BLOCK // 4), differ=("blocks",), same_blocks=False
    ),
    "blocks twice as large": Place(
        options=("--block", subjects.LARGE_BLOCK * 2), differ=("blocks",), same_blocks=False
    ),
}


# How many blocks the least budget is to hold at once; otherwise it is three.
BUDGETS = {"the least memory budget": 1, "a memory budget for two blocks": 2}


def elsewhere(folder: Path, count: int, seed: int) -> Iterator[Outcome]:
    """Every place in turn: `count` of them, from number `seed`."""
    cases = [(name, False) for name in PLACES]
    cases += [(name, True) for name in (*BUDGETS, *BLOCKS, *(THREADS if cores() > 1 else ()))]
    for name, large in cases[seed : seed + count]:
        yield tried(name, lambda n=name, at=large: _same_there(folder, n, at))


def _same_there(folder: Path, name: str, large: bool) -> str:
    whole, plain = subjects.large(folder) if large else (subjects.wide(folder), {})
    known = {**PLACES, **THREADS, **BLOCKS}
    place = known[name] if name in known else _budget(folder, BUDGETS[name])
    options = ["--facts", folder / "facts.json", *(("--block", subjects.LARGE_BLOCK) if large else ()), *place.options]
    store = folder / "there"
    process = started(whole.spec, store, *place.arguments, options=options, before=place.before, **place.variables)
    artifact = Path(finished(process))
    facts = json.loads((folder / "facts.json").read_text())
    try:
        _assert_same(place, artifact, whole)
        assert_different(place, facts, plain)
    finally:
        shutil.rmtree(store)
    told = ", ".join(f"{fact} {facts[fact]} for {plain[fact]}" for fact in place.differ).replace("_", " ")
    return f"{name} ({told})" if told else name


def _budget(folder: Path, blocks: int) -> Place:
    """The least budget with which so many blocks are held at once."""
    setting = f"memory.budget='{subjects.least_budget(folder, blocks)} MiB'"
    return Place(arguments=("--set", setting), differ=("in_flight",), same_spec=False)


def _assert_same(place: Place, artifact: Path, whole: Made) -> None:
    assert artifact.name == whole.artifact.name, "another fingerprint"
    assert verify(artifact) == []
    found = arrays(artifact)
    if place.same_blocks:
        assert_same(found, whole.arrays)
        assert _contents(artifact) == _contents(whole.artifact), "another record of a block"
        assert not place.same_spec or stored(artifact) == stored(whole.artifact)
    else:
        sums = {name: found.pop(name) for name in SUMS}
        assert_same(found, {name: values for name, values in whole.arrays.items() if name not in SUMS})
        for name, values in sums.items():
            np.testing.assert_array_max_ulp(values, whole.arrays[name], LAST_BITS)


def assert_different(place: Place, facts: dict[str, Any], plain: dict[str, Any]) -> None:
    """The run had what the place is about; or nothing was tried."""
    for fact in place.differ:
        assert facts[fact] != plain[fact], f"{fact} is {facts[fact]}, as in the plain run: nothing was tried"


def _contents(artifact: Path) -> dict[Path, bytes]:
    """What each block's record says: its fingerprint and digests."""
    return {place: content for place, (_, content) in committed(artifact).items() if place.name == records.FILE}
