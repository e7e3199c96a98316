"""What surrounds the data: titles with formulas, axis names, centres, and limits that a run-away polynomial cannot
set."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import SymmetricalLogLocator

from taylorkit.plotting import style, text

__all__ = ["around", "name_axes", "name_points", "plain_title", "title", "value_scale"]

# Coordinates of scattered points are written under the axis while there is room for them.
NAMED_POINTS = 8


def title(figure: Figure, own: str | None, attrs: Mapping[str, Any], what: str, *where: str) -> None:
    """The title: the user's `own`, or `what` of f with its formula, where, and which output; in the form that fits."""
    if own:
        return style.fit_title(figure, [text.text(str(own))])
    names = text.definition(attrs, attrs["variables"])
    place = ", ".join(w for w in where if w)
    candidates = [f"{what} of {names[0]} {place}".rstrip(), f"{what} {place}\n{names[0]}"]
    return style.fit_title(figure, [*candidates, f"{what} of {names[-1]} {place}".rstrip()])


def around(values: np.ndarray, margin: float) -> tuple[float, float]:
    """Limits that hold every finite value, and `margin` of their range again on both sides."""
    finite = values[np.isfinite(values)]
    low, high = (finite.min(), finite.max()) if finite.size else (0.0, 1.0)
    room = margin * (high - low) if high > low else 0.5 * max(1.0, abs(high))
    return float(low - room), float(high + room)


def value_scale(axes: Axes, values: np.ndarray, most: float) -> None:
    """A symmetric logarithmic axis where the largest value is more than `most` times the typical one."""
    sizes = np.sort(np.abs(values[np.isfinite(values)]))
    typical = float(sizes[sizes.size // 2]) if sizes.size else 0.0
    if typical and sizes[-1] > most * typical:
        # Linear below a power of ten, and few ticks: they crowd around zero.
        linear = 10.0 ** np.floor(np.log10(typical))
        axes.set_yscale("symlog", linthresh=linear)
        locator = SymmetricalLogLocator(base=10, linthresh=linear)
        locator.set_params(numticks=9)
        axes.yaxis.set_major_locator(locator)


def name_axes(axes: Axes, *names: str) -> None:
    """Variables as axis labels."""
    for which, name in zip("xy", names, strict=False):
        axes.set(**{f"{which}label": f"${text.name(name)}$"})


def name_points(axes: Axes, dataset: xr.Dataset) -> None:
    """The axis of scattered points: their coordinates where few, their numbers where many."""
    variables = [v for v in dataset.attrs["variables"] if v in dataset.variables]
    count = dataset.sizes["point"]
    axes.set_xlim(-0.5, count - 0.5)
    if count > NAMED_POINTS:
        axes.set_xlabel("point")
        return
    rows = np.stack([dataset[v].values for v in variables], axis=1)
    names = [f"({', '.join(text.number(float(c), 3) for c in row)})" for row in rows]
    axes.set_xticks(np.arange(count), names, fontsize=8)
    axes.set_xlabel(f"point $({', '.join(map(text.name, variables))})$")


def plain_title(figure: Figure, own: str | None, words: str) -> None:
    """A title without a formula."""
    style.fit_title(figure, [text.text(str(own or words))])
