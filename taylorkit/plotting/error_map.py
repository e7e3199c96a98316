"""Where the Taylor polynomials are wrong, and by how much: |f − T_k| on a logarithmic scale, degree by degree."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from taylorkit.plotting import annotate, logarithm, maps, select, style, text
from taylorkit.plotting.centers import MANY, Centers, behind, on_line, on_map
from taylorkit.plotting.figure import Source

__all__ = ["error_map"]

# A map that reached from rounding to the largest error would be one colour wherever it matters.
DECADES = 8


def error_map(
    source: Source,
    *,
    evaluation: str | None = None,
    degrees: list[int] | None = None,
    output: int = 0,
    limits: list[float] | None = None,
    title: str | None = None,
) -> Figure:
    """|f − T_k| of each of `degrees`: over two axes a map each, over one axis or scattered points a line each.

    `limits` are those of the error. Raises SpecError where the evaluation has more than two axes.
    """
    dataset, part = select.component(select.evaluation(source.evaluations, evaluation), output)
    order, points = int(dataset.attrs["order"]), select.axes(dataset)
    chosen = select.degrees(dataset, degrees, select.spread(order, 6 if len(points) == 2 else 11))
    height = select.limits(limits, above=0)
    if points != ("point",):
        select.require_axes(dataset, (1, 2), "an error map")
    errors = dataset["error"].sel(degree=chosen)
    scale = logarithm.error_scale(dataset, errors)
    if len(points) == 2 or dataset.attrs.get("source") == "atlas":
        scale = scale.narrowed(DECADES)
    if height:
        scale = logarithm.Scale(*height)
    if points == ("point",):
        figure = _points(dataset, errors, scale)
    elif len(points) == 1:
        figure = _lines(dataset, errors, scale, behind(source.root, dataset, output))
    else:
        figure = _maps(dataset, errors, scale, behind(source.root, dataset, output))
    annotate.title(figure, title, dataset.attrs, "Taylor error", text.about(dataset.attrs), part)
    return figure


def _maps(dataset: xr.Dataset, errors: xr.DataArray, scale: logarithm.Scale, centers: Centers) -> Figure:
    over = select.require_axes(dataset, (2,), "an error map")
    degrees = errors["degree"].values
    figure, panels = maps.panels(len(degrees))
    x, y = (dataset[a].values for a in over)
    for axes, k in zip(panels, degrees, strict=True):
        values = scale.clip(errors.sel(degree=k).transpose(*reversed(over)).values)
        image = _map(axes, x, y, values, scale, len(centers.values))
        on_map(axes, centers, over)
        largest = text.number(float(dataset["max_error"].sel(degree=k)), 2)
        axes.set_title(f"$|{text.symbol(dataset.attrs)} - T_{{{k}}}|$, sampled max {largest}")
    maps.name(panels, *over)
    maps.bar(figure, image, panels, _label(dataset, errors, scale, "grey"))
    maps.legend(figure, panels[0])
    return figure


def _map(
    axes: Axes, x: np.ndarray, y: np.ndarray, values: np.ndarray, scale: logarithm.Scale, count: int
) -> ScalarMappable:
    norm = LogNorm(scale.floor, scale.ceiling)
    image = maps.cells(axes, x, y, values, norm, maps.ERRORS)
    # Contours of rounding noise would be scribble: they start a decade above it.
    low, high = (f(values, where=np.isfinite(values), initial=i) for f, i in ((np.min, np.inf), (np.max, 0)))
    powers = scale.inner_powers()
    reached = powers[(10.0**powers > low) & (10.0**powers < high)]
    # An atlas repeats every line at each centre: names would cover the map, and in the end the lines.
    if reached.size and count <= MANY:
        # White shows on the map's dark half, black on the light one.
        ink = ["white" if norm(10.0**p) < 0.6 else "black" for p in reached]
        look: dict[str, Any] = {"colors": ink, "linewidths": 0.7, "linestyles": "solid"}
        lines = axes.contour(x, y, np.log10(values), levels=reached, **look)
        if count == 1:
            even = [p for p in reached if p % 2 == 0]
            axes.clabel(lines, even, fmt=lambda exponent: text.power(round(exponent)), fontsize=7)
    return image


def _lines(dataset: xr.Dataset, errors: xr.DataArray, scale: logarithm.Scale, centers: Centers) -> Figure:
    axis = select.require_axes(dataset, (1,), "this figure")[0]
    figure, axes = style.single()
    x, degrees = dataset[axis].values, errors["degree"].values
    for k, line in zip(degrees, style.line_styles(len(degrees)), strict=True):
        axes.semilogy(x, scale.clip(errors.sel(degree=k).values), **line, label=f"$T_{{{k}}}$")
    annotate.name_axes(axes, axis)
    axes.margins(x=0)
    floor = Centers(centers.points, np.full_like(centers.values, scale.floor))
    on_line(axes, floor, axis)
    return _finish(figure, axes, dataset, errors, scale)


def _points(dataset: xr.Dataset, errors: xr.DataArray, scale: logarithm.Scale) -> Figure:
    figure, axes = style.single()
    at, degrees = np.arange(dataset.sizes["point"]), errors["degree"].values.tolist()
    for k, offset, line in style.side_by_side(degrees):
        heights = scale.clip(errors.sel(degree=k).values)
        axes.vlines(at + offset, scale.floor, heights, color=line["color"], linewidth=1.2)
        axes.plot(at + offset, heights, "o", color=line["color"], label=f"$T_{{{k}}}$")
    axes.set_yscale("log")
    annotate.name_points(axes, dataset)
    return _finish(figure, axes, dataset, errors, scale)


def _finish(figure: Figure, axes: Axes, dataset: xr.Dataset, errors: xr.DataArray, scale: logarithm.Scale) -> Figure:
    axes.set_ylim(scale.floor / 2, scale.ceiling * 1.5)
    axes.set_ylabel(_label(dataset, errors, scale, "gap"))
    style.legend(figure)
    return figure


def _label(dataset: xr.Dataset, errors: xr.DataArray, scale: logarithm.Scale, mark: str) -> str:
    notes = scale.words(errors.values, mark)
    return f"$|{text.symbol(dataset.attrs)} - T_k|$" + (f"\n{notes}" if notes else "")
