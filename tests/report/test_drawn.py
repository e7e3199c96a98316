"""Figures from the artifact alone: the same bytes anywhere, the fingerprint in each, and verify compares both."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from taylorkit import cli, drawn, pages
from tests.plotting import synthetic
from tests.store.making import ATLAS, LINE, run, write_spec

SURFACE = "report.figures=[{kind='surface',evaluation='map',degree=1}]"
DRAW = "import sys\nsys.modules['jax'] = None\nfrom taylorkit import cli\ncli.main(['report', sys.argv[1]])\n"


@pytest.fixture
def artifact(tmp_path: Path) -> Path:
    made = run(write_spec(tmp_path, LINE), tmp_path / "store")[0].artifact
    pages.report(made)
    return made


def figures(artifact: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(pages.page_of(artifact).parent.glob("figures/*"))}


def test_two_processes_draw_the_same_bytes(tmp_path: Path) -> None:
    """Other hash seeds, folders and stores; without JAX."""
    first = run(write_spec(tmp_path, ATLAS), tmp_path / "store", SURFACE)[0].artifact
    other = tmp_path / "elsewhere" / first.name
    shutil.copytree(first, other)
    for seed, made in (("1", first), ("2", other)):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        words = [sys.executable, "-c", DRAW, str(made)]
        subprocess.run(words, cwd=made.parent, env=environment, check=True, capture_output=True)
    assert len(figures(first)) == 2
    assert figures(first) == figures(other)


def test_every_figure_carries_the_fingerprint(artifact: Path) -> None:
    expected = drawn.origin(artifact)
    assert expected[drawn.ARTIFACT].startswith(artifact.stem.rpartition("-")[2])
    folder = pages.page_of(artifact).with_name("figures")
    with Image.open(folder / "01-convergence.png") as image:
        assert {k: v for k, v in image.info.items() if k.startswith("taylorkit")} == expected
        assert "Software" not in image.info
    head = (folder / "01-convergence.svg").read_text()[: drawn.SVG_HEAD]
    assert all(mark in head for mark in expected.values())
    assert "<dc:date>" not in head
    assert list(drawn.problems(artifact)) == []


def test_a_figure_that_was_changed_is_named(artifact: Path, capsys: pytest.CaptureFixture) -> None:
    folder = pages.page_of(artifact).with_name("figures")
    with (folder / "01-convergence.svg").open("a") as file:
        file.write("<!-- -->")
    (folder / "01-convergence.png").unlink()
    shutil.copy(folder / "01-convergence.svg", folder / "02-other.svg")
    assert cli.main(["verify", str(artifact)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert "01-convergence.png is missing" in lines[0]
    assert "01-convergence.svg is not the file that was drawn; draw it again: taylorkit report" in lines[1]
    assert "02-other.svg is none of those that were drawn last" in lines[2]
    pages.report(artifact)
    (folder / "02-other.svg").unlink(missing_ok=True)
    assert cli.main(["verify", str(artifact)]) == 0


def test_figures_of_another_artifact_are_named(artifact: Path, tmp_path: Path) -> None:
    other = run(tmp_path / "small.toml", tmp_path / "store", "grid.x.num=3")[0].artifact
    pages.report(other)
    for name in ("figures", "drawn"):
        shutil.rmtree(pages.page_of(artifact).with_name(name))
        shutil.copytree(pages.page_of(other).with_name(name), pages.page_of(artifact).with_name(name))
    found = list(drawn.problems(artifact))
    assert len(found) == 2
    assert all("is not of this artifact" in line for line in found)


def test_figures_from_before_an_evaluation_changed_are_named(artifact: Path, tmp_path: Path) -> None:
    run(tmp_path / "small.toml", tmp_path / "store", "evaluations.near.x.num=9")
    found = list(drawn.problems(artifact))
    assert len(found) == 2
    assert all("before an evaluation" in line for line in found)
    pages.report(artifact)
    assert list(drawn.problems(artifact)) == []


def test_a_damaged_record_is_told(artifact: Path) -> None:
    record = pages.page_of(artifact).parent / "drawn/zarr.json"
    record.write_text(record.read_text().replace("01-", "02-"))
    (found,) = drawn.problems(artifact)
    assert "figures cannot be checked" in found
    assert not pages.up_to_date(artifact)


def test_numbers_of_axes_are_words() -> None:
    """And read as they would as formulas."""
    from taylorkit.plotting import draw

    made = synthetic.waves(2)
    figure = draw(made, {"kind": "approximations", "evaluation": "near"})
    figure.draw_without_rendering()
    labels = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert any("−" in label for label in labels)
    assert not any("$" in label for label in labels)
