"""Computing and writing at once: what waits for what, how much is held, and what an error leaves."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from taylorkit import grid, pipeline
from taylorkit.errors import SpecError
from taylorkit.grid import Block
from taylorkit.pipeline import overlap
from tests.store.making import ATLAS, SMALL_BLOCK, arrays, assert_same, run, write_spec

BLOCKS = list(grid.blocks((8,), (1,)))
PATIENCE = 60.0


def values(block: Block) -> dict[str, np.ndarray]:
    return {"value": np.array(block.index)}


def filled(
    compute: Callable[[Block], overlap.Values],
    write: Callable[..., Any],
    in_flight: int,
    commit: Callable[[Any], None] = lambda written: None,
) -> list[int]:
    """What `committed` was told."""
    told: list[int] = []
    overlap.fill(BLOCKS, compute, write, commit, in_flight, told.append)
    return told


def test_a_block_is_computed_while_the_one_before_it_is_written() -> None:
    """Writing the first block ends only once computing the second has begun."""
    began, met = threading.Event(), []

    def compute(block: Block) -> overlap.Values:
        if block is BLOCKS[1]:
            began.set()
        return values(block)

    def write(block: Block, _: overlap.Values) -> None:
        if block is BLOCKS[0]:
            met.append(began.wait(PATIENCE))

    filled(compute, write, 2)
    assert met == [True]


def test_two_blocks_are_written_at_once() -> None:
    both = threading.Barrier(2)
    filled(values, lambda block, _: both.wait(PATIENCE) and None, 3)
    assert not both.broken


@pytest.mark.parametrize("in_flight", [1, 2, 3])
def test_no_more_blocks_are_held_than_may_be(in_flight: int) -> None:
    held, most, lock, written = 0, 0, threading.Lock(), []

    def change(by: int) -> None:
        nonlocal held, most
        with lock:
            held += by
            most = max(most, held)

    def compute(block: Block) -> overlap.Values:
        change(1)
        return values(block)

    def write(block: Block, got: overlap.Values) -> None:
        assert got["value"] == block.index[0]
        written.append(block.index)
        change(-1)

    told = filled(compute, write, in_flight)
    assert most <= in_flight
    assert held == 0
    assert sorted(written) == [block.index for block in BLOCKS]
    assert told == sorted(told)
    assert told[0] == 0
    assert told[-1] < len(BLOCKS)


def test_a_block_is_committed_while_the_next_are_computed_and_written() -> None:
    """Committing the first ends only once the last is written."""
    last, met = threading.Event(), []

    def write(block: Block, _: overlap.Values) -> Block:
        if block is BLOCKS[-1]:
            last.set()
        return block

    def commit(block: Block) -> None:
        if block is BLOCKS[0]:
            met.append(last.wait(PATIENCE))

    filled(values, write, 1, commit)
    assert met == [True]


@pytest.mark.parametrize("most", [0, 2])
def test_no_more_blocks_wait_for_the_disk_than_may(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that the system alone holds: beside them at most one for each writer and the one that is computed."""
    monkeypatch.setattr(overlap, "UNCOMMITTED", most)
    waiting, greatest, lock, committed = 0, 0, threading.Lock(), []

    def write(block: Block, _: overlap.Values) -> Block:
        nonlocal waiting, greatest
        with lock:
            waiting += 1
            greatest = max(greatest, waiting)
        return block

    def commit(block: Block) -> None:
        nonlocal waiting
        time.sleep(0.01)
        with lock:
            waiting -= 1
        committed.append(block)

    filled(values, write, overlap.IN_FLIGHT, commit)
    assert greatest <= most + overlap.IN_FLIGHT
    assert sorted(block.index for block in committed) == [block.index for block in BLOCKS]


def test_an_error_in_committing_stops_computing_and_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlap, "UNCOMMITTED", 0)
    computed = []

    def compute(block: Block) -> overlap.Values:
        computed.append(block)
        return values(block)

    def commit(block: Block) -> None:
        raise OSError(5, "Input/output error")

    with pytest.raises(OSError, match="Input/output"):
        filled(compute, lambda block, _: block, overlap.IN_FLIGHT, commit)
    assert len(computed) <= 1 + overlap.IN_FLIGHT


def test_an_error_leaves_nothing_written_that_is_not_committed() -> None:
    """Committing begins only once computing has failed."""
    failed, written, committed = threading.Event(), [], []

    def compute(block: Block) -> overlap.Values:
        if block is BLOCKS[-1]:
            failed.set()
            raise ValueError("no number")
        return values(block)

    def write(block: Block, _: overlap.Values) -> Block:
        written.append(block.index)
        return block

    def commit(block: Block) -> None:
        assert failed.wait(PATIENCE)
        committed.append(block.index)

    with pytest.raises(ValueError, match="no number"):
        filled(compute, write, overlap.IN_FLIGHT, commit)
    assert written
    assert sorted(committed) == sorted(written)


def test_an_error_in_writing_stops_computing_and_is_raised() -> None:
    computed, written = [], []

    def compute(block: Block) -> overlap.Values:
        computed.append(block)
        return values(block)

    def write(block: Block, _: overlap.Values) -> None:
        if block is BLOCKS[2]:
            raise OSError(28, "No space left on device")
        written.append(block.index[0])

    with pytest.raises(OSError, match="No space left"):
        filled(compute, write, 3)
    assert {0, 1} <= {*written}
    assert len(computed) <= 3 + 3


@pytest.mark.parametrize("error", [ValueError("no number"), KeyboardInterrupt()])
def test_an_error_in_computing_waits_for_what_is_being_written(error: BaseException) -> None:
    stopped, written = threading.Event(), []

    def compute(block: Block) -> overlap.Values:
        if block is BLOCKS[2]:
            stopped.set()
            raise error
        return values(block)

    def write(block: Block, _: overlap.Values) -> None:
        assert stopped.wait(PATIENCE)
        written.append(block.index[0])

    with pytest.raises(type(error)):
        filled(compute, write, 3)
    assert {*written} == {0, 1}
    assert not [t for t in threading.enumerate() if t.name.startswith("taylorkit-blocks")]


def test_lacking_keeps_the_order() -> None:
    wrong = {1, 5, 6}
    found = overlap.lacking(BLOCKS, lambda block: "damaged" if block.index[0] in wrong else None, 3)
    assert [block.index[0] for block in found] == sorted(wrong)


def test_an_interrupted_run_keeps_what_was_committed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid, "BLOCK_BYTES", SMALL_BLOCK)
    spec = write_spec(tmp_path, ATLAS)
    job = pipeline.plan(spec, store=tmp_path / "store")
    seen = iter(range(3))

    def interrupt(*_: object) -> None:
        if next(seen, None) is None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pipeline.run(job, interrupt)
    kept = 4 - len(pipeline.missing(job, "derivatives"))
    assert kept >= 1
    again, computed = run(spec, tmp_path / "store")
    assert computed["derivatives"] == 4 - kept
    assert_same(arrays(again.artifact), arrays(run(spec, tmp_path / "whole")[0].artifact))


def test_the_budget_decides_how_many_are_in_flight_and_nothing_else(tmp_path: Path) -> None:
    spec, change = write_spec(tmp_path, ATLAS), ("grid.x.num=1000", "grid.y.num=1000")
    large = pipeline.plan(spec, change, tmp_path)
    least = next(b for b in range(50, 1000, 10) if _fits(spec, (*change, f"memory.budget='{b} MiB'"), tmp_path))
    small = pipeline.plan(spec, (*change, f"memory.budget='{least} MiB'"), tmp_path)
    assert (small.in_flight, large.in_flight) == (1, overlap.IN_FLIGHT)
    assert small.memory <= least * 2**20 < large.memory <= 2**30
    assert small.artifact == large.artifact
    # By what they say: NaN, a fill value, equals nothing.
    assert [repr(s.section) for s in small.steps] == [repr(s.section) for s in large.steps]


def _fits(spec: Path, change: tuple[str, ...], store: Path) -> bool:
    try:
        return bool(pipeline.plan(spec, change, store))
    except SpecError:
        return False
