"""Many processes run one spec at the same time."""

from collections.abc import Iterator
from pathlib import Path

from tests.chaos import subjects
from tests.chaos.checks import assert_whole, committed
from tests.chaos.outcome import Outcome, tried
from tests.chaos.process import finished, started, until
from tests.store.making import Made

PROCESSES = 8


def together(folder: Path, count: int, seed: int) -> Iterator[Outcome]:
    whole = subjects.wide(folder)
    for number in range(seed, seed + count):
        yield tried(f"round {number}", lambda n=number: _at_once(whole, folder / f"together-{n}"))


def _at_once(whole: Made, folder: Path) -> str:
    """They begin at the same instant, once all are ready; each block is theirs who comes first, or several's."""
    folder.mkdir()
    store, gate = folder / "store", folder / "gate"
    processes = [started(whole.spec, store, options=["--gate", gate]) for _ in range(PROCESSES)]
    assert until(lambda: len(list(folder.glob("*.ready"))) == PROCESSES, processes[0])
    gate.touch()
    assert {finished(process) for process in processes} == {str(store / whole.artifact.name)}
    assert [p.name for p in store.iterdir() if not p.name.startswith(".")] == [whole.artifact.name]
    assert not [*store.rglob("*.partial"), *store.glob(".*.staging")], "something half-written is left"
    copy = Made(whole.spec, store, store / whole.artifact.name, whole.arrays)
    assert len(committed(copy.artifact)) == len(committed(whole.artifact))
    assert_whole(copy, whole)
    return f"{PROCESSES} processes"
