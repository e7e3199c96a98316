"""A few trials of each row, and that a row says so where something does not hold."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from taylorkit import grid
from tests.chaos import damage, ledger
from tests.chaos.disks import CannotMountError, mounted
from tests.chaos.outcome import Outcome, tried
from tests.chaos.rows import ROWS
from tests.store.making import SMALL_BLOCK, assert_same

# The others start several processes, or what they do is done elsewhere in the tests.
ROWS_TESTED = ("kill", "bits", "files", "writes", "vanish")
MOUNTING = ("vanish",)


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
        place.rmdir()
        pytest.skip(str(error))


def test_what_does_not_hold_is_a_fault(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were damage not found, the bench would say so; and if another block than the one that was hit were named."""
    for said in ([], ["derivatives block 9.9 is damaged"]):
        monkeypatch.setattr(damage, "verify", lambda _, said=said: said)
        (found,) = damage.bits(folder, 1, 0)
        assert ("verify says []", "verify names what was not touched")[len(said)] in found.fault


def test_whatever_is_raised_is_a_fault() -> None:
    def fails(error: Exception) -> Callable[[], str]:
        def check() -> str:
            raise error

        return check

    for error in (AssertionError("not so"), IndexError("too many indices"), OSError(os.strerror(5))):
        outcome = tried("a trial", fails(error))
        assert outcome.fault.startswith(f"a trial: {type(error).__name__}: {error}")
    assert tried("a trial", lambda: "a kind") == Outcome("a kind")


def test_slices_add_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "DATA", tmp_path / "chaos.json")
    monkeypatch.setattr(ledger, "PAGE", tmp_path / "chaos.md")
    ledger.PAGE.write_text(f"before\n{ledger.BEGIN}\nof before\n{ledger.END}\nafter\n")
    good, bad = Outcome("data"), Outcome("fault", "bit 7: found nothing")
    for seed, outcomes in ((1, [good] * 3), (2, [good, bad]), (2, [good, good, bad])):
        ledger.write("bits", seed, ledger.Slice(outcomes, 1.0), alone=False)
    text = ledger.PAGE.read_text()
    assert "| 6 | 5 | 5 data | 2 |" in text
    assert "- bits: bit 7: found nothing" in text
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
