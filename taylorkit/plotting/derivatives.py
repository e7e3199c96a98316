"""f over a grid of one variable with its derivatives, straight from the stored numbers."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from taylorkit.plotting import annotate, select, style, text
from taylorkit.plotting.figure import Source

__all__ = ["derivatives"]


def derivatives(
    source: Source,
    *,
    degrees: list[int] | None = None,
    beside: bool = False,
    output: int = 0,
    limits: list[float] | None = None,
    title: str | None = None,
) -> Figure:
    """f^(k) over the grid for each of `degrees` (all from 1 up); with `beside`, f alone in a panel of its own at the
    left.

    `limits` are those of the derivatives' axis. Raises SpecError where the grid has not one axis.
    """
    dataset, part = select.component(select.along_line(source.root), output)
    axis = select.require_axes(dataset, (1,), "this figure")[0]
    order = int(dataset.attrs["order"])
    chosen = select.degrees(dataset, degrees, list(range(min(1, order), order + 1)))
    height = select.limits(limits)
    figure, panels = style.beside() if beside else _alone()
    if beside:
        _line(panels[0], dataset, axis, 0)
    for k, line in zip(chosen, style.line_styles(len(chosen)), strict=True):
        panels[-1].plot(dataset[axis].values, _values(dataset, k), **line, label=_label(dataset, k))
    annotate.value_scale(panels[-1], np.stack([_values(dataset, k) for k in chosen]), most=1e5)
    if height:
        panels[-1].set_ylim(height)
    for axes in panels:
        annotate.name_axes(axes, axis)
        axes.margins(x=0)
    style.legend(figure)
    annotate.title(figure, title, dataset.attrs, "Derivatives", part)
    return figure


def _alone() -> tuple[Figure, list[Axes]]:
    figure, axes = style.single()
    return figure, [axes]


def _line(axes: Axes, dataset: xr.Dataset, axis: str, degree: int) -> None:
    look: dict[str, Any] = {"color": style.TRUTH, "linewidth": 2.6}
    axes.plot(dataset[axis].values, _values(dataset, degree), label=_label(dataset, degree), **look)


def _values(dataset: xr.Dataset, degree: int) -> np.ndarray:
    # In one variable the terms are 1, x, x², …: a derivative's place is its degree.
    values: np.ndarray = dataset["derivatives"].isel(term=degree).values
    return values


def _label(dataset: xr.Dataset, degree: int) -> str:
    return f"${text.derivative(text.symbol(dataset.attrs), degree)}$"
