"""Planning writes nothing and changes no setting; a run leaves none changed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import jax
import matplotlib
import numpy as np
import pytest

from taylorkit import cache, cli, pipeline
from taylorkit.errors import FunctionError
from tests.store.making import ATLAS, LINE, write_spec

GRAPH = 'kind = "graph"\nfunction = "runge"\nvariables = ["x"]\ncall = "scalars"\n'


def process() -> dict[str, object]:
    """What of a process a library can change by mistake."""
    return {
        "JAX": dict(jax.config.values),
        "environment": dict(os.environ),
        "path": list(sys.path),
        "folder": Path.cwd(),
        "NumPy": np.geterr(),
    }


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home in which nothing is."""
    place = tmp_path / "home"
    place.mkdir()
    monkeypatch.setenv("HOME", str(place))
    monkeypatch.setenv("XDG_CACHE_HOME", str(place / "cache"))
    # Its list of fonts takes seconds to make, and is Matplotlib's own.
    monkeypatch.setenv("MPLCONFIGDIR", matplotlib.get_configdir())
    monkeypatch.delenv(cache.VARIABLE, raising=False)
    monkeypatch.delenv("JAX_COMPILATION_CACHE_DIR", raising=False)
    return place


@pytest.fixture
def no_cache() -> object:
    """The process without a cache of its own, as a user's is; the suite's stays after."""
    before = jax.config.jax_compilation_cache_dir
    jax.config.update("jax_compilation_cache_dir", None)
    yield
    jax.config.update("jax_compilation_cache_dir", before)


@pytest.mark.parametrize(
    ("text", "overrides"),
    [(LINE, ()), (ATLAS, ()), (GRAPH, ()), (LINE, ("function=nowhere",)), (LINE, ("method=series", "order=4"))],
    ids=["taylor", "atlas", "graph", "refused", "series"],
)
def test_fault_S12_planning_writes_nothing_and_sets_nothing(
    home: Path, no_cache: object, tmp_path: Path, text: str, overrides: tuple[str, ...]
) -> None:
    spec, before = write_spec(tmp_path, text), process()
    files = sorted(tmp_path.rglob("*"))
    try:
        job = pipeline.plan(spec, overrides, tmp_path / "store")
        job.facts()
    except FunctionError:
        assert "nowhere" in str(overrides)
    assert process() == before
    assert sorted(tmp_path.rglob("*")) == files


@pytest.mark.parametrize("command", ["check", "run"])
def test_fault_S12_a_command_leaves_the_process_as_it_was(
    home: Path, no_cache: object, tmp_path: Path, command: str
) -> None:
    spec, before = write_spec(tmp_path, LINE), process()
    assert cli.main([command, str(spec), "--store", str(tmp_path / "store")]) == 0
    assert process() == before
    # Looking writes nothing; running keeps what it compiled.
    assert (home / "cache").exists() == (command == "run")


def test_fault_S12_what_the_process_compiles_after_a_run_is_not_kept(
    home: Path, no_cache: object, tmp_path: Path
) -> None:
    pipeline.run(pipeline.plan(write_spec(tmp_path, LINE), ("method=series:xla",), tmp_path / "store"))
    kept = sorted((home / "cache").rglob("*-cache"))
    assert kept
    jax.jit(lambda x: x * 3.25 + np.float32(len(kept)))(1.5)
    assert sorted((home / "cache").rglob("*-cache")) == kept
    shutil.rmtree(home / "cache")
    jax.jit(lambda x: x * 4.25)(1.5)
    assert not (home / "cache").exists()


def test_fault_S12_a_cache_of_the_process_stays(home: Path, tmp_path: Path) -> None:
    """A program with a cache of its own finds there what our run compiled, and we make none."""
    spec = write_spec(tmp_path, LINE)
    code = (
        "import jax; from taylorkit import pipeline; jax.config.update('jax_compilation_cache_dir', 'own'); "
        "jax.config.update('jax_persistent_cache_min_compile_time_secs', 0.0); "
        f"pipeline.run(pipeline.plan({str(spec)!r}, ('method=series:xla',))); "
        "print(jax.config.jax_compilation_cache_dir)"
    )
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": root},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "own" and list((tmp_path / "own").iterdir())
    assert not (home / "cache" / "taylorkit").exists()
