"""Pages and the index are in the record: `verify` names what was changed, `run` mends it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import taylorkit as tk
from taylorkit import cli, drawn, indexed, pages
from tests.faults.exchanges import made


@pytest.fixture(scope="module")
def drawn_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of two artifacts that differ in a title, with their pages and its index."""
    store = tmp_path_factory.mktemp("pages") / "store"
    for artifact in made(store, ["plain", "title"]):
        pages.report(artifact)
    pages.index(store)
    return store


@pytest.fixture
def store(drawn_once: Path, tmp_path: Path) -> Path:
    shutil.copyfile(drawn_once.parent / "wave.toml", tmp_path / "wave.toml")
    return Path(shutil.copytree(drawn_once, tmp_path / "store"))


def artifacts(store: Path) -> list[Path]:
    return sorted(store.glob("*.zarr"))


def mend(artifact: Path) -> int:
    title = "title=Another" if tk.open(artifact).attrs["title"] == "Another" else "title="
    return cli.main(["run", str(artifact.parent.parent / "wave.toml"), "--store", str(artifact.parent), "--set", title])


def edited(file: Path) -> None:
    file.write_text(file.read_text().replace("</body>", "<p>and more</p></body>"))


def linked(file: Path) -> None:
    file.rename(file.with_suffix(".aside"))
    file.symlink_to(file.with_suffix(".aside"))


WAYS: dict[str, Callable[[Path], object]] = {
    "edited": edited,
    "cut": lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
    "emptied": lambda file: file.write_bytes(b""),
    "lost": Path.unlink,
    "linked": linked,
}


@pytest.mark.parametrize("way", WAYS)
def test_fault_S6_a_page_that_was_changed(store: Path, way: str, capsys: pytest.CaptureFixture) -> None:
    one, other = artifacts(store)
    page = pages.page_of(one)
    whole = page.read_bytes()
    WAYS[way](page)
    assert cli.main(["verify", str(one)]) == 1
    assert "page's index.html" in capsys.readouterr().out
    assert cli.main(["verify", str(other)]) == 0
    assert mend(one) == 0
    assert page.read_bytes() == whole and not page.is_symlink()
    assert cli.main(["verify", str(one), str(other)]) == 0


@pytest.mark.parametrize("way", WAYS)
def test_fault_S6_an_index_that_was_changed(store: Path, way: str, capsys: pytest.CaptureFixture) -> None:
    index = store / "index.html"
    whole = index.read_bytes()
    WAYS[way](index)
    for artifact in artifacts(store):
        assert cli.main(["verify", str(artifact)]) == 1
        assert f"{index}: " in capsys.readouterr().out
    assert pages.index(store).read_bytes() == whole and not index.is_symlink()
    assert cli.main(["verify", *map(str, artifacts(store))]) == 0


@pytest.mark.parametrize("name", ["thumbnail.png", "drawn/zarr.json"])
def test_fault_S6_what_belongs_to_a_page(store: Path, name: str, capsys: pytest.CaptureFixture) -> None:
    one, _ = artifacts(store)
    WAYS["cut"](pages.page_of(one).with_name(name.split("/")[0]).joinpath(*name.split("/")[1:]))
    assert cli.main(["verify", str(one)]) == 1
    assert "page" in capsys.readouterr().out
    assert mend(one) == 0
    assert cli.main(["verify", str(one)]) == 0


def test_fault_S6_a_record_of_the_index_that_was_changed(store: Path) -> None:
    WAYS["cut"](indexed.place(store) / "zarr.json")
    assert "index cannot be checked" in next(indexed.problems(store))
    pages.index(store)
    assert list(indexed.problems(store)) == []


def test_fault_W8_a_page_of_another_artifact(store: Path) -> None:
    """With its figures and its record: alike but for the title."""
    folders = [pages.page_of(artifact).parent for artifact in artifacts(store)]
    folders[0].rename(folders[0].parent / "aside")
    folders[1].rename(folders[0])
    (folders[0].parent / "aside").rename(folders[1])
    for artifact in artifacts(store):
        assert any(drawn.problems(artifact)) and not pages.up_to_date(artifact)


def test_a_store_without_pages_says_nothing(store: Path) -> None:
    shutil.rmtree(store / "pages")
    (store / "index.html").unlink()
    assert cli.main(["verify", *map(str, artifacts(store))]) == 0
