"""What figures of a computation call the function, its derivatives and the ways to compute them."""

from collections.abc import Mapping
from typing import Any

from matplotlib.figure import Figure

from taylorkit.plotting import style, text

__all__ = ["MODES", "definition", "derivative", "line", "title"]

MODES = {"nested": "nested grad", "series": "Taylor mode"}
"""Modes in words; others are called by their names."""

MARKERS = "osD^v"


def definition(attrs: Mapping[str, Any]) -> str:
    """`f(x) = formula` as mathtext; signature or name where Matplotlib cannot set it."""
    function = attrs.get("function") or {}
    signature, latex = function.get("signature_latex") or "", function.get("latex") or ""
    full = text.math(f"{signature} = {latex}") if signature and latex else None
    name = str(function.get("name") or attrs.get("name") or "f").replace("$", r"\$")
    return full or text.math(signature) or name


def derivative(attrs: Mapping[str, Any], order: int) -> str:
    """`f''(x), where f(x) = formula`, as mathtext; for order 0 the function as it is defined."""
    whole = definition(attrs)
    if order == 0:
        return whole
    head, bracket, arguments = whole.strip("$").partition(" = ")[0].partition("(")
    if not whole.startswith("$") or not bracket:
        return f"${text.derivative('f', order)}$, where $f$ is {whole}"
    return f"${text.derivative(head, order)}({arguments}$, where {whole}"


def title(figure: Figure, own: str | None, what: str, where: str, joint: str = ":  ") -> None:
    """The user's `own` title, or `what` and `where` on one line or on two."""
    candidates = [text.text(own)] if own else [f"{what}{joint}{where}", f"{what}\n{where}"]
    style.fit_title(figure, candidates)


def line(index: int, mode: str) -> dict[str, Any]:
    """Colour, marker and label of a mode's line, the same in every figure."""
    color = style.LINES[index % len(style.LINES)]
    label = MODES.get(mode, mode)
    return {
        "color": color,
        "marker": MARKERS[index % len(MARKERS)],
        "markersize": 5,
        "label": label,
    }
