"""Artifacts that a released version wrote stay readable: each `format_N` is kept as that release wrote it."""

import shutil
from pathlib import Path

import jax
import numpy as np
import pytest
import xarray as xr

import taylorkit as tk
from taylorkit import cli, pipeline
from taylorkit.errors import IntegrityError
from taylorkit.why import why

FOLDER = Path(__file__).parent
ARTIFACTS = sorted(FOLDER.glob("format_*/*.zarr"))
# Sums of a few products and a sine: a few roundings of values below 4.
ROUNDING = 1e-14


def test_there_are_artifacts() -> None:
    assert len(ARTIFACTS) >= 2


@pytest.mark.parametrize("artifact", ARTIFACTS, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_an_old_artifact_verifies_and_opens(artifact: Path) -> None:
    assert tk.verify(artifact) == []
    assert (tk.open(artifact).status == 0).all()


def test_an_old_artifact_holds_the_right_numbers() -> None:
    wave = tk.open(next(FOLDER.glob("format_1/wave-*.zarr")))
    x, y = wave.x.values[:, None], wave.y.values[None, :]
    right = {"1": np.sin(x) * y + x**2 * y, "x y": np.cos(x) + 2 * x + 0 * y, "x^3": -np.cos(x) * y}
    for term, values in right.items():
        np.testing.assert_allclose(wave.derivatives.sel(term=term), values, rtol=0, atol=ROUNDING)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A copy of what 0.4 stored, of which runs may use and mend what they like."""
    return Path(shutil.copytree(FOLDER / "format_1", tmp_path / "store"))


def run(name: str, store: Path) -> tuple[pipeline.Job, dict[str, int]]:
    """The job, and how many blocks of each section it computed."""
    job = pipeline.plan(FOLDER / "specs" / f"{name}.toml", store=store)
    return job, {filled.step: filled.computed for filled in pipeline.run(job) if filled.computed}


def require_its_jax(artifact: Path) -> None:
    if tk.open(artifact).versions["jax"] != jax.__version__:
        pytest.skip("another version of JAX gives other fingerprints, whatever the release")


def test_derivatives_that_no_fault_touched_are_kept(store: Path) -> None:
    (artifact,) = store.glob("wave-*.zarr")
    require_its_jax(artifact)
    job, computed = run("wave", store)
    # Two unlike runs of 0.4 could mix their radii and evaluations, which nothing stored tells: these are made anew.
    assert computed == {"radii": 1, "evaluation/line/values": 1, "evaluation/line/summary": 1}
    assert any("evaluations of two runs at once" in note for note in job.notes)
    assert tk.verify(artifact) == tk.verify(job.artifact) == []
    xr.testing.assert_equal(tk.open(artifact).derivatives, tk.open(job.artifact).derivatives)
    assert run("wave", store)[1] == {}


def test_a_run_that_a_mended_fault_touched_is_computed_anew_and_the_fault_is_named(
    store: Path, capsys: pytest.CaptureFixture
) -> None:
    (old,) = store.glob("root-*.zarr")
    require_its_jax(old)
    assert cli.main(["check", str(FOLDER / "specs/root.toml"), "--store", str(store)]) == 0
    assert "computed anew, because releases before 0.5.0 computed wrongly: " in capsys.readouterr().out
    job, computed = run("root", store)
    assert job.artifact != old and computed == {"derivatives": 1, "radii": 1}
    assert any("custom_root" in note and old.name in note for note in job.notes)
    (row,) = [row for row in why(old, job.artifact)[0].rows if "custom_root" in row[0]]
    assert row[1:] == ("before 0.5.0, wrong", "computed anew since 0.5.0")
    assert run("root", store)[1] == {} and run("root", store)[0].notes == ()


@pytest.mark.parametrize("name", ["wave", "root"])
def test_a_run_of_the_format_that_is_written_now_is_kept(name: str, tmp_path: Path) -> None:
    store = Path(shutil.copytree(FOLDER / "format_2", tmp_path / "store"))
    (artifact,) = store.glob(f"{name}-*.zarr")
    require_its_jax(artifact)
    job, computed = run(name, store)
    assert (job.artifact, computed) == (artifact, {})


def test_a_later_format_is_refused_in_a_sentence(store: Path) -> None:
    artifact = run("root", store)[0].artifact
    attributes = artifact / "zarr.json"
    attributes.write_text(attributes.read_text().replace('"format": 2', '"format": 99'))
    for reading in (tk.open, tk.verify, lambda a: run("root", store)):
        with pytest.raises(IntegrityError, match="has format 99, this release of taylorkit reads formats up to"):
            reading(artifact)
