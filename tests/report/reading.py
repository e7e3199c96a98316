"""A page as a parser sees it."""

import json
from html.parser import HTMLParser
from pathlib import Path

from taylorkit.report.scripting import EXPLORING, FOLDER

VOID = {"meta", "img", "br", "link", "input", "hr"}


class Page(HTMLParser):
    """Collects elements with their attributes, and text by the element that it is in; insists that tags nest."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.open: list[str] = []
        self.source = path.read_text(encoding="utf-8")
        self.feed(self.source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and data.strip():
            self.texts.setdefault(self.open[-1], []).append(data.strip())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.elements if name == tag]


def scripts_of(read: Page) -> list[str]:
    """The names of a page's scripts, each of which must be a file of ours, word for word; beside them is data alone."""
    known = {(FOLDER / name).read_text(encoding="utf-8").strip(): name for name in EXPLORING}
    kinds = [script.get("type") for script in read.all("script")]
    texts = read.texts.get("script", [])
    assert all(isinstance(json.loads(t), dict) for t, kind in zip(texts, kinds, strict=True) if kind)
    return [known[t] for t, kind in zip(texts, kinds, strict=True) if not kind]
