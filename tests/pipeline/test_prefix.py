"""What is not computed again: derivatives under other evaluations, and lower orders of a finished run."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import taylorkit as tk
from taylorkit import grid, pipeline
from taylorkit.errors import IntegrityError
from taylorkit.pipeline import expansion
from tests.store.making import ATLAS, LINE, SMALL_BLOCK, flip, run, write_spec

POWER = "def f(x):\n    return x**2.5\n"


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever computes derivatives at expansion points fails."""

    def computed(*words: Any) -> None:
        raise AssertionError("derivatives were computed")

    monkeypatch.setattr(expansion, "_derivatives", computed)


@pytest.fixture
def high(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pipeline.Job:
    """A finished run of order 4, in blocks smaller than those of order 2."""
    monkeypatch.setattr(grid, "BLOCK_BYTES", SMALL_BLOCK)
    return run(write_spec(tmp_path, ATLAS), tmp_path / "store", "order=4")[0]


def test_other_evaluations_and_reports_read_the_derivatives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are artifacts of their own; how much memory there is makes no other one."""
    monkeypatch.setattr(grid, "BLOCK_BYTES", SMALL_BLOCK)
    spec, store = write_spec(tmp_path, ATLAS), tmp_path / "store"
    job, computed = run(spec, store)
    assert computed["derivatives"] == 4
    for override, same, expected in (
        ("report.figures=[]", False, set()),
        ("title=Another", False, set()),
        ("memory.budget='4 GiB'", True, set()),
        ("evaluations.map.center={x=1.0,y=1.0}", False, {"evaluation/map/values", "evaluation/map/summary"}),
    ):
        again, computed = run(spec, store, override)
        assert ((again.artifact == job.artifact), computed.keys()) == (same, expected)
    assert len(list(store.glob("*.zarr"))) == 4


def test_a_lower_order_is_read_and_says_so(high: pipeline.Job, tmp_path: Path, refused: None) -> None:
    store = tmp_path / "store"
    job, computed = run(tmp_path / "small.toml", store)
    low, whole = tk.open(job.artifact), tk.open(high.artifact)
    assert computed["derivatives"] > 1, "read block by block"
    np.testing.assert_array_equal(low.derivatives.values, whole.derivatives.values[:6])
    np.testing.assert_array_equal(low.status.values, whole.status.values)
    assert low.term.values.tolist() == whole.term.values[:6].tolist()
    assert (low.attrs["order"], low.attrs["method"]) == (2, whole.attrs["method"])
    assert low.attrs["truncated_from"] == {"fingerprint": whole.attrs["fingerprint"], "order": 4}
    assert tk.verify(job.artifact) == []
    assert run(tmp_path / "small.toml", store)[1] == {}
    assert f"read from {high.artifact.name} (order 4)" in job.summary


def test_what_was_read_claims_no_run_of_its_order(high: pipeline.Job, tmp_path: Path) -> None:
    read, _ = run(tmp_path / "small.toml", tmp_path / "store")
    computed, _ = run(tmp_path / "small.toml", tmp_path / "store", "reuse=false")
    marks = {tk.open(job.artifact).attrs["fingerprint"] for job in (high, read, computed)}
    assert len(marks) == 3
    a, b = (tk.open(job.artifact).derivatives.values for job in (read, computed))
    np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-13)


def test_a_computed_run_is_kept_to(tmp_path: Path) -> None:
    spec, store = write_spec(tmp_path, LINE), tmp_path / "store"
    own, _ = run(spec, store)
    run(spec, store, "order=3")
    assert run(spec, store)[0].artifact == own.artifact


def test_it_stands_without_the_run_that_it_was_read_from(high: pipeline.Job, tmp_path: Path) -> None:
    read, _ = run(tmp_path / "small.toml", tmp_path / "store")
    shutil.rmtree(high.artifact)
    assert tk.verify(read.artifact) == []
    assert tk.open(read.artifact).derivatives.notnull().all()


def test_an_unfinished_run_is_not_read(high: pipeline.Job, tmp_path: Path) -> None:
    shutil.rmtree(next(p for p in (high.artifact / "commit/derivatives").iterdir() if p.is_dir()))
    assert pipeline.plan(tmp_path / "small.toml", store=tmp_path / "store").steps[0].title == "derivatives"


@pytest.mark.parametrize("override", ["method=nested", "grid.x.num=7", "dtype=float32", "function=log_xy"])
def test_other_inputs_are_not_read(high: pipeline.Job, tmp_path: Path, override: str) -> None:
    if override == "function=log_xy":
        (tmp_path / "own.py").write_text("import jax.numpy as jnp\n\ndef f(x, y):\n    return jnp.cos(x) * y\n")
        override = "function='own.py:f'"
    job = pipeline.plan(tmp_path / "small.toml", (override,), tmp_path / "store")
    assert job.steps[0].title == "derivatives"


def test_damage_in_the_higher_run_is_told(high: pipeline.Job, tmp_path: Path) -> None:
    for file in (p for p in (high.artifact / "derivatives/c").rglob("*") if p.is_file()):
        flip(file, 9)
    with pytest.raises(IntegrityError, match=r"run its spec again at order 4, or .*reuse=false"):
        run(tmp_path / "small.toml", tmp_path / "store")
    assert run(tmp_path / "small.toml", tmp_path / "store", "reuse=false")[1]["derivatives"] == 4


def test_status_looks_at_the_terms_that_were_read(tmp_path: Path) -> None:
    """The third derivative of x^2.5 is infinite at 0, those before it are not."""
    (tmp_path / "own.py").write_text(POWER)
    spec, store = write_spec(tmp_path, LINE), tmp_path / "store"
    own = ("function='own.py:f'", "method=nested")
    above, _ = run(spec, store, *own, "order=3")
    below, _ = run(spec, store, *own)
    bit = [int(tk.open(job.artifact).status.sel(x=0.0)) & 1 for job in (above, below)]
    assert below.summary.endswith("(order 3)")
    assert bit == [1, 0]
