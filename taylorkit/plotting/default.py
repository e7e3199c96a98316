"""Which figures an artifact's page shows where its spec asks for none."""

from typing import Any

import xarray as xr

from taylorkit.plotting import select
from taylorkit.plotting.figure import FIGURES, Source

__all__ = ["default_figures"]

# More scattered points than these have no place on an axis of points.
FEW = 200


def default_figures(source: Source) -> list[dict[str, Any]]:
    """Requests for `draw`, each of which the artifact can answer: f, then each evaluation, then how far to trust
    it."""
    root, kind = source.root, source.root.attrs["kind"]
    if kind == "graph":
        return [{"kind": kind, "order": int(order)} for order in root["graph_order"].values]
    if kind != "taylor":
        return [{"kind": kind}] if kind in FIGURES else []
    evaluations = [r for n, d in source.evaluations.items() for r in _evaluation(n, d)]
    return [*_derivatives(root), *evaluations, *_trust(root)]


def _derivatives(root: xr.Dataset) -> list[dict[str, Any]]:
    return [{"kind": "derivatives", "beside": True}] if _extent(root) == 1 else []


def _trust(root: xr.Dataset) -> list[dict[str, Any]]:
    drawn = _extent(root) in (1, 2) or root["status"].size == 1
    return [{"kind": "trust_radius"}] if drawn and select.trusted(root) else []


def _evaluation(name: str, dataset: xr.Dataset) -> list[dict[str, Any]]:
    known = {"evaluation": name}
    convergence = {"kind": "convergence", **known}
    error_map = {"kind": "error_map", **known}
    if _extent(dataset) == 2 and dataset.attrs["source"] == "atlas":
        # Its polynomials lie on f as far as an eye can tell: only the error is worth a map.
        return [{"kind": "surface", **known}, error_map, convergence]
    if _extent(dataset) == 2:
        degree = min(2, int(dataset.attrs["order"]))
        surface = {"kind": "surface", **known, "degree": degree}
        return [surface, {"kind": "contours", **known}, error_map, convergence]
    if select.axes(dataset) == ("point",) and dataset.sizes["point"] > FEW:
        return [*_clouds(dataset, known), convergence]
    if _extent(dataset) == 1 or select.axes(dataset) == ("point",):
        lines = {"kind": "approximations", **known}
        return [lines, *_overlay(dataset, known), error_map, convergence]
    return [convergence]


def _clouds(dataset: xr.Dataset, known: dict[str, Any]) -> list[dict[str, Any]]:
    """Of points that are too many to be named one by one."""
    outputs = dataset["max_error"].size // dataset.sizes["degree"]
    drawn = [{"kind": "cloud", **known}] if outputs > 1 else []
    return drawn + ([{"kind": "error_against_distance", **known}] if dataset.attrs["source"] == "center" else [])


def _overlay(dataset: xr.Dataset, known: dict[str, Any]) -> list[dict[str, Any]]:
    """The closed form over the polynomial that it is nearest to."""
    if "overlay" not in dataset:
        return []
    apart = abs(dataset["approximation"] - dataset["overlay"])
    worst = apart.values.reshape(dataset.sizes["degree"], -1).max(axis=1)
    degree = int(dataset["degree"].values[worst.argmin()])
    return [{"kind": "approximations", **known, "degrees": [degree], "overlay": True}]


def _extent(dataset: xr.Dataset) -> int:
    """How many variable axes there are, if each has two points or more; 0 where points are scattered or one stands
    alone."""
    dataset = select.along_line(dataset)
    axes = select.axes(dataset)
    single = axes == ("point",) or min(dataset.sizes[a] for a in axes) < 2
    return 0 if single else len(axes)
