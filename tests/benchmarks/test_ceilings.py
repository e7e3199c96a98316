"""That every ceiling is measured and leaves nothing behind."""

from pathlib import Path

import pytest

from tests.benchmarks import ceilings


def test_every_ceiling_is_measured_and_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ceilings, "STORE", tmp_path / "not" / "there")
    found = ceilings.measure(quick=True)
    assert found.keys() == ceilings.MEANING.keys()
    assert min(found.values()) > 0
    assert not list(tmp_path.iterdir())
    assert all(name in ceilings.report(found) for name in found)
    assert ceilings.report({}) == ""
