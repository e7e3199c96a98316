"""Figures from stored numbers: an artifact and a request in, a `matplotlib.figure.Figure` out; no function is needed.

One file a kind of figure; `FIGURES` lists them. A request is what a spec's `[[report.figures]]` holds:

    draw(Source(root, {"near": near}), {"kind": "approximations", "evaluation": "near", "degrees": [0, 1, 2]})
"""

from taylorkit.plotting.default import default_figures
from taylorkit.plotting.figure import FIGURES, Source, UnknownYetError, caption, check, draw
from taylorkit.plotting.style import save

__all__ = ["FIGURES", "Source", "UnknownYetError", "caption", "check", "default_figures", "draw", "save"]
