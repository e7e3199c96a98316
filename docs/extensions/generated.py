"""A directive whose content is Markdown that is made while the site is built."""

from collections.abc import Iterable

from docutils.nodes import Node
from sphinx.util.docutils import SphinxDirective


class Generated(SphinxDirective):
    """`markdown` says what stands in the directive's place."""

    def markdown(self) -> str:
        raise NotImplementedError

    def run(self) -> list[Node]:
        return self.parse_text_to_nodes(self.markdown(), allow_section_headings=True)


def block(name: str, title: str, body: str, fence: int = 3) -> str:
    """A directive with a body, in Markdown; one that holds others needs a longer fence."""
    colons = ":" * fence
    return f"{colons}{{{name}}} {title}\n\n{body}\n{colons}\n"


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    lines = [list(heads), *(list(row) for row in rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"
