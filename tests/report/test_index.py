"""The index over a store."""

import base64
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from taylorkit.report import Entry, write_index
from taylorkit.report.index import size
from tests.report.reading import Page


def entry(name: str, **more: object) -> Entry:
    return {"name": name, "title": f"Run {name}", "kind": "taylor", "href": f"{name}/index.html", **more}


def test_entries_are_sorted_and_linked(tmp_path: Path) -> None:
    read = Page(write_index([entry("b"), entry("a", worst_error=1.2e-5, points=2000, bytes=1_234_567)], tmp_path))
    assert [a["href"] for a in read.all("a")] == ["a/index.html", "b/index.html"]
    assert read.texts["a"] == ["Run a", "Run b"]
    assert read.texts["dd"] == ["2\u202f000", "1.2·10⁻⁵", "1.23 MB"]
    assert "2 artifacts" in read.texts["p"]


def test_thumbnails_are_small_and_embedded(page: Path, tmp_path: Path) -> None:
    picture = next((page.parent / "figures").glob("*.png"))
    (image,) = Page(write_index([entry("a", thumbnail=picture)], tmp_path)).all("img")
    head, _, data = image["src"].partition(",")
    assert head == "data:image/png;base64" and image["alt"]
    with Image.open(BytesIO(base64.b64decode(data))) as small:
        assert max(small.size) <= 640


def test_an_entry_without_a_picture_says_so(tmp_path: Path) -> None:
    read = Page(write_index([entry("a", thumbnail=tmp_path / "none.png", order=None)], tmp_path))
    assert read.all("img") == [] and "no figure" in read.texts["div"]


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
