"""Two artifacts as one HTML page: what differs in their inputs, errors and numbers, and their figures on one scale."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from markupsafe import Markup
from matplotlib.figure import Figure

from taylorkit.atomic import write_text
from taylorkit.errors import SpecError
from taylorkit.plotting import Source, caption, draw, logarithm, save, select
from taylorkit.plotting.error_map import DECADES
from taylorkit.report import agreement
from taylorkit.report.arrays import Table, written
from taylorkit.report.formula import heading
from taylorkit.report.page import requests
from taylorkit.report.tables import facts
from taylorkit.report.template import render
from taylorkit.uncollected import uncollected

__all__ = ["Side", "write_comparison"]

# Figures of an error: drawn to be compared they have one scale.
OF_AN_ERROR = ("error_map", "convergence")


@dataclass(frozen=True)
class Side:
    """One of the two: its name, what it holds, the way to its page, and what its figures carry."""

    name: str
    source: Source
    href: str = ""
    origin: Mapping[str, str] | None = None


def write_comparison(a: Side, b: Side, inputs: Sequence[tuple[str, str, str, str]], folder: str | Path) -> Path:
    """Draw what both can show into `folder`/figures and write `folder`/index.html; return the page's path.

    `inputs` has a row for each input in which they differ: part, field, A's value and B's. Figures that A's page shows
    are drawn of both, those of an error with the same limits.
    """
    folder = Path(folder)
    with uncollected():
        pairs = list(_pairs(a, b, folder))
    contents: dict[str, Any] = {
        "title": f"{a.name} beside {b.name}",
        "sides": [_side(side) for side in (a, b)],
        "pairs": pairs,
        "tables": [t for t in (_inputs(inputs), _errors(a, b), _numbers(a, b), _facts(a, b)) if t.rows],
    }
    page = folder / "index.html"
    write_text(page, render("comparison.html", scripts=("tables.js",), **contents))
    return page


def _side(side: Side) -> dict[str, Any]:
    attrs = side.source.root.attrs
    return {
        "name": side.name,
        "href": side.href,
        "title": str(attrs.get("title") or attrs.get("name")),
        "formula": heading(attrs.get("function") or {}),
    }


def _pairs(a: Side, b: Side, folder: Path) -> Iterator[dict[str, Any]]:
    """The figures that both can show; a request that only one of them can answer is left out."""
    for number_, request in enumerate(requests(a.source), 1):
        shared = request | _limits(a.source, b.source, request)
        try:
            figures = [draw(side.source, shared) for side in (a, b)]
        except SpecError:
            continue
        stems = [f"{number_:02d}-{request['kind']}-{letter}" for letter in "ab"]
        saved = [
            save(figure, folder / "figures", stem, side.origin)[0]
            for figure, stem, side in zip(figures, stems, (a, b), strict=True)
        ]
        yield {"caption": caption(request), "pictures": list(map(_data, saved)), "wide": _wide(figures)}


def _wide(figures: Sequence[Figure]) -> bool:
    return max(figure.get_figwidth() / figure.get_figheight() for figure in figures) > 2.4


def _data(png: Path) -> Markup:
    return Markup("data:image/png;base64," + base64.b64encode(png.read_bytes()).decode("ascii"))


def _limits(a: Source, b: Source, request: Mapping[str, Any]) -> dict[str, list[float]]:
    """Limits that hold the errors of both, unless the request has its own."""
    if request["kind"] not in OF_AN_ERROR or "limits" in request:
        return {}
    try:
        scales = [_scale(source, request) for source in (a, b)]
    except (SpecError, KeyError):  # what only one of them can answer
        return {}
    lowest, highest = min(s.floor for s in scales), max(s.ceiling for s in scales)
    if request["kind"] == "error_map":
        return {"limits": [max(lowest, highest / 10.0**DECADES), highest]}
    return {"limits": [lowest / 2, highest * 1.5]}


def _scale(source: Source, request: Mapping[str, Any]) -> logarithm.Scale:
    evaluation = select.evaluation(source.evaluations, request.get("evaluation"))
    dataset, _ = select.component(evaluation, int(request.get("output", 0)))
    if request["kind"] == "convergence":
        return logarithm.error_scale(dataset, dataset["rms_error"])
    return logarithm.error_scale(dataset, dataset["error"].sel(degree=request.get("degrees", dataset["degree"].values)))


def _inputs(rows: Sequence[tuple[str, str, str, str]]) -> Table:
    note = "Inputs of the fingerprints; what is not here is the same in both."
    return Table(
        "What differs", ["part", "field", "A", "B"], [list(row) for row in rows], words=(0, 1, 2, 3), note=note
    )


def _errors(a: Side, b: Side) -> Table:
    rows = []
    for name in [n for n in a.source.evaluations if n in b.source.evaluations]:
        found = [_worst(side.source, name) for side in (a, b)]
        for degree in sorted(found[0].keys() | found[1].keys()):
            x, y = (errors.get(degree) for errors in found)
            rows.append([name, written(degree), written(x), written(y), _ratio(x, y)])
    note = "Largest sampled error over all outputs, of evaluations that both have; their points may differ."
    return Table("Sampled errors", ["evaluation", "degree", "A", "B", "B / A"], rows, note=note)


def _worst(source: Source, name: str) -> dict[int, float]:
    largest = source.evaluations[name]["max_error"]
    values = largest.values.reshape(largest.sizes["degree"], -1).max(axis=1)
    return dict(zip(map(int, largest["degree"].values), map(float, values), strict=True))


def _ratio(x: float | None, y: float | None) -> str:
    return written(y / x, 3) if x and y is not None and isfinite(y / x) else "–"


def _numbers(a: Side, b: Side) -> Table:
    found = agreement.by_degree(a.source.root, b.source.root)
    rows: list[list[str]] = [[written(k), written(points), written(apart, 3)] for k, points, apart in found]
    head = ["degree", "distinct points in both", "max |A − B| / max |A|"]
    note = (
        "Derivatives of each degree, at the expansion points that both have; ∞ where all of A's are 0 and B's are not, "
        "or one of the two is no number."
    )
    if any(not row[2].exact for row in rows):
        note += f" Degrees with more than {written(agreement.MOST)} numbers there are not compared."
    return Table("Their derivatives", head, rows, note=note)


def _facts(a: Side, b: Side) -> Table:
    told = [dict(facts(side.source).rows) for side in (a, b)]
    names = [*told[0], *(name for name in told[1] if name not in told[0])]
    rows = [[name, *(side.get(name, "–") for side in told)] for name in names]
    return Table("How they were made", ["", "A", "B"], rows, words=(0, 1, 2))
