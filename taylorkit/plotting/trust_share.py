"""At what share of the expansion points the polynomial of each degree holds, out to which radius: the trust radii of
all of them as survival curves, however the points lie."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from taylorkit.plotting import annotate, select, style, text
from taylorkit.plotting.figure import Source
from taylorkit.plotting.trust_radius import tolerance, trust

__all__ = ["survival", "trust_share"]


def trust_share(
    source: Source,
    *,
    degrees: list[int] | None = None,
    limits: list[float] | None = None,
    title: str | None = None,
) -> Figure:
    """For each of `degrees` the share of points whose sampled trust radius is r or more, against r; `limits` of r.

    Points without a trust radius count as points where nothing holds. Raises SpecError where the artifact holds none.
    """
    root = source.root
    radius, reach = trust(root), float((root.attrs.get("trust") or {}).get("radius") or 0.0)
    chosen = select.degrees(root, degrees, select.spread(int(root.attrs["order"]), 6))
    span = select.limits(limits, least=0)
    figure, axes = style.single()
    for k, line in zip(chosen, style.line_styles(len(chosen)), strict=True):
        values = radius.sel(degree=k).values.ravel()
        radii, shares = survival(values, reach)
        axes.step(radii, shares, where="pre", **line, label=f"$T_{{{k}}}$, half to {_median(values)}")
    axes.set_xlim(*(span or (0.0, None)))
    axes.set_ylim(0.0, 1.02)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.set_xlabel("radius $r$")
    axes.set_ylabel("expansion points where $T_k$\nholds out to $r$, of " + _count(radius.sel(degree=chosen[0]).values))
    style.legend(figure)
    annotate.title(figure, title, root.attrs, "Sampled trust", tolerance(root.attrs))
    return figure


def survival(values: np.ndarray, reach: float) -> tuple[np.ndarray, np.ndarray]:
    """The share of `values` at or above r, as steps: shares[i] up to radii[i], beyond radii[i − 1].

    It falls to zero behind the largest value, but for `reach`: what held as far as was looked may hold farther.
    """
    known = np.sort(values[np.isfinite(values)])
    radii = np.unique(np.append(known, 0.0))
    shares = (len(known) - np.searchsorted(known, radii)) / max(1, values.size)
    if radii[-1] < reach:
        radii, shares = np.append(radii, reach), np.append(shares, 0.0)
    return radii, shares


def _median(values: np.ndarray) -> str:
    """The radius out to which the polynomial holds at half of the points or more."""
    lowest_first = np.sort(np.where(np.isfinite(values), values, 0.0))
    return text.number(float(lowest_first[values.size // 2]), 3)


def _count(values: np.ndarray) -> Any:
    unknown = int((~np.isfinite(values)).sum())
    return text.number(values.size) + (f" ({text.number(unknown)} unknown)" if unknown else "")
