"""A few trials of each row, and that a row says so where something does not hold."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from taylorkit import grid
from taylorkit.store.section import SectionStore
from tests.chaos import damage, ledger
from tests.chaos.disks import CannotMountError, mounted
from tests.chaos.outcome import Outcome, tried
from tests.chaos.rows import ROWS
from tests.store.making import SMALL_BLOCK

MOUNTING = ("full", "read-only", "vanish")


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid, "BLOCK_BYTES", SMALL_BLOCK)


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.quick])
def test_everything_holds(name: str, tmp_path: Path) -> None:
    if name in MOUNTING:
        _require_mounting(tmp_path / "probe")
    row = ROWS[name]
    found = list(row.trials(tmp_path, row.quick, 0))
    assert [outcome.fault for outcome in found if outcome.fault] == []
    assert len(found) == row.quick


def _require_mounting(place: Path) -> None:
    try:
        with mounted(place, "1m"):
            pass
    except CannotMountError as error:
        place.rmdir()
        pytest.skip(str(error))


def test_what_does_not_hold_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks that nobody compares with their records: damage to numbers is not found, and the bench says so."""
    monkeypatch.setattr(SectionStore, "problem", lambda *_: None)
    first, *_ = damage.bits(tmp_path, 1, 0)
    assert "verify says []" in first.fault


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
    ledger.PAGE.write_text(f"before\n{ledger.BEGIN}\nold\n{ledger.END}\nafter\n")
    good, bad = Outcome("data"), Outcome("fault", "bit 7: found nothing")
    for seed, outcomes in ((1, [good] * 3), (2, [good, bad]), (2, [good, good, bad])):
        ledger.write("bits", seed, ledger.Slice(outcomes, 1.0), alone=False)
    text = ledger.PAGE.read_text()
    assert "| 6 | 5 | 5 data | 2 |" in text
    assert "- bits: bit 7: found nothing" in text
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    ledger.write("bits", 0, ledger.Slice([good], 1.0), alone=True)
    assert "| 1 | 1 | 1 data | 1 |" in ledger.PAGE.read_text()


def test_a_fault_in_the_numbers_is_seen() -> None:
    """Equal but for the last bit of one number is not equal."""
    from tests.store.making import assert_same

    one = np.linspace(0, 1, 5)
    other = one.copy()
    other[3] = np.nextafter(other[3], 2)
    with pytest.raises(AssertionError, match="values"):
        assert_same({"values": one}, {"values": other})
