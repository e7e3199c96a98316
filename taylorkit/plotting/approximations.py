"""f along one axis with its Taylor polynomials, or at scattered points with what the polynomials say there."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from taylorkit.errors import SpecError
from taylorkit.plotting import annotate, select, style, text
from taylorkit.plotting.centers import behind, on_line
from taylorkit.plotting.figure import Source

__all__ = ["approximations"]

# Polynomials run away: the picture is as high as f, and this much of its height again above and below.
MARGIN = 0.35


def approximations(
    source: Source,
    *,
    evaluation: str | None = None,
    degrees: list[int] | None = None,
    overlay: bool = False,
    output: int = 0,
    limits: list[float] | None = None,
    title: str | None = None,
) -> Figure:
    """f as a thick line under T_k of each of `degrees`; with `overlay`, the evaluation's closed form dashed on top.

    `limits` are those of the vertical axis. Raises SpecError where the evaluation has two or more axes.
    """
    dataset, part = select.component(select.evaluation(source.evaluations, evaluation), output)
    chosen = select.degrees(dataset, degrees, select.spread(int(dataset.attrs["order"]), 4))
    height = select.limits(limits)
    scattered = select.axes(dataset) == ("point",)
    axis = "point" if scattered else select.require_axes(dataset, (1,), "this figure")[0]
    if overlay:
        _require_overlay(dataset)
    figure, axes = style.single()
    if scattered:
        _points(axes, dataset, chosen)
    else:
        _lines(axes, dataset, axis, chosen)
        axes.set_ylim(annotate.around(dataset["truth"].values, MARGIN))
    if overlay:
        _overlay(axes, dataset, axis)
    if not scattered:
        on_line(axes, behind(source.root, dataset, output), axis)
    if height:
        axes.set_ylim(height)
    axes.set_ylabel(f"${text.symbol(dataset.attrs)},\\;T_k$")
    style.legend(figure)
    annotate.title(figure, title, dataset.attrs, "Taylor polynomials", text.about(dataset.attrs), part)
    return figure


def _lines(axes: Axes, dataset: xr.Dataset, axis: str, degrees: list[int]) -> None:
    x, letter = dataset[axis].values, text.symbol(dataset.attrs)
    axes.plot(x, dataset["truth"].values, color=style.TRUTH, linewidth=4, label=f"${letter}$")
    for k, line in zip(degrees, style.line_styles(len(degrees)), strict=True):
        axes.plot(x, _values(dataset, k), **line, label=f"$T_{{{k}}}$")
    annotate.name_axes(axes, axis)
    axes.margins(x=0)


def _points(axes: Axes, dataset: xr.Dataset, degrees: list[int]) -> None:
    """Points have no line between them: a bar across for f, a marker for each polynomial."""
    at, letter = np.arange(dataset.sizes["point"]), text.symbol(dataset.attrs)
    bar: dict[str, Any] = {"marker": "_", "linestyle": "none", "markersize": 30}
    truth = dataset["truth"].values
    axes.plot(at, truth, **bar, color=style.TRUTH, markeredgewidth=3, label=f"${letter}$")
    for k, offset, line in style.side_by_side(degrees):
        axes.plot(at + offset, _values(dataset, k), "o", color=line["color"], label=f"$T_{{{k}}}$")
    annotate.name_points(axes, dataset)
    # A few far points would press the rest onto the axis.
    annotate.value_scale(axes, truth, most=30)
    axes.margins(y=0.1)


def _values(dataset: xr.Dataset, degree: int) -> np.ndarray:
    values: np.ndarray = dataset["approximation"].sel(degree=degree).values
    return values


def _require_overlay(dataset: xr.Dataset) -> None:
    if "overlay" not in dataset:
        name = dataset.attrs.get("evaluation")
        raise SpecError(f"overlay = True: evaluation {name!r} has no closed form; give it one or drop overlay")


def _overlay(axes: Axes, dataset: xr.Dataset, axis: str) -> None:
    scattered = axis == "point"
    label = text.math(dataset.attrs.get("overlay_latex") or "") or "closed form"
    x = np.arange(dataset.sizes["point"]) if scattered else dataset[axis].values
    look: dict[str, Any] = {"linestyle": "none", "marker": "x"} if scattered else {"linestyle": (0, (3, 3))}
    axes.plot(x, dataset["overlay"].values, color=style.TRUTH, linewidth=1.8, label=label, **look)
