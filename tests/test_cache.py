"""Where compiled kernels are kept, and that a second process finds them there."""

import subprocess
import sys
from pathlib import Path

import pytest

from taylorkit import cache

PROGRAM = """
import jax, jax.numpy as jnp
from taylorkit import cache
with cache.keep_compiled():
    print(float(jax.jit(lambda x: jnp.sin(x) * jnp.cosh(x))(0.5)))
"""


def test_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cache.VARIABLE, "/somewhere")
    assert cache.folder() == Path("/somewhere")
    monkeypatch.setenv(cache.VARIABLE, "")
    assert cache.folder() is None
    monkeypatch.delenv(cache.VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    assert cache.folder() == Path("/cache/taylorkit")


def test_a_user_without_a_home_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    for name in (cache.VARIABLE, "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    assert cache.folder() is None


def test_a_second_process_compiles_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path))
    monkeypatch.delenv("JAX_COMPILATION_CACHE_DIR", raising=False)
    said, kept = [], []
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
        said.append(done.stdout)
        kept.append({p: p.read_bytes() for p in tmp_path.rglob("*-cache")})
    assert said[0] == said[1] and kept[0] == kept[1] != {}
