"""Formulas as MathML, made as those of an artifact's page: a browser shows them without scripts or a network."""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from taylorkit.report.formula import mathml

log = logging.getLogger(__name__)


def _written(self, node: nodes.Element, block: bool) -> None:
    element = mathml(node.astext(), block)
    if not element.startswith("<math"):
        log.warning("no MathML for %r", node.astext(), location=node)
    self.body.append(f'<div class="formula">{element}</div>' if block else element)
    raise nodes.SkipNode


def _inline(self, node: nodes.math) -> None:
    _written(self, node, block=False)


def _block(self, node: nodes.math_block) -> None:
    _written(self, node, block=True)


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
