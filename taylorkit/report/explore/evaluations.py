"""Which evaluations a reader can explore, and their numbers."""

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import xarray as xr

from taylorkit.nearest import Centers
from taylorkit.plotting import Source, select, text
from taylorkit.report.explore.behind import Behind
from taylorkit.report.explore.bounds import MOST_EVALUATIONS, MOST_NUMBERS, MOST_POINTS, MOST_READ, packed, strides


def explorer(source: Source) -> dict[str, Any] | None:
    """The data of a page's explorer, ready for JSON; None where there is nothing to explore."""
    root = source.root
    if root.attrs.get("kind") != "taylor":
        return None
    sites = [site for name, dataset in source.evaluations.items() if (site := _site(root, name, dataset))]
    sites = sites[:MOST_EVALUATIONS]
    behind = Behind(root, tuple(site.own for site in sites if site.own is not None))
    sites = [site for site in sites if site.own is not None or behind.picks]
    if not sites or (behind.order == 0 and behind.count == 1):
        return None
    share = MOST_NUMBERS // (len(sites) * behind.outputs)
    return {
        "letter": _letter(root),
        "variables": list(root.attrs["variables"]),
        "names": [text.word(v) for v in root.attrs["variables"]],
        "order": behind.order,
        "highest": int(root.attrs["order"]),
        "outputs": behind.outputs,
        "all_outputs": behind.all_outputs,
        "exponents": behind.exponents.tolist(),
        "centers": behind.data,
        "evaluations": [_evaluation(site, behind, share) for site in sites],
    }


@dataclass(frozen=True)
class Site:
    """An evaluation over `axes`, with its other axes, of one point each, dropped; `own`: its centre's flat index."""

    name: str
    dataset: xr.Dataset
    axes: tuple[str, ...]
    own: int | None

    @property
    def held(self) -> dict[str, float]:
        """The variables that do not vary, and their values."""
        others = [v for v in self.dataset.attrs["variables"] if v not in self.axes]
        fixed = self.dataset.attrs.get("fixed") or {}
        return {v: float(self.dataset[v] if v in self.dataset.coords else fixed[v]) for v in others}


def _site(root: xr.Dataset, name: str, dataset: xr.Dataset) -> Site | None:
    """None for scattered points and more than two axes, for more than can be read, and for a centre of nowhere."""
    dataset = select.along_line(dataset)
    axes = tuple(a for a in select.axes(dataset) if dataset.sizes[a] > 1)
    if "point" in axes or len(axes) not in MOST_POINTS or dataset["truth"].nbytes > MOST_READ:
        return None
    own = None if dataset.attrs.get("source") == "atlas" else _index(root, dataset.attrs["center"])
    if own is None and "center_index" not in dataset:
        return None
    dataset = dataset.isel({a: 0 for a in select.axes(dataset) if a not in axes})
    return Site(name, dataset, axes, own)


def _index(root: xr.Dataset, center: dict[str, float]) -> int | None:
    """The flat index of the centre with these coordinates."""
    same = {a: np.ones(root.sizes[a], bool) for a in select.axes(root)}
    for v, value in center.items():
        same[str(root[v].dims[0])] &= root[v].values == value
    if not all(s.any() for s in same.values()):
        return None
    return int(np.ravel_multi_index([int(np.argmax(s)) for s in same.values()], [len(s) for s in same.values()]))


def _evaluation(site: Site, behind: Behind, share: int) -> dict[str, Any]:
    """`share`: how many of its points the page has room for."""
    shape = tuple(site.dataset.sizes[a] for a in site.axes)
    steps = strides(shape, min(share, MOST_POINTS[len(shape)]))
    part = site.dataset.isel({a: slice(None, None, s) for a, s in zip(site.axes, steps, strict=True)})
    truth = part["truth"].transpose(..., *site.axes).values
    truth = truth.reshape(behind.all_outputs, -1)[: behind.outputs]
    return {
        "name": site.name,
        "axes": list(site.axes),
        "coordinates": [packed(part[a].values) for a in site.axes],
        "fixed": site.held,
        "truth": packed(truth),
        "rounding": float(np.finfo(truth.dtype).eps),
        "all_points": prod(shape),
        "points": truth.shape[1],
        "own": None if site.own is None else behind.picked + behind.own.index(site.own),
        "nearest": packed(_nearest(part, site, behind), "<i4") if site.own is None else None,
        "as_stored": site.own is not None or behind.picked == behind.count,
        **{name: packed(_totals(site.dataset[name], behind)) for name in ("max_error", "samples")},
    }


def _totals(array: xr.DataArray, behind: Behind) -> np.ndarray:
    """One number for each output and degree."""
    return array.values.reshape(array.sizes["degree"], -1).T[: behind.outputs, : behind.order + 1].astype(float)


def _nearest(part: xr.Dataset, site: Site, behind: Behind) -> np.ndarray:
    """The centre that serves each point: the stored one, or the nearest of those that are kept; −1 where unknown."""
    if behind.picked == behind.count:
        stored = part["center_index"].transpose(*site.axes).values.ravel()
        return np.where((stored >= 0) & (stored < behind.count), stored, -1)
    along = np.meshgrid(*(part[a].values for a in site.axes), indexing="ij")
    points: dict[str, Any] = {**site.held, **dict(zip(site.axes, along, strict=True))}
    columns = np.broadcast_arrays(*(points[v] for v in part.attrs["variables"]))
    rows = np.stack([c.ravel() for c in columns], axis=1).astype(float)
    return Centers(behind.rows[: behind.picked]).nearest(rows)


def _letter(root: xr.Dataset) -> str:
    """What the function is called, where that is one word; else f."""
    symbol = text.symbol(root.attrs).removeprefix("\\mathrm{").removeprefix("\\operatorname{").rstrip("}")
    return symbol if symbol.isidentifier() and len(symbol) <= 16 else "f"
