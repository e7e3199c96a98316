"""Figures from the artifact alone: the same bytes anywhere, the fingerprint in each, and verify compares both."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest
from PIL import Image

from taylorkit import cli, drawn, pages
from taylorkit.errors import TaylorkitError
from taylorkit.store import names, records
from tests.plotting import synthetic
from tests.store.making import ATLAS, LINE, run, write_spec

DRAW = "import sys\nsys.modules['jax'] = None\nfrom taylorkit import cli\ncli.main(['report', sys.argv[1]])\n"


@pytest.fixture
def artifact(tmp_path: Path) -> Path:
    made = run(write_spec(tmp_path, LINE), tmp_path / "store")[0].artifact
    pages.report(made)
    return made


def figures(artifact: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(pages.page_of(artifact).parent.glob("figures/*"))}


def test_two_processes_draw_the_same_bytes(tmp_path: Path) -> None:
    """A whole page; other hash seeds, folders and stores; without JAX."""
    first = run(write_spec(tmp_path, ATLAS), tmp_path / "store")[0].artifact
    other = tmp_path / "elsewhere" / first.name
    shutil.copytree(first, other)
    for seed, made in (("1", first), ("2", other)):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        words = [sys.executable, "-c", DRAW, str(made)]
        subprocess.run(words, cwd=made.parent, env=environment, check=True, capture_output=True)
    kinds = {name.partition("-")[2].partition(".")[0] for name in figures(first)}
    assert kinds == {"surface", "error_map", "convergence", "trust_radius"}
    assert figures(first) == figures(other)
    assert pages.page_of(first).read_bytes() == pages.page_of(other).read_bytes()


def test_every_figure_carries_the_fingerprint(artifact: Path) -> None:
    expected = drawn.origin(artifact)
    assert expected[drawn.ARTIFACT].startswith(names.parts(artifact)[1])
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
    assert not (folder / "02-other.svg").exists()
    assert cli.main(["verify", str(artifact)]) == 0


def pipe(path: Path) -> None:
    os.mkfifo(path)


def huge(path: Path) -> None:
    path.touch()
    os.truncate(path, 2**40)


NO_FIGURES: dict[str, Callable[[Path], None]] = {
    "pipe": pipe,
    "folder": Path.mkdir,
    "dangling": lambda path: path.symlink_to("nowhere"),
    "endless": lambda path: path.symlink_to("/dev/zero"),
    "huge": huge,
}


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_what_can_be_no_figure_is_named_and_not_opened(
    artifact: Path, suffix: str, capsys: pytest.CaptureFixture
) -> None:
    folder = pages.page_of(artifact).with_name("figures")
    record = records.read(folder.with_name("drawn"))
    for name, make in NO_FIGURES.items():
        make(folder / f"{name}.{suffix}")
    assert cli.main(["verify", str(artifact)]) == 1
    lines = capsys.readouterr().out.splitlines()[:-1]
    assert [line.split()[1] for line in lines] == [f"{name}.{suffix}" for name in sorted(NO_FIGURES)]
    assert all("cannot be a figure (is no plain file of 64 MiB at most): remove it" in line for line in lines)
    pages.report(artifact)
    assert records.read(folder.with_name("drawn")) == record
    assert sorted(p.name for p in folder.iterdir()) == sorted([*record["figures"], f"folder.{suffix}"])


def test_a_pipe_in_the_place_of_a_page_is_replaced(artifact: Path) -> None:
    page = pages.page_of(artifact)
    whole = figures(artifact)
    for path in (page, page.with_name(pages.THUMBNAIL), *page.parent.glob("figures/*")):
        path.unlink()
        os.mkfifo(path)
    pages.report(artifact)
    assert figures(artifact) == whole
    assert page.is_file() and page.with_name(pages.THUMBNAIL).is_file()


def test_two_at_once_draw_one_page(artifact: Path) -> None:
    whole = figures(artifact)
    code = f"from taylorkit import pages\nfor _ in range(5):\n    pages.report({str(artifact)!r})\n"
    code += f"    pages.index({str(artifact.parent)!r})\n"
    both = [subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = "".join(process.communicate()[1] for process in both)
    assert all(line.startswith("waiting for process") for line in said.splitlines()), said
    assert list(drawn.problems(artifact)) == []
    assert figures(artifact) == whole
    assert not list(artifact.parent.rglob("*.partial"))


def test_who_draws_later_waits(artifact: Path) -> None:
    later = Thread(target=pages.report, args=(artifact,))
    with drawn.drawing(artifact):
        left = pages.page_of(artifact).with_name(".index.html.0123.partial")
        left.touch()
        later.start()
        later.join(1)
        assert later.is_alive() and left.exists()
    later.join(60)
    assert not later.is_alive() and not left.exists()


def test_a_lock_is_no_way_out_of_a_store(artifact: Path, tmp_path: Path) -> None:
    lock = artifact.parent / "pages" / f".{artifact.stem}.lock"
    lock.unlink()
    lock.symlink_to(tmp_path / "made")
    with pytest.raises(TaylorkitError, match="the page cannot be written"):
        pages.report(artifact)
    assert not (tmp_path / "made").exists()


def test_figures_of_another_artifact_are_named(artifact: Path, tmp_path: Path) -> None:
    other = run(tmp_path / "small.toml", tmp_path / "store", "grid.x.num=3")[0].artifact
    pages.report(other)
    for name in ("figures", "drawn"):
        shutil.rmtree(pages.page_of(artifact).with_name(name))
        shutil.copytree(pages.page_of(other).with_name(name), pages.page_of(artifact).with_name(name))
    page, *found = drawn.problems(artifact)
    assert "page's index.html is not the file that was written" in page
    assert len(found) == 2
    assert all("is not of this artifact" in line for line in found)


def test_figures_of_another_evaluation_are_named(artifact: Path, tmp_path: Path) -> None:
    """An artifact of the same derivatives lies beside it, with a page of its own."""
    other = run(tmp_path / "small.toml", tmp_path / "store", "evaluations.near.x.num=9")[0].artifact
    pages.report(other)
    shutil.copytree(pages.page_of(other).parent, pages.page_of(artifact).parent, dirs_exist_ok=True)
    found = list(drawn.problems(artifact))
    assert len([line for line in found if "another evaluation" in line]) == 2
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


def test_a_page_that_is_up_to_date_needs_no_matplotlib(artifact: Path) -> None:
    code = "import sys\nfrom pathlib import Path\nfrom taylorkit import pages\n"
    code += f"print(pages.up_to_date(Path({str(artifact)!r})), 'matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]
