"""Stored derivatives over two variables of the grid, a map each: the gammas and vannas of an option, say."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from taylorkit import naming, shown
from taylorkit.accessor import terms as stored
from taylorkit.errors import SpecError
from taylorkit.plotting import annotate, maps, select, text
from taylorkit.plotting.figure import Source

__all__ = ["derivative_maps"]

PANEL_SIZE = (3.5, 2.9)
# By default so many, and never more than can be told apart.
SHOWN, MOST = 9, 16
SIGNED = "RdBu_r"
# Each map has a bar of its own, and a number costs time.
TICKS = 5
# Where a few values tower over all others, colours end at this part of the sizes, and the bar says so.
TYPICAL, TOWERING = 0.98, 3.0


def derivative_maps(
    source: Source,
    *,
    terms: list[str] | None = None,
    over: list[str] | None = None,
    at: list[float] | None = None,
    output: int = 0,
    title: str | None = None,
) -> Figure:
    """∂^α f for each of `terms` (labels or names; by default those with names) over the two axes `over` of the grid.

    The grid's other axes stay at `at`, one value of theirs each, by default in their middle. Colours are about 0, one
    for either sign, where a derivative has both. Raises SpecError for a grid that has not two such axes.
    """
    root, part = select.component(select.along_line(source.root), output)
    chosen, held = _axes(root, over)
    places = _places(root, held, at)
    root = root.isel(places)
    names = _terms(root, terms)
    fields = [stored.derivative(root, term).transpose(*reversed(chosen)).compute() for _, term in names]
    figure, panels = maps.panels(len(names), PANEL_SIZE)
    for axes, (name, _), values in zip(panels, names, fields, strict=True):
        _map(figure, axes, values, chosen)
        axes.set_title(name)
    maps.name(panels, *chosen)
    where = text.point({v: float(root[v]) for v in held}) if held else ""
    annotate.title(figure, title, root.attrs, "Derivatives", f"at {where}" if where else "", part)
    return figure


def _axes(root: xr.Dataset, over: Any) -> tuple[list[str], list[str]]:
    """The two axes that are drawn, and the others."""
    found = select.axes(root)
    wide = [a for a in found if root.sizes[a] > 1 and found != ("point",)]
    chosen = wide[:2] if over is None else over
    pair = list(chosen) if isinstance(chosen, list | tuple) else []
    if len(pair) != 2 or pair[0] == pair[1] or not all(axis in wide for axis in pair):
        asked = "grid" if over is None else f"over = {shown.value(over)}"
        raise SpecError(
            f"{asked}: its axes with 2 values or more are {', '.join(wide) or 'none'}; these maps need two of them"
        )
    return pair, [a for a in found if a not in pair]


def _places(root: xr.Dataset, held: list[str], at: Any) -> dict[str, int]:
    """Where the other axes are held."""
    if at is None:
        return {a: root.sizes[a] // 2 for a in held}
    if not isinstance(at, list | tuple) or len(at) != len(held):
        raise SpecError(
            f"at = {shown.value(at)}: write a list of one number for each of {', '.join(held) or 'no axis'}"
        )
    return {a: _place(root[a].values, a, value) for a, value in zip(held, at, strict=True)}


def _place(values: np.ndarray, axis: str, wanted: Any) -> int:
    number = isinstance(wanted, int | float) and not isinstance(wanted, bool)
    place = int(np.abs(values - float(wanted)).argmin()) if number else 0
    # Decimals are rounded when they are written down, and again by the dtype.
    if not number or not np.isclose(values[place], float(wanted), rtol=1e-6, atol=1e-9):
        near = f"; the nearest is {text.number(float(values[place]), 8)}" if number else ""
        raise SpecError(f"at = {shown.value(wanted)}: is no value of {axis} in the grid{near}")
    return place


def _terms(root: xr.Dataset, asked: Any) -> list[tuple[str, str]]:
    """What each panel is called, and the label of its term."""
    called = naming.by_term(root.attrs)
    known = [str(label) for label in root["term"].values]
    if asked is None:
        asked = ([label for label in known if label in called] or known[1:] or known)[:SHOWN]
    if not isinstance(asked, list | tuple) or not 1 <= len(asked) <= MOST:
        raise SpecError(f"terms = {shown.value(asked)}: write a list of 1 to {MOST}, such as {known[1:3]!r}")
    labels = [str(stored.derivative(root, term)["term"].values) for term in asked]
    return [(_title(called.get(label), label), label) for label in labels]


def _title(name: str | None, label: str) -> str:
    """The term, after its own name where it has one."""
    return text.text(f"{name}: {text.term(label)}" if name else text.term(label))


def _map(figure: Figure, axes: Axes, values: xr.DataArray, over: list[str]) -> None:
    z = np.where(np.isfinite(values.values), values.values, np.nan)
    norm, colors, extend = _scale(z)
    image = maps.cells(axes, values[over[0]].values, values[over[1]].values, z, norm, colors)
    bar = figure.colorbar(image, ax=axes, aspect=22, pad=0.02, extend=extend, ticks=MaxNLocator(TICKS))
    if colors == SIGNED and extend == "neither":
        # Of both halves the part that there is.
        bar.ax.set_ylim(np.nanmin(z), np.nanmax(z))


def _scale(z: np.ndarray) -> tuple[Normalize, str, str]:
    """Colours for the values: about 0 where there are both signs; and where the bar goes on beyond them."""
    finite = z[np.isfinite(z)]
    if not finite.size:
        return Normalize(0.0, 1.0), maps.VALUES, "neither"
    low, high = float(finite.min()), float(finite.max())
    sizes = np.abs(finite)
    reach = float(sizes.max())
    typical = float(np.quantile(sizes, TYPICAL))
    towers = typical > 0 and reach > TOWERING * typical
    if towers:
        low, high, reach = max(low, -typical), min(high, typical), typical
    beyond = {(True, True): "both", (True, False): "min", (False, True): "max", (False, False): "neither"}
    extend = beyond[bool(finite.min() < low), bool(finite.max() > high)]
    if low < 0 < high:
        return Normalize(-reach, reach), SIGNED, extend
    return Normalize(low, high if high > low else low + 1.0), maps.VALUES, extend
