"""The centres behind an evaluation, and the dots that mark them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from taylorkit.accessor.centers import centers_of
from taylorkit.plotting import select, style
from taylorkit.plotting.figure import Source

__all__ = ["MANY", "Centers", "behind", "dot", "main", "nearest", "on_line", "on_map"]

# More dots than these would hide what they lie on.
MANY = 30
COVERING = 200


@dataclass(frozen=True)
class Centers:
    """The centres behind an evaluation: `points` holds each variable's coordinates, `values` f there; (N,) each."""

    points: dict[str, np.ndarray]
    values: np.ndarray


def behind(root: xr.Dataset, dataset: xr.Dataset, output: int) -> Centers:
    """The centres behind `dataset` (component `output` of an evaluation), with f there.

    T₀ is f at the centre; an atlas keeps it as the derivative of order 0 at each centre that is somebody's nearest.
    """
    if dataset.attrs.get("source") != "atlas":
        points = {v: np.array([float(c)]) for v, c in dataset.attrs["center"].items()}
        constant = dataset["approximation"].sel(degree=0).values.ravel()
        return Centers(points, constant[:1])
    used = np.unique(dataset["center_index"].values)
    shape = tuple(root.sizes[a] for a in select.axes(root))
    place = dict(zip(select.axes(root), np.unravel_index(used, shape), strict=True))
    points = {v: root[v].values[place[str(root[v].dims[0])]] for v in root.attrs["variables"]}
    values = select.component(root, output)[0]["derivatives"].isel(term=0).values
    return Centers(points, values.ravel()[used])


def nearest(root: xr.Dataset, wanted: Mapping[str, float]) -> xr.Dataset:
    """What the root holds at the centre that is nearest to a point."""
    variables = tuple(map(str, root.attrs["variables"]))
    dims, centers = centers_of(root, variables)
    flat = centers.nearest(np.array([[float(wanted[v]) for v in variables]]))[0]
    shape = tuple(root.sizes[d] for d in dims)
    places = np.unravel_index(flat, shape) if shape else ()
    return root.isel({d: int(i) for d, i in zip(dims, places, strict=True)})


def main(source: Source) -> xr.Dataset:
    """The root at the centre of the first evaluation that has a single one; at the first centre where none has."""
    single = (d.attrs.get("center") for d in source.evaluations.values() if d.attrs.get("source") == "center")
    wanted = next(single, None)
    return nearest(source.root, wanted) if wanted else source.root.isel(dict.fromkeys(select.axes(source.root), 0))


def on_line(axes: Axes, centers: Centers, axis: str) -> None:
    """Along one axis: a dot on f and a line down at one centre, dots alone at many."""
    places = centers.points[axis]
    if len(places) == 1:
        axes.axvline(places[0], color=style.CENTER, linestyle=":", linewidth=1, zorder=1)
    axes.plot(places, centers.values, **dot(len(places)), label=_centers(places))


def on_map(axes: Axes, centers: Centers, names: Sequence[str]) -> None:
    """On a map: a dot at each centre; where they would cover it, their number alone."""
    x, y = (centers.points[a] for a in names)
    if len(x) > COVERING:
        axes.plot([], [], linestyle="none", label=f"{_centers(x)}, too many to be marked")
    else:
        axes.plot(x, y, **dot(len(x)), label=_centers(x))


def dot(count: int) -> dict[str, Any]:
    """A centre: a dot that shows on every ground, small where there are many."""
    look = {"color": style.CENTER, "marker": "o", "linestyle": "none", "zorder": 6}
    if count > MANY:
        return {**look, "markersize": 2.5, "markeredgewidth": 0}
    return {**look, "markersize": 7.5, "markeredgecolor": "white", "markeredgewidth": 1.2}


def _centers(places: np.ndarray) -> str:
    return "centre" if len(places) == 1 else f"{len(places)} centres"
