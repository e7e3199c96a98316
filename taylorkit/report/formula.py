"""LaTeX to MathML that is safe in a page. The converter passes text through as it stands, so its result is read back,
compared with the elements that formulas are made of, and written anew; whatever else it holds makes it plain text."""

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from latex2mathml.converter import convert
from markupsafe import Markup, escape

__all__ = ["heading", "mathml"]

NAMESPACE = "http://www.w3.org/1998/Math/MathML"
# fmt: off
ELEMENTS = frozenset([
    "math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mfrac", "msqrt", "mroot", "msub", "msup", "msubsup", "munder",
    "mover", "munderover", "mtable", "mtr", "mtd", "mstyle", "mpadded", "mphantom", "menclose",
])
ATTRIBUTES = frozenset([
    "display", "mathvariant", "stretchy", "fence", "form", "separator", "lspace", "rspace", "minsize", "maxsize",
    "width", "height", "depth", "linethickness", "columnalign", "columnlines", "rowlines", "displaystyle",
    "scriptlevel", "accent", "accentunder", "movablelimits", "largeop", "symmetric", "notation",
])
# fmt: on
# A formula longer than this is no formula; converting it would only cost time.
LONGEST = 4000


def mathml(latex: str, block: bool = False) -> Markup:
    """`latex` as a MathML element; as escaped text where it cannot be one."""
    try:
        if len(latex) > LONGEST:
            raise ValueError("too long")
        tree = ElementTree.fromstring(convert(latex, display="block" if block else "inline"))
        _check(tree)
    except Exception:  # the converter raises anything, bare Exception among them
        return Markup('<code class="latex">{}</code>').format(latex)
    ElementTree.register_namespace("", NAMESPACE)
    return Markup(ElementTree.tostring(tree, encoding="unicode"))


def heading(function: Mapping[str, Any]) -> Markup:
    """What an artifact says of f as an equation of its own; "" where it says nothing."""
    signature, latex = function.get("signature_latex") or "", function.get("latex") or ""
    whole = " = ".join(part for part in (signature, latex) if part)
    return mathml(whole, block=True) if whole else Markup("")


def _check(tree: ElementTree.Element) -> None:
    for element in tree.iter():
        name = element.tag.removeprefix(f"{{{NAMESPACE}}}")
        if name not in ELEMENTS or not ATTRIBUTES.issuperset(element.attrib):
            raise ValueError(f"{escape(name)} is no part of a formula")
