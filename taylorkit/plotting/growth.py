"""The number of equations against the order, and the law that it follows."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from taylorkit.plotting import formula, style, text
from taylorkit.plotting.figure import Source

__all__ = ["growth", "law"]

FEWEST = 4
"""Orders from 1 on that a law needs: three coefficients fit three numbers whatever they are."""


def growth(source: Source, *, title: str | None = None) -> Figure:
    """A line a mode, logarithmic: its fitted law in the legend, its last count beside it."""
    root = source.root
    orders = root["order"].values
    figure, axes = style.single()
    for i, mode in enumerate(root["mode"].values):
        counts = root["equations"].values[i]
        look = formula.line(i, str(mode))
        words = law(orders, counts)
        look["label"] += f": {words}" if words else ""
        axes.semilogy(orders, counts, **look)
        last: dict[str, Any] = {"xytext": (8, 0), "textcoords": "offset points", "va": "center"}
        axes.annotate(text.number(int(counts[-1])), (orders[-1], counts[-1]), color=look["color"], **last)
    axes.set_xlabel("order $n$ of the derivative")
    axes.set_ylabel("equations")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.margins(x=0.08, y=0.1)
    axes.legend(loc="upper left")
    where = formula.definition(root.attrs)
    formula.title(figure, title, "The size of the computation", where)
    return figure


def law(orders: np.ndarray, counts: np.ndarray) -> str:
    """What fits the counts from order 1 on best: `×2.7 an order`, or a quadratic in n.

    Nothing ("") where they are too few, or not all positive. Judged by the largest error of the
    logarithm. The exponential's ratio is that of the upper half of the orders.
    """
    n, c = (values[orders >= 1].astype(float) for values in (orders, counts))
    if len(n) < FEWEST or c.min() < 1:
        return ""
    slope, start = np.polyfit(n, np.log(c), 1)
    quadratic = np.polyfit(n, c, 2)
    values = np.maximum(np.polyval(quadratic, n), 1.0)
    # Where both fit to rounding, as they do a constant, the simpler words are the polynomial's.
    if np.abs(np.log(values / c)).max() < np.abs(start + slope * n - np.log(c)).max() + 1e-9:
        return _polynomial(quadratic, exact=np.abs(values - c).max() < 1e-6 * c.max())
    half = len(n) // 2
    ratio = np.exp(np.polyfit(n[half:], np.log(c[half:]), 1)[0])
    return f"×{text.number(float(ratio), 2)} an order"


def _polynomial(coefficients: np.ndarray, exact: bool) -> str:
    """`4n² + 18n + 8 from order 1` where the numbers are these, `≈ …` where they are nearly."""
    powers = ["n^2", "n", ""]
    terms = [
        f"{'-' if c < 0 else '+'} {text.number(abs(float(c)), 6 if exact else 2)}{power}"
        for c, power in zip(coefficients, powers, strict=True)
        if abs(c) > 1e-6 * np.abs(coefficients).max()
    ]
    formula = " ".join(terms).removeprefix("+ ")
    return f"${formula}$ from order 1" if exact else rf"$\approx {formula}$"
