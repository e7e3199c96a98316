"""A store's index in a real browser: it is searched, sorted and compared in, and stands without scripts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from taylorkit.report import Entry, write_index
from tests.browsing import Browser, browser, opened

pytestmark = pytest.mark.skipif(browser() is None, reason="no Chromium is installed")

ENTRIES: list[Entry] = [
    {"name": "b", "title": "A wave", "kind": "taylor", "worst_error": 2e-3, "bytes": 999, "date": "2026-01-02"},
    {"name": "a", "title": "A wave", "kind": "taylor", "worst_error": 1e-10, "bytes": 10_000, "date": "2026-01-03"},
    {"name": "c", "title": "Its graph", "kind": "graph", "worst_error": None, "bytes": 20, "date": "2026-01-01"},
    {"name": "d", "title": "An odd <name>", "kind": "taylor", "worst_error": 0.0, "bytes": 5, "date": ""},
]
NAMES = ".map((card) => card.querySelector('b').textContent).join('')"
SHOWN = f"[...document.querySelectorAll('#cards .card:not([hidden])')]{NAMES}"
TOLD = "document.getElementById('count').textContent"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    entries: list[Entry] = [
        {**e, "href": f"pages/{e['name']}'s/index.html", "path": f"{e['name']}'s.zarr"} for e in ENTRIES
    ]
    return write_index(entries, tmp_path_factory.mktemp("index"))


@pytest.fixture(scope="module")
def tab(page: Path) -> Iterator[Browser]:
    with opened() as found:
        found.open(page)
        yield found
        assert found.said == []
        assert found.asked == []


def put(tab: Browser, control: str, value: str) -> str:
    """Which artifacts are shown, in which order, once a control has a value."""
    event = {"search": "input", "sort": "change"}[control]
    element = f"document.getElementById('{control}')"
    return tab.get(f"{element}.value = {value!r}, {element}.dispatchEvent(new Event('{event}')), {SHOWN}")


@pytest.mark.parametrize(
    ("words", "shown"),
    [("wave", "ab"), ("WAVE  a", "ab"), ("graph", "c"), ("<name>", "d"), ("nothing", ""), ("", "abcd")],
)
def test_all_words_are_searched_for(tab: Browser, words: str, shown: str) -> None:
    put(tab, "sort", "name")
    assert put(tab, "search", words) == shown
    assert tab.get(TOLD) == ("4 artifacts" if len(shown) == 4 else f"{len(shown)} of 4 artifacts")
    assert tab.get("document.getElementById('none').hidden") is bool(shown)


@pytest.mark.parametrize(
    ("order", "shown"),
    [
        ("worst_error:down", "badc"),  # as numbers, what has none last
        ("worst_error", "dabc"),
        ("bytes:down", "abcd"),
        ("date:down", "abcd"),
        ("date", "cbad"),
        ("name", "abcd"),
    ],
)
def test_cards_are_sorted(tab: Browser, order: str, shown: str) -> None:
    put(tab, "search", "")
    assert put(tab, "sort", order) == shown


def test_two_are_put_side_by_side(tab: Browser) -> None:
    put(tab, "search", "")
    put(tab, "sort", "name")
    pair = f"[...document.querySelectorAll('#pair .card')]{NAMES}"
    pick = "document.querySelectorAll('#cards .pick input')[{}].click()"
    assert tab.get("document.getElementById('beside').hidden")
    for place in (0, 2):
        tab.get(pick.format(place))
    assert tab.get(pair) == "ac"
    assert tab.get("document.getElementById('command').textContent") == (
        r"taylorkit compare 'a'\''s.zarr' 'c'\''s.zarr'"
    )
    tab.get(pick.format(3))  # a third takes the place of the first
    assert tab.get(pair) == "cd"
    tab.get(pick.format(3))
    assert tab.get("document.getElementById('beside').hidden")


def test_a_name_that_looks_like_an_option_is_quoted_as_a_path(tmp_path: Path) -> None:
    with opened() as tab:
        tab.open(
            write_index([{"name": n, "path": f"-{n}.zarr", "href": f"pages/-{n}/index.html"} for n in "ab"], tmp_path)
        )
        for place in (0, 1):
            tab.get(f"document.querySelectorAll('#cards .pick input')[{place}].click()")
        assert tab.get("document.getElementById('command').textContent") == "taylorkit compare './-a.zarr' './-b.zarr'"


@pytest.mark.parametrize(("width", "theme"), [(390, "dark"), (1200, "light")])
def test_nothing_reaches_beyond_the_screen(tab: Browser, width: int, theme: str) -> None:
    tab.look(width, theme)
    assert tab.get("document.documentElement.scrollWidth <= innerWidth")


def test_it_stands_without_scripts(page: Path, tab: Browser) -> None:
    tab.open(page, scripts=False)
    assert tab.get(SHOWN) == "abcd"
    assert tab.get("getComputedStyle(document.getElementById('tools')).display") == "none"
    assert tab.get("document.querySelectorAll('.card a').length") == 4
