"""A spec's words: Markdown that shows formulas and tables, and runs, loads and breaks nothing."""

import dataclasses
from pathlib import Path

import pytest

from taylorkit.errors import SpecError
from taylorkit.plotting import Source
from taylorkit.report import write_page
from taylorkit.report.prose import prose
from taylorkit.spec import load
from tests.report.reading import Page
from tests.store.making import LINE, write_spec


def test_markdown_is_set() -> None:
    html = prose(
        "# Head\n\nOne *soft* word, `code`, $x^2$ and\n\n$$\\frac{1}{2}$$\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    )
    for told in ("<h3>Head</h3>", "<em>soft</em>", "<code>code</code>", "<msup>", "<mfrac>", "<td>1</td>"):
        assert told in html
    assert html.count("<math") == 2
    assert 'display="block"' in html


def test_prices_are_no_formulas() -> None:
    assert prose("It costs $5 today and $6 tomorrow.") == "<p>It costs $5 today and $6 tomorrow.</p>\n"


def test_a_picture_becomes_a_link() -> None:
    assert '<a href="https://example.org/seen.png">it</a>' in prose("![it](https://example.org/seen.png)")


@pytest.mark.parametrize("level", range(1, 7))
def test_headings_come_below_those_of_the_page(level: int) -> None:
    lowered = min(level + 2, 6)
    assert prose("#" * level + " it") == f"<h{lowered}>it</h{lowered}>\n"


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "a <img src=x onerror=alert(1)> b",
        "[it](javascript:alert(1))",
        "[it](  JaVaScRiPt&colon;alert(1))",
        "[it](data:text/html,<script>alert(1)</script>)",
        "[it](file:///etc/passwd)",
        "![it](https://example.org/seen.png)",
        "<https://example.org/\"onmouseover='alert(1)'>",
        "$<script>alert(1)</script>$",
        "$$\n<img src=x onerror=alert(1)>\n$$",
        "`<script>`\n\n    <script>\n\n```<script>\n<script>\n```",
        "[a]: javascript:alert(1)\n\n[a]",
    ],
)
def test_nothing_runs_and_nothing_is_loaded(attack: str, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(prose(attack), encoding="utf-8")
    read = Page(page)
    assert not {tag for tag, _ in read.elements} & {"script", "img", "iframe", "object", "embed", "link", "svg"}
    assert not [name for _, attrs in read.elements for name in attrs if name.startswith("on")]
    assert all(a["href"].startswith(("https://", "http://", "mailto:")) for a in read.all("a"))


def test_deep_nesting_is_bounded() -> None:
    assert len(prose("> " * 5000 + "x" + "[" * 5000 + "*" * 5000)) < 200_000


def test_a_page_and_its_figures_say_them(cubic: Source, tmp_path: Path) -> None:
    figures = [{"kind": "convergence", "words": "It falls as $k!$."}, {"kind": "surface"}]
    root = cubic.root.assign_attrs(spec={"report": {"words": "Of *all* of it.", "figures": figures}})
    text = write_page(dataclasses.replace(cubic, root=root), tmp_path).read_text()
    assert "Of <em>all</em> of it." in text
    assert text.count('class="words"') == 2
    assert "It falls as <math" in text
    assert "words" not in Page(tmp_path / "index.html").all("img")[0]["alt"]


@pytest.mark.parametrize(
    ("report", "field"),
    [
        ("words = 3", r"report\.words"),
        (f"words = '{'x' * 20_001}'", r"report\.words"),
        ("figures = [{ kind = 'convergence', words = 3 }]", r"report\.figures.* a text of at most"),
        (f"figures = [{{ kind = 'convergence', words = '{'x' * 20_001}' }}]", r"report\.figures.* a text of at most"),
        ('figures = [{ kind = "convergence", words = "\\u0007" }]', r"report\.figures.* a text of at most"),
    ],
)
def test_words_are_text_of_a_page(report: str, field: str, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=field):
        load(write_spec(tmp_path, f"{LINE.partition('[report]')[0]}[report]\n{report}\n", "it"))
