"""A spec's own words in a page: Markdown, of which no mark-up, no picture and no address that runs anything passes.

Formulas between dollars become MathML. Pages load nothing, so a picture becomes a link to it; a page has one first
heading and its own second ones, so those of a text come below them.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup
from mdit_py_plugins.dollarmath import dollarmath_plugin

from taylorkit.report.formula import mathml

__all__ = ["prose"]

HIGHEST_HEADING = 3


class _Outward(MarkdownIt):
    def validateLink(self, url: str) -> bool:
        return url.lower().startswith(("https://", "http://", "mailto:"))


def prose(text: str) -> Markup:
    """`text` as HTML that is safe in a page: what it links to is http, https or mail, and whatever else is escaped."""
    return Markup(_parser().render(text))


@cache
def _parser() -> MarkdownIt:
    parser = _Outward("commonmark", {"html": False}).enable("table").disable("image")
    # $5 and $6 are prices.
    parser.use(dollarmath_plugin, allow_labels=False, allow_space=False, allow_digits=False, double_inline=True)
    for name, block in (("math_inline", False), ("math_inline_double", True), ("math_block", True)):
        parser.add_render_rule(name, _formula(block))
    parser.add_render_rule("heading_open", _lowered)
    parser.add_render_rule("heading_close", _lowered)
    return parser


def _formula(block: bool) -> Any:
    def render(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        return str(mathml(tokens[index].content.strip(), block=block))

    return render


def _lowered(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    token.tag = f"h{min(max(int(token.tag[1:]), 1) + HIGHEST_HEADING - 1, 6)}"
    return str(renderer.renderToken(tokens, index, options, env))
