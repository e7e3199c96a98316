"""A page as a parser sees it."""

from html.parser import HTMLParser
from pathlib import Path

from taylorkit.report.template import FOLDER

VOID = {"meta", "img", "br", "link", "input", "hr"}


class Page(HTMLParser):
    """Collects elements with their attributes, and text by the element that it is in; insists that tags nest."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.open: list[str] = []
        self.source = path.read_text(encoding="utf-8")
        self.feed(self.source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append((dict(attrs), ""))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            attrs, text = self.scripts.pop()
            self.scripts.append((attrs, text + data))
        if self.open and data.strip():
            self.texts.setdefault(self.open[-1], []).append(data.strip())

    def foreign(self) -> list[tuple[dict[str, str | None], str]]:
        """The scripts that are none of the files beside the templates, and may run."""
        ours = {file.read_text(encoding="utf-8") for file in FOLDER.rglob("*.js")}
        return [(a, t) for a, t in self.scripts if a != {"type": "application/json"} and (a or t not in ours)]

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.elements if name == tag]
