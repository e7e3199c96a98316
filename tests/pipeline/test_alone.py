"""From the artifact alone: pages when the function is gone, reading without JAX, running without Prefect."""

import subprocess
import sys
from pathlib import Path

import pytest

import taylorkit as tk
from taylorkit import pages
from taylorkit.pipeline.exported import stored_function
from tests.store.making import LINE, run, write_spec

BUMP = ("function='own.py:bump'", "formula='e^{-x^2}'")
OWN = "import jax.numpy as jnp\n\ndef bump(x):\n    return jnp.exp(-(x**2))\n"

# Stands before the code of a subprocess: these packages are not to be had.
BLOCKED = "import sys\nfor name in {names}: sys.modules[name] = None\n"


def alone(code: str, *blocked: str) -> str:
    """What `code` prints where the packages `blocked` are missing."""
    words = [sys.executable, "-W", "error::UserWarning", "-c", BLOCKED.format(names=blocked) + code]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def orphan(tmp_path: Path) -> Path:
    """An artifact whose function is gone."""
    (tmp_path / "own.py").write_text(OWN)
    job, _ = run(write_spec(tmp_path, LINE), tmp_path / "store", *BUMP)
    (tmp_path / "own.py").unlink()
    return job.artifact


def test_pages_are_drawn_without_function_jax_prefect_and_dask(orphan: Path) -> None:
    code = (
        "from taylorkit import cli\n"
        "import taylorkit as tk\n"
        f"assert cli.main(['report', {str(orphan)!r}]) == 0\n"
        f"assert cli.main(['verify', {str(orphan)!r}]) == 0\n"
        f"assert cli.main(['list', {str(orphan.parent)!r}]) == 0\n"
        f"print(float(tk.open({str(orphan)!r}, 'near').error.max()))\n"
    )
    lines = alone(code, "jax", "jaxlib", "prefect", "dask").splitlines()
    page = pages.page_of(orphan)
    assert lines[0] == str(page)
    assert "every array is what was written" in lines[1]
    assert lines[3].split()[:6] == ["small", "finished", "taylor", "bump", "2", "5"]
    assert float(lines[-1]) == tk.open(orphan, "near").error.values.max()
    assert len(list(page.parent.glob("figures/*.svg"))) == 1
    assert (orphan.parent / "index.html").is_file()
    assert pages.up_to_date(orphan)


def test_nothing_that_a_store_names_is_imported(orphan: Path) -> None:
    """A file of the function's name that would tell if it were run."""
    trap = orphan.parent.parent / "own.py"
    trap.write_text(f"open({str(trap.with_suffix('.ran'))!r}, 'w')\n")
    pages.report(orphan)
    tk.verify(orphan)
    tk.open(orphan, "near").load()
    assert not trap.with_suffix(".ran").exists()


def test_the_function_itself_is_kept_as_a_program(orphan: Path) -> None:
    ds = tk.open(orphan, "near")
    values = stored_function(orphan)(ds.x.values[:, None])
    assert (abs(values - ds.truth.values) < 1e-15).all()


def test_a_page_that_is_gone_or_old_is_drawn_again(orphan: Path) -> None:
    page = pages.report(orphan)
    assert pages.up_to_date(orphan)
    page.unlink()
    assert not pages.up_to_date(orphan)
    pages.report(orphan)
    (orphan.parent.parent / "own.py").write_text(OWN)
    (orphan / "commit" / "radii" / "0" / "zarr.json").unlink()
    again, computed = run(orphan.parent.parent / "small.toml", orphan.parent, *BUMP)
    assert (again.artifact, computed) == (orphan, {"radii": 1})
    assert not pages.up_to_date(orphan)


def test_one_damaged_artifact_does_not_hide_the_others(orphan: Path) -> None:
    other, _ = run(write_spec(orphan.parent.parent, LINE, "other"), orphan.parent)
    (orphan / "zarr.json").write_text("{")
    text = pages.index(orphan.parent).read_text()
    assert other.artifact.stem in text
    assert "damaged" in text


def test_running_needs_no_prefect() -> None:
    """Neither imported where it is, nor needed where it is not."""
    code = "import taylorkit, taylorkit.cli, taylorkit.pages, taylorkit.pipeline\n"
    code += "print([m for m in sys.modules if m.split('.')[0] in ('fastapi', 'tasks', 'flows')])"
    assert alone(code, "prefect").strip() == "[]"
