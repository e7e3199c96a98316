"""How the error grows with the distance from the centre: as its power k + 1, as long as the next term leads."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from taylorkit.errors import SpecError
from taylorkit.plotting import annotate, logarithm, select, style, text
from taylorkit.plotting.figure import Source

__all__ = ["error_against_distance"]

# Groups of distances, evenly spread on a logarithmic scale, and the least number of points in one that is shown.
BINS, LEAST = 20, 50
QUANTILES = (0.25, 0.5, 0.75)
POWER: dict[str, Any] = {"linestyle": (0, (1, 2)), "linewidth": 1.2}


def error_against_distance(
    source: Source,
    *,
    evaluation: str | None = None,
    degrees: list[int] | None = None,
    output: int | None = None,
    limits: list[float] | None = None,
    title: str | None = None,
) -> Figure:
    """Median and quartiles of |f − T_k| against the distance from the centre, on logarithmic scales.

    Distances are over each variable's root mean square, so that variables of different units count alike. The error is
    that of one `output`, or the Euclidean norm over all of them. `limits` are those of the error. Raises SpecError for
    an atlas, whose centres are many.
    """
    dataset = select.evaluation(source.evaluations, evaluation)
    if dataset.attrs.get("source") == "atlas":
        raise SpecError(f"evaluation = {dataset.attrs.get('evaluation')!r}: is of an atlas; choose one of one centre")
    part, words = (dataset, "") if output is None else select.component(dataset, output)
    order = int(dataset.attrs["order"])
    chosen = select.degrees(dataset, degrees, select.spread(order, 6))
    points, height = select.axes(dataset), select.limits(limits, above=0)
    distances = _distances(dataset, points)
    if not (distances > 0).any():
        raise SpecError("evaluation: all its points are the centre; choose one with points away from it")
    errors = _errors(part["error"].sel(degree=chosen), points)
    scale = logarithm.scale(errors, part["truth"].values)
    figure, axes = style.single()
    groups = _groups(distances)
    middle = np.array([np.exp(np.log(r).mean()) for r, _ in groups])
    for k, values, line in zip(chosen, errors, style.line_styles(len(chosen)), strict=True):
        low, median, high = np.array([_quantiles(values[places]) for _, places in groups]).T
        axes.fill_between(middle, scale.clip(low), scale.clip(high), color=line["color"], alpha=0.25, linewidth=0)
        axes.plot(middle, scale.clip(median), **line, label=f"$T_{{{k}}}$")
        at = len(middle) // 2
        axes.plot(middle, median[at] * (middle / middle[at]) ** (k + 1), color=line["color"], **POWER)
    axes.plot([], [], color="black", label="slope $k + 1$", **POWER)
    axes.set(xscale="log", yscale="log", xlabel="distance from the centre, each variable over its root mean square")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: text.number(x)))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_ylim(*(height or (scale.floor / 2, scale.ceiling * 1.5)))
    symbol = text.symbol(dataset.attrs)
    axes.set_ylabel(f"$|{symbol} - T_k|$, median and quartiles")
    style.legend(figure)
    annotate.title(figure, title, dataset.attrs, "Taylor error", text.about(dataset.attrs), words)
    return figure


def _errors(error: xr.DataArray, points: tuple[str, ...]) -> np.ndarray:
    """The norm over outputs at all points: (degrees, M)."""
    outputs = [d for d in error.dims if d not in ("degree", *points)]
    values = error.transpose("degree", *outputs, *points).values
    return np.linalg.norm(values.reshape(len(values), -1, *values.shape[1 + len(outputs) :]), axis=1).reshape(
        len(values), -1
    )


def _distances(dataset: xr.Dataset, points: tuple[str, ...]) -> np.ndarray:
    """Of all points from the centre: (M,)."""
    shape = [dataset.sizes[a] for a in points]
    total = np.zeros(shape)
    for name, place in dataset.attrs["center"].items():
        if name in dataset.variables:
            apart = dataset[name] - place
            squares = (apart**2).broadcast_like(dataset["truth"].isel(_first(dataset, points))).transpose(*points)
            if mean := float(squares.mean()):
                total += squares.values / mean
    return np.sqrt(total).reshape(-1)


def _first(dataset: xr.Dataset, points: tuple[str, ...]) -> dict[Any, int]:
    """One output alone."""
    return {d: 0 for d in dataset["truth"].dims if d not in points}


def _groups(distances: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Distances near one another, and whose they are; without the centre itself, and without those of too few."""
    away = np.flatnonzero(distances > 0)
    r = distances[away]
    edges = np.geomspace(r.min(), r.max(), BINS + 1)
    which = np.clip(np.searchsorted(edges, r, side="right") - 1, 0, BINS - 1)
    groups = [(r[which == i], away[which == i]) for i in range(BINS)]
    least = min(LEAST, max(len(of) for of, _ in groups))
    return [group for group in groups if len(group[0]) >= least]


def _quantiles(values: np.ndarray) -> np.ndarray:
    """Of those that are finite; NaN where none is."""
    finite = values[np.isfinite(values)]
    return np.quantile(finite, QUANTILES) if finite.size else np.full(len(QUANTILES), np.nan)
