"""A few trials of each row, and that a row says so where something does not hold."""

import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from itertools import cycle, repeat
from pathlib import Path

import numpy as np
import pytest

from taylorkit import grid
from tests.chaos import damage, disks, elsewhere, kills, ledger, subjects
from tests.chaos.__main__ import main
from tests.chaos.disks import CannotMountError, mounted
from tests.chaos.drawing import DRAWING
from tests.chaos.meaning import meanings
from tests.chaos.outcome import CannotTryError, Outcome, tried
from tests.chaos.rows import ROWS
from tests.chaos.timeline import LOG
from tests.store.making import SMALL_BLOCK, assert_same

# Those of which a trial or two take some seconds; the others are for `make chaos`: docs/chaos.md says which.
ROWS_TESTED = ("kill", "bits", "files", "writes", "reads", "full", "read-only", "vanish")
MOUNTING = ("full", "read-only", "vanish")


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid, "BLOCK_BYTES", SMALL_BLOCK)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all rows: what they damage is made once."""
    return tmp_path_factory.mktemp("chaos")


@pytest.mark.parametrize("name", ROWS_TESTED)
def test_everything_holds(name: str, folder: Path) -> None:
    if name in MOUNTING:
        _require_mounting(folder / "probe")
    row = ROWS[name]
    found = list(row.trials(folder, row.quick, 0))
    assert [outcome.fault for outcome in found if outcome.fault] == []
    assert len(found) == row.quick


def _require_mounting(place: Path) -> None:
    try:
        with mounted(place, "1m"):
            pass
    except CannotMountError as error:
        pytest.skip(str(error))


def test_who_cannot_mount_is_told_and_nothing_is_noted(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = subjects.wide(folder)
    monkeypatch.setattr(subjects, "wide", lambda _: whole)
    monkeypatch.setattr(disks, "_mount", _raising(CannotMountError("needs root to mount (permission denied)")))
    monkeypatch.setattr(ledger, "write", _raising(AssertionError("it was noted")))
    with pytest.raises(CannotMountError), mounted(tmp_path / "disk", "1m"):
        pass
    assert not (tmp_path / "disk").exists()
    assert main(["--only", "full", "--count", "1", "--write"]) == 0
    assert capsys.readouterr().out == "full: not run: needs root to mount (permission denied)\n"


def test_a_swap_within_a_timing_is_tried(folder: Path) -> None:
    """Its arrays lie in one block: the swap must be found, and one block be computed again."""
    whole = subjects.timing(folder)
    known = meanings(whole.artifact)
    pair = ["inputs/c/0", "outputs/c/0"]
    assert known[pair[0]].names == known[pair[1]].names
    damaged = partial(damage._damaged, whole, folder, known, pair, damage.WAYS["swapped"], "")
    assert tried("inputs for outputs", damaged) == Outcome("data")


def test_a_full_run_in_which_a_step_was_never_hit_is_a_fault(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kills, "drawings", lambda *_: repeat(Outcome(DRAWING)))
    monkeypatch.setattr(kills, "_while_running", lambda *_: cycle([Outcome(name) for name in kills.PHASES[:-2]]))
    faults = [outcome.fault for outcome in kills.kills(folder, kills.MANY, 0) if outcome.fault]
    assert faults == [f"none of {kills.MANY} kills of seed 0 fell {LOG}"]
    assert not [outcome for outcome in kills.kills(folder, kills.MANY - 1, 0) if outcome.fault]


def test_nothing_to_kill_is_a_fault() -> None:
    psutil = pytest.importorskip("psutil")
    from tests.chaos.prefect_kill import kill

    with pytest.raises(AssertionError, match="nothing to kill"):
        kill([])
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        there = psutil.Process(process.pid)
        process.wait()
    with pytest.raises(AssertionError, match="had ended"):
        kill([there])


def test_a_place_that_is_as_the_plain_run_is_a_fault() -> None:
    place = elsewhere.Place(differ=("in_flight",))
    elsewhere.assert_different(place, {"in_flight": 1}, {"in_flight": 3})
    with pytest.raises(AssertionError, match="nothing was tried"):
        elsewhere.assert_different(place, {"in_flight": 3}, {"in_flight": 3})


def _raising(error: Exception) -> Callable[..., None]:
    def raises(*_: object, **__: object) -> None:
        raise error

    return raises


def test_what_does_not_hold_is_a_fault(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were damage not found, the bench would say so; and if another block than the one that was hit were named."""
    for said in ([], ["derivatives block 9.9 is damaged"]):
        monkeypatch.setattr(damage, "verify", lambda _, said=said: said)
        (found,) = damage.bits(folder, 1, 0)
        assert ("verify says []", "verify names what was not touched")[len(said)] in found.fault


def test_whatever_is_raised_is_a_fault() -> None:
    for error in (AssertionError("not so"), IndexError("too many indices"), OSError(os.strerror(5))):
        outcome = tried("a trial", _raising(error))
        assert outcome.fault.startswith(f"a trial: {type(error).__name__}: {error}")
    assert tried("a trial", lambda: "a kind") == Outcome("a kind")
    with pytest.raises(CannotTryError):
        tried("a trial", _raising(CannotTryError("needs another machine")))


def test_slices_add_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "DATA", tmp_path / "chaos.json")
    monkeypatch.setattr(ledger, "PAGE", tmp_path / "chaos.md")
    ledger.PAGE.write_text(f"before\n{ledger.BEGIN}\nof before\n{ledger.END}\nafter\n")
    good, bad = Outcome("data", note="in 3 s"), Outcome("fault", "bit 7: found nothing")
    for seed, outcomes in ((1, [good] * 3), (2, [good, bad]), (2, [good, good, bad])):
        ledger.write("bits", seed, ledger.Slice(outcomes, 1.0), alone=False)
    text = ledger.PAGE.read_text()
    assert "| 6 | 5 | 5 data | 2 |" in text
    assert "- bits: bit 7: found nothing" in text
    assert "- bits: in 3 s" in text
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "of before" not in text
    ledger.write("bits", 0, ledger.Slice([good], 1.0), alone=True)
    assert "| 1 | 1 | 1 data | 1 |" in ledger.PAGE.read_text()


def test_a_fault_in_the_numbers_is_seen() -> None:
    """Equal but for the last bit of one number is not equal."""
    one = np.linspace(0, 1, 5)
    other = one.copy()
    other[3] = np.nextafter(other[3], 2)
    with pytest.raises(AssertionError, match="values"):
        assert_same({"values": one}, {"values": other})
