"""Compiled code that is kept on disk runs under the name of what it was made of, and under no other."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from taylorkit import cache, signed
from taylorkit.lowering import machine
from taylorkit.lowering.line import Line
from taylorkit.lowering.straight import Straight
from taylorkit.signed import DIGEST

TARGET = machine.target()
own_code = pytest.mark.skipif(TARGET is None, reason="no machine code of our own on this machine")
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


@own_code
@pytest.mark.parametrize(("one", "other"), [("double", "triple"), ("triple", "half"), ("half", "double")])
def test_fault_W10_code_under_the_name_of_another_is_refused(kept: dict[str, Path], one: str, other: str) -> None:
    shutil.copy2(kept[other], kept[one])
    assert signed.read(kept[one]) is None
    assert_right(one)
    assert signed.read(kept[one]) is not None, "compiled and kept anew"


@own_code
def test_fault_W10_code_whose_digest_was_made_without_its_name_is_refused(kept: dict[str, Path]) -> None:
    """As releases before wrote it."""
    import hashlib

    code = kept["double"].read_bytes()[DIGEST:]
    kept["double"].write_bytes(hashlib.blake2b(code, digest_size=DIGEST).digest() + code)
    assert signed.read(kept["double"]) is None
    assert_right("double")


@own_code
def test_code_that_is_whole_is_taken(kept: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*words: object) -> bytes:
        raise AssertionError("compiled")

    monkeypatch.setattr(machine, "_compiled", refused)
    for name in NUMBERS:
        assert_right(name)


# In a folder for each way, a process compiles three functions, exchanges their files, and runs them as another would.
XLA = """
import json, os, sys
from contextlib import contextmanager
from pathlib import Path
import jax
from taylorkit import cache

@contextmanager
def jax_alone():
    jax.config.update(cache.DIRECTORY, str(folder / "xla-alone"))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    yield
    jax.config.update(cache.DIRECTORY, None)
    cache._forget()

def called(number):
    with ways[how][0]():
        return float(jax.jit(lambda x: x * number)(1.0))

ways = {
    "JAX alone": (jax_alone, lambda own, other: other),
    "exchanged": (cache.keep_compiled, lambda own, other: other),
    "cut": (cache.keep_compiled, lambda own, other: own[:-5]),
    "no digest": (cache.keep_compiled, lambda own, other: other[16:]),
}
told = {}
for how in ways:
    folder = Path(sys.argv[1], how)
    os.environ[cache.VARIABLE] = str(folder)
    files = []
    for number in (2.0, 3.0, 0.5):
        called(number)
        files += set(folder.glob("xla-*/*-cache")).difference(files)
    (a, b, c) = content = [file.read_bytes() for file in files]
    for file, own, other in zip(files, content, (b, c, a)):
        file.write_bytes(ways[how][1](own, other))
    jax.clear_caches()
    told[how] = [called(number) for number in (2.0, 3.0, 0.5)]
    jax.clear_caches()
print(json.dumps(told))
"""


def test_fault_W10_what_xla_compiled(tmp_path: Path) -> None:
    """JAX alone takes the other's code, which shows that the exchange is one."""
    environment = {"JAX_PLATFORMS": "cpu", "PYTHONPATH": ":".join(sys.path), "PATH": ""}
    command = [sys.executable, "-c", XLA, str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told.pop("JAX alone") == [3.0, 0.5, 2.0]
    assert told == {how: [2.0, 3.0, 0.5] for how in ("exchanged", "cut", "no digest")}
