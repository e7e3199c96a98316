"""How far from its centre each Taylor polynomial stays within the tolerance, and how far its series may converge."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from taylorkit.errors import SpecError
from taylorkit.plotting import annotate, maps, select, style, text
from taylorkit.plotting.figure import Source

__all__ = ["tolerance", "trust", "trust_radius"]

ESTIMATE: dict[str, Any] = {"color": style.TRUTH, "linestyle": (0, (4, 3)), "linewidth": 1.4}


def trust_radius(
    source: Source,
    *,
    degrees: list[int] | None = None,
    limits: list[float] | None = None,
    title: str | None = None,
) -> Figure:
    """The sampled trust radius with the estimated radius of convergence: against the degree where there is one centre,
    a line a degree over a grid of one axis, a map a degree over a grid of two.

    `limits` are those of the radius. Raises SpecError for any other grid, and where the artifact holds no trust
    radius.
    """
    dataset = select.along_line(source.root)
    axes = select.axes(dataset)
    radius, estimate = trust(dataset), dataset["convergence_radius"]
    order, height = int(dataset.attrs["order"]), select.limits(limits, least=0)
    if estimate.size == 1:
        chosen = select.degrees(dataset, degrees, list(range(order + 1)))
        figure = _one(radius.sel(degree=chosen), estimate, height)
    elif len(select.require_axes(dataset, (1, 2), "a trust radius over a grid")) == 1:
        chosen = select.degrees(dataset, degrees, select.spread(order, 6))
        figure = _lines(radius.sel(degree=chosen), estimate, axes[0], height)
    else:
        chosen = select.degrees(dataset, degrees, select.spread(order, 6))
        figure = _maps(radius.sel(degree=chosen), axes, height)
    annotate.title(figure, title, dataset.attrs, "Trust radius", tolerance(dataset.attrs))
    return figure


def trust(dataset: xr.Dataset) -> xr.DataArray:
    """The stored trust radii. Raises SpecError where there are none."""
    if "trust_radius" not in dataset:
        raise SpecError("trust_radius: this artifact holds none; ask for it in its spec, or draw another kind")
    if not select.trusted(dataset):
        raise SpecError(
            "this artifact holds no trust radius: the run had trust.samples = 0; "
            "run it with samples of 1 or more, or draw another kind"
        )
    return dataset["trust_radius"]


def _one(radius: xr.DataArray, estimate: xr.DataArray, height: tuple[float, float] | None) -> Figure:
    figure, axes = style.single()
    degrees = radius["degree"].values
    values = _finite(radius.values.reshape(len(degrees)))
    axes.plot(degrees, values, marker="o", color=style.LINES[0], label="sampled\ntrust radius")
    limit = float(estimate.values.ravel()[0])
    if np.isfinite(limit):
        axes.axhline(limit, **ESTIMATE, label=f"convergence\n(low estimate): {text.number(limit, 3)}")
    else:
        axes.plot([], [], **ESTIMATE, label=f"convergence\n(low estimate): {_none(limit)}")
    axes.set_xlabel("degree $k$")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return _finish(figure, axes, radius.values, height)


def _lines(radius: xr.DataArray, estimate: xr.DataArray, axis: str, height: tuple[float, float] | None) -> Figure:
    figure, axes = style.single()
    x, degrees = radius[axis].values, radius["degree"].values
    for k, line in zip(degrees, style.line_styles(len(degrees)), strict=True):
        axes.plot(x, _finite(radius.sel(degree=k).values), **line, label=f"$T_{{{k}}}$")
    known = np.isfinite(estimate.values)
    label = "convergence\n(low estimate)" + ("" if known.all() else f"\nnot finite at {(~known).sum()} of {known.size}")
    axes.plot(x, _finite(estimate.values), **ESTIMATE, label=label)
    annotate.name_axes(axes, axis)
    axes.margins(x=0)
    return _finish(figure, axes, radius.values, height)


def _maps(radius: xr.DataArray, over: tuple[str, ...], height: tuple[float, float] | None) -> Figure:
    degrees = radius["degree"].values
    largest = _largest(radius.values)
    figure, panels = maps.panels(len(degrees))
    low, high = height or (0.0, largest or 1.0)
    for axes, k in zip(panels, degrees, strict=True):
        values = _finite(radius.sel(degree=k).transpose(*reversed(over)).values)
        x, y = (radius[a].values for a in over)
        image = maps.cells(axes, x, y, values, Normalize(low, high), maps.VALUES)
        axes.set_title(f"$T_{{{k}}}$")
    maps.name(panels, *over)
    maps.bar(figure, image, panels, "sampled trust radius" + _unknown(radius.values, "grey"))
    return figure


def _finish(figure: Figure, axes: Axes, values: np.ndarray, height: tuple[float, float] | None) -> Figure:
    axes.set_ylim(bottom=0)
    if height:
        axes.set_ylim(height)
    axes.set_ylabel("radius" + _unknown(values, "gap"))
    style.legend(figure)
    return figure


def _finite(values: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(values), values, np.nan)


def _largest(values: np.ndarray) -> float:
    return float(np.max(values, where=np.isfinite(values), initial=0.0))


def _none(limit: float) -> str:
    return "no finite one" if np.isinf(limit) else "not determined"


def _unknown(values: np.ndarray, mark: str) -> str:
    count = int((~np.isfinite(values)).sum())
    return f"\n{mark}: unknown or unlimited, {count} of {values.size} values" if count else ""


def tolerance(attrs: Mapping[str, Any]) -> str:
    """What the radii hold to, in words for a title."""
    trust = attrs.get("trust") or {}
    if trust.get("tolerance") is None:
        return ""
    kind = "relative " if trust.get("relative") else ""
    return f"({kind}error ≤ {text.number(float(trust['tolerance']))})"
