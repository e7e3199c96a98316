"""The index over a store."""

from pathlib import Path

import pytest
from PIL import Image

from taylorkit.report import Entry, write_index, write_thumbnail
from taylorkit.report.index import size
from tests.report.reading import Page


def entry(name: str, **more: object) -> Entry:
    return {"name": name, "title": f"Run {name}", "kind": "taylor", "href": f"{name}/index.html", **more}


def test_entries_are_sorted_and_linked(tmp_path: Path) -> None:
    read = Page(write_index([entry("b"), entry("a", worst_error=1.2e-5, points=2000, bytes=1_234_567)], tmp_path))
    assert [a["href"] for a in read.all("a")] == ["a/index.html", "b/index.html"]
    assert read.texts["a"] == ["Run a", "Run b"]
    assert "2\u202f000 points · worst sampled error 1.2·10⁻⁵ · 1.23 MB" in read.texts["p"]
    assert "2 artifacts" in read.texts["p"]


def test_thumbnails_are_small_and_linked(page: Path, tmp_path: Path) -> None:
    picture = next((page.parent / "figures").glob("*.png"))
    small = tmp_path / "pages" / "a b" / "thumbnail.png"
    small.parent.mkdir(parents=True)
    write_thumbnail(picture, small)
    (image,) = Page(write_index([entry("a", thumbnail=small)], tmp_path)).all("img")
    assert (image["src"], image["loading"]) == ("pages/a%20b/thumbnail.png", "lazy")
    with Image.open(small) as found:
        assert max(found.size) <= 640


def test_a_picture_that_is_not_there_or_lies_elsewhere_is_left_out(page: Path, tmp_path: Path) -> None:
    elsewhere = next((page.parent / "figures").glob("*.png"))
    for picture in (tmp_path / "none.png", elsewhere, None):
        assert Page(write_index([entry("a", thumbnail=picture, order=None)], tmp_path)).all("img") == []


def test_strangers_words_stay_words(tmp_path: Path) -> None:
    attack = "<script>alert(1)</script>"
    hostile: Entry = {
        "name": attack,
        "title": attack,
        "latex": attack,
        "kind": attack,
        "date": attack,
        "href": "javascript:alert(1)",
    }
    read = Page(write_index([hostile], tmp_path))
    assert read.foreign() == [] and attack in read.texts["a"]
    assert read.all("a")[0]["href"] == "javascript%3Aalert%281%29"


def test_an_empty_store_has_an_index(tmp_path: Path) -> None:
    assert "0 artifacts" in Page(write_index([], tmp_path)).texts["p"]


@pytest.mark.parametrize(("count", "words"), [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (2 * 10**9, "2 GB")])
def test_sizes(count: int, words: str) -> None:
    assert size(count) == words
