"""Which terms of the polynomials matter: the largest coefficients of a degree, with their spread over the expansion
points."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from taylorkit import naming, shown
from taylorkit.errors import SpecError
from taylorkit.multi_index import factorials, label
from taylorkit.plotting import annotate, notebook, select, style, text
from taylorkit.plotting.figure import Source

__all__ = ["terms"]

# More dots than these hide each other; a page has two seconds for them.
MOST_POINTS = 400
# Rows and panels that can still be read.
MOST_TERMS, MOST_PANELS = 40, 4
PANEL_WIDTH, ROW_HEIGHT = 4.6, 0.3


@dataclass(frozen=True)
class Ranked:
    """The terms of one degree: exponents (m, D) and coefficients (m, N) of the largest, and how much they are of it.

    `share` is theirs of the sum of squares of all `count` terms of that degree.
    """

    degree: int
    exponents: np.ndarray
    coefficients: np.ndarray
    share: float
    count: int


def terms(
    source: Source,
    *,
    degrees: list[int] | None = None,
    most: int = 10,
    output: int = 0,
    title: str | None = None,
) -> Figure:
    """A panel for each of `degrees` (1 and 2): its `most` largest terms, by the root mean square of ∂^α f / α! over the
    expansion points, a dot a point and a bar at the mean.

    Raises SpecError for more than 4 degrees, and where `most` is no whole number from 1 to 40.
    """
    dataset, part = select.component(source.root, output)
    order = int(dataset.attrs["order"])
    chosen = select.degrees(dataset, degrees, select.spread(min(order, 2), 2, first=min(order, 1)))
    if len(chosen) > MOST_PANELS:
        raise SpecError(f"degrees = {shown.value(chosen)}: a panel each; write at most {MOST_PANELS}")
    if isinstance(most, bool) or not isinstance(most, int) or not 1 <= most <= MOST_TERMS:
        raise SpecError(f"most = {shown.value(most)}: write a whole number from 1 to {MOST_TERMS}")
    seen = select.thinned(dataset, MOST_POINTS)
    ranked = [_ranked(seen, degree, most) for degree in chosen]
    rows = max(len(one.exponents) for one in ranked)
    figure = notebook.Figure(
        figsize=(max(PANEL_WIDTH * len(ranked), 6.4), ROW_HEIGHT * rows + 1.7), layout="constrained"
    )
    for axes, one in zip(figure.subplots(1, len(ranked), squeeze=False)[0], ranked, strict=True):
        _panel(axes, one, seen.attrs, rows)
    figure.supxlabel(
        f"$\\partial^\\alpha {text.symbol(dataset.attrs)}\\,/\\,\\alpha!$" + _over(dataset, seen, ranked), size=10
    )
    annotate.title(figure, title, dataset.attrs, "The largest terms", part)
    return figure


def _ranked(dataset: xr.Dataset, degree: int, most: int) -> Ranked:
    exponents = dataset["exponent"].values
    mine = np.flatnonzero(exponents.sum(axis=1) == degree)
    packed = dataset["derivatives"].isel(term=mine).values.reshape(len(mine), -1)
    scale = factorials(exponents.shape[1], int(dataset.attrs["order"]))[mine]
    coefficients = packed / scale[:, None]
    finite = np.where(np.isfinite(coefficients), coefficients, 0.0).astype(float)
    # Of sizes relative to the largest: squares of large numbers have no place among floats.
    squares = np.sum((finite / (np.abs(finite).max() or 1.0)) ** 2, axis=1)
    largest = np.argsort(-squares, kind="stable")[:most]
    share = float(squares[largest].sum() / squares.sum()) if squares.any() else 1.0
    return Ranked(degree, exponents[mine][largest], coefficients[largest], share, len(mine))


def _panel(axes: Axes, ranked: Ranked, attrs: Mapping[str, Any], rows: int) -> None:
    count, points = ranked.coefficients.shape
    color = style.line_styles(MOST_PANELS)[(ranked.degree - 1) % MOST_PANELS]["color"]
    # Beside each other, as the golden ratio scatters them: the same each time.
    aside = ((np.arange(points) * 0.6180339887) % 1.0 - 0.5) * (0.6 if points > 1 else 0.0)
    look = {"markersize": 2.2, "alpha": 0.55} if points > 1 else {"markersize": 7}
    axes.axvline(0.0, color=style.TRUTH, linewidth=0.8, zorder=1)
    heights = (np.arange(count)[:, None] + aside).ravel()
    # Thousands of dots as one picture: as shapes they would make the page slow.
    axes.plot(ranked.coefficients.ravel(), heights, "o", color=color, markeredgewidth=0, rasterized=points > 1, **look)
    if points > 1:
        means = np.ma.masked_invalid(ranked.coefficients).mean(axis=1).filled(np.nan)
        axes.vlines(means, np.arange(count) - 0.36, np.arange(count) + 0.36, color=style.TRUTH, linewidth=2, zorder=3)
    names = naming.by_term(attrs)
    axes.set_yticks(np.arange(count), [_name(e, attrs["variables"], names) for e in ranked.exponents])
    # Panels of fewer terms keep the rows' height.
    axes.set_ylim(rows - 0.4, -0.6)
    axes.grid(False, axis="y")
    axes.set_title(_said(ranked))


def _name(exponents: np.ndarray, variables: Sequence[str], names: Mapping[str, str]) -> str:
    """A term's own name where it has one, else x² y as a formula."""
    if own := names.get(label(tuple(variables), exponents)):
        return text.text(own)
    powers = [f"{text.name(v)}{f'^{{{p}}}' if p > 1 else ''}" for v, p in zip(variables, exponents, strict=True) if p]
    product = r"\;".join(powers) or "1"
    return f"${product}$"


def _said(ranked: Ranked) -> str:
    shown = len(ranked.exponents)
    if shown == ranked.count:
        return f"degree {ranked.degree}: all terms"
    share = text.number(100 * ranked.share, 2)
    return f"degree {ranked.degree}: {shown} of {text.number(ranked.count)} terms, {share} % of the squares"


def _over(dataset: xr.Dataset, seen: xr.Dataset, ranked: Sequence[Ranked]) -> str:
    """How many points the dots stand for, and at how many some have none."""
    whole, shown = (int(np.prod([d.sizes[a] for a in select.axes(d)])) for d in (dataset, seen))
    of = f" of {text.number(whole)}" if shown < whole else ""
    place = f"  at {text.number(shown)}{of} expansion points; the bar is their mean" if whole > 1 else ""
    lost = int(np.any([~np.isfinite(one.coefficients).all(axis=0) for one in ranked], axis=0).sum())
    return place + (f"; not finite at {text.number(lost)}" if lost else "")
