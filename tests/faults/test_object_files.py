"""Compiled code that is kept on disk runs under the name of what it was made of, and under no other."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from taylorkit import cache
from taylorkit.lowering import machine
from taylorkit.lowering.line import Line
from taylorkit.lowering.machine import DIGEST
from taylorkit.lowering.straight import Straight

TARGET = machine.target()
pytestmark = pytest.mark.skipif(TARGET is None, reason="no machine code of our own on this machine")
X = np.array([1.0, 2.0, 3.0])
# Straight programs of one form, u · number: what each gives is exact.
NUMBERS = {"double": 2.0, "triple": 3.0, "half": 0.5}


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """Each program's object file, made by a first call."""
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "cache"))
    files: dict[str, Path] = {}
    for name in NUMBERS:
        assert_right(name)
        (files[name],) = set((tmp_path / "cache/llvm").glob("*.o")) - set(files.values())
    return files


def assert_right(name: str) -> None:
    """Compiled, or found on disk, as by a new process."""
    assert TARGET is not None
    line = Line(TARGET.functions)
    line.results = [line.put("mul", line.input(0), line.number(NUMBERS[name]))]
    out = np.empty((1, len(X)))
    Straight(line, TARGET, np.dtype(float))([X], out)
    assert out[0].tolist() == (NUMBERS[name] * X).tolist()


@pytest.mark.parametrize(("one", "other"), [("double", "triple"), ("triple", "half"), ("half", "double")])
def test_fault_W10_code_under_the_name_of_another_is_refused(kept: dict[str, Path], one: str, other: str) -> None:
    shutil.copy2(kept[other], kept[one])
    assert machine._read(kept[one]) is None
    assert_right(one)
    assert machine._read(kept[one]) is not None, "compiled and kept anew"


def test_fault_W10_code_whose_digest_was_made_without_its_name_is_refused(kept: dict[str, Path]) -> None:
    """As releases before wrote it."""
    import hashlib

    code = kept["double"].read_bytes()[DIGEST:]
    kept["double"].write_bytes(hashlib.blake2b(code, digest_size=DIGEST).digest() + code)
    assert machine._read(kept["double"]) is None
    assert_right("double")


def test_code_that_is_whole_is_taken(kept: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*words: object) -> bytes:
        raise AssertionError("compiled")

    monkeypatch.setattr(machine, "_compiled", refused)
    for name in NUMBERS:
        assert_right(name)
