"""Code is kept on disk by what it was made of; what is damaged there is made again."""

from pathlib import Path

import numpy as np
import pytest

from taylorkit import cache
from taylorkit.lowering import machine
from taylorkit.lowering.line import Line
from taylorkit.lowering.straight import Straight

TARGET = machine.target()
pytestmark = pytest.mark.skipif(TARGET is None, reason="this lowering is not had here")


def doubled(rows: int = 1) -> np.ndarray:
    assert TARGET is not None
    line = Line(TARGET.functions)
    line.results = [line.put("mul", line.input(0), line.number(2.0 + k)) for k in range(rows)]
    out = np.empty((rows, 3))
    Straight(line, TARGET, np.dtype(float))([np.array([1.0, 2.0, 3.0])], out)
    return out


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """The texts that are compiled, in a cache of their own."""
    texts: list[str] = []
    compile_ = machine._compiled

    def counting(llvm: object, text: str) -> bytes:
        texts.append(text)
        return compile_(llvm, text)

    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setattr(machine, "_compiled", counting)
    return texts


def test_a_second_time_nothing_is_compiled(compiled: list[str], tmp_path: Path) -> None:
    for _ in range(2):
        assert doubled().tolist() == [[2.0, 4.0, 6.0]]
    assert len(compiled) == 1
    assert doubled(2).shape == (2, 3) and len(compiled) == 2
    assert len(list((tmp_path / "cache" / "llvm").glob("*.o"))) == 2


@pytest.mark.parametrize("damage", [lambda b: b[:-1], lambda b: b[:99] + b"\0" + b[100:], lambda b: b""])
def test_damaged_code_is_never_run(compiled: list[str], tmp_path: Path, damage: object) -> None:
    doubled()
    (kept,) = (tmp_path / "cache" / "llvm").glob("*.o")
    kept.write_bytes(damage(kept.read_bytes()))  # type: ignore[operator]
    assert doubled().tolist() == [[2.0, 4.0, 6.0]]
    assert len(compiled) == 2


def test_without_a_place_it_is_compiled_each_time(compiled: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cache.VARIABLE, "")
    assert doubled().tolist() == doubled().tolist()
    assert len(compiled) == 2


def test_a_place_that_cannot_be_written_is_no_error(
    compiled: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "file"))
    assert doubled().tolist() == [[2.0, 4.0, 6.0]]


def test_without_llvmlite_everything_goes_through_xla(monkeypatch: pytest.MonkeyPatch) -> None:
    import taylorkit as tk

    monkeypatch.setattr(machine, "target", lambda: None)
    d = tk.derivatives(lambda x: x**3 - x, [2.0], 3)
    assert d.packed[:, 0].tolist() == [6.0, 11.0, 12.0, 6.0]
    assert d.method.lowering == "xla"
