"""Two artifacts as one HTML page: what differs in their inputs, errors and numbers, and their figures on one scale."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from taylorkit import shown
from taylorkit.atomic import write_text
from taylorkit.errors import SpecError, TaylorkitError
from taylorkit.plotting import FIGURES, Source, caption, draw, logarithm, save, select
from taylorkit.plotting.error_map import DECADES
from taylorkit.report import agreement
from taylorkit.report.arrays import Table, written
from taylorkit.report.formula import heading
from taylorkit.report.page import LARGEST_PAGE, requests
from taylorkit.report.pictures import data, fitted, sweep
from taylorkit.report.tables import facts
from taylorkit.report.template import render
from taylorkit.uncollected import uncollected

__all__ = ["Side", "write_comparison"]

# Figures of an error: drawn to be compared they have one scale.
OF_AN_ERROR = ("error_map", "convergence")
# What A's spec says of A's figures, and would not be true of B's.
OWN = ("title", "words")


@dataclass(frozen=True)
class Side:
    """One of the two: its name, what it holds, the way to its page, and what its figures carry."""

    name: str
    source: Source
    href: str = ""
    origin: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Pair:
    """A figure of both: the PNGs as they were saved, A's first, and what shows them on the page."""

    caption: str
    files: tuple[Path, ...]
    wide: bool


def write_comparison(a: Side, b: Side, inputs: Sequence[tuple[str, str, str, str]], folder: str | Path) -> Path:
    """Draw what both can show into `folder`/figures and write `folder`/index.html; return the page's path.

    `inputs` has a row for each input in which they differ: part, field, A's value and B's. Figures that A's page shows
    are drawn of both, those of an error with the same limits; which are left out, and why, the page says.
    """
    folder = Path(folder)
    with uncollected():
        pairs, left = _pairs(a, b, folder)
    files = [file for pair in pairs for file in pair.files]
    sweep(folder / "figures", {path for file in files for path in (file, file.with_suffix(".svg"))})
    contents: dict[str, Any] = {
        "title": f"{a.name} beside {b.name}",
        "sides": [_side(side) for side in (a, b)],
        "left": left,
        "asked": len(pairs) + len(left),
        "tables": [t for t in (_inputs(inputs), _errors(a, b), _numbers(a, b), _facts(a, b)) if t.rows],
    }
    page = folder / "index.html"
    whole = [data(file.read_bytes()) for file in files]
    text = _page(contents, pairs, [(uri, "") for uri in whole])
    if len(text) > LARGEST_PAGE:
        room = LARGEST_PAGE - len(text) + sum(map(len, whole))
        text = _page(contents, pairs, fitted(whole, files, room))
    write_text(page, text)
    return page


def _page(contents: dict[str, Any], pairs: Sequence[Pair], pictures: Sequence[tuple[str, str]]) -> str:
    """`pictures` has the data of each file, in their order, and what is said of it."""
    following = iter(pictures)
    figures = [
        {
            "caption": pair.caption,
            "wide": pair.wide,
            "pictures": [(f"figures/{file.name}", *next(following)) for file in pair.files],
        }
        for pair in pairs
    ]
    return render("comparison.html", scripts=("tables.js",), pairs=figures, **contents)


def _side(side: Side) -> dict[str, Any]:
    attrs = side.source.root.attrs
    return {
        "name": side.name,
        "href": side.href,
        "title": str(attrs.get("title") or attrs.get("name")),
        "formula": heading(attrs.get("function") or {}),
    }


def _pairs(a: Side, b: Side, folder: Path) -> tuple[list[Pair], list[str]]:
    """A's figures drawn of both; and of each that one of them cannot show, which and why."""
    pairs, left = [], []
    for number_, request in enumerate(requests(a.source), 1):
        asked = {key: value for key, value in request.items() if key not in OWN}
        asked |= _limits(a.source, b.source, asked)
        stem = f"{number_:02d}-{asked.get('kind')}"
        try:
            drawn = [_drawn(side, letter, asked) for side, letter in ((a, "A"), (b, "B"))]
        except SpecError as error:
            left.append(f"{_called(asked)}: {error}")
            continue
        files = [
            save(figure, folder / "figures", f"{stem}-{letter}", side.origin)[0]
            for figure, letter, side in zip(drawn, "ab", (a, b), strict=True)
        ]
        pairs.append(Pair(caption(asked), tuple(files), _wide(drawn)))
    return pairs, left


def _called(request: Mapping[str, Any]) -> str:
    return caption(request) if str(request.get("kind")) in FIGURES else shown.value(request.get("kind"))


def _drawn(side: Side, letter: str, request: Mapping[str, Any]) -> Figure:
    """Raises SpecError where the side cannot show it, whatever the reason, naming the side by its letter.

    What cannot be read is no such reason and passes: then the page would not be true of the rest either.
    """
    evaluation = request.get("evaluation")
    if isinstance(evaluation, str) and evaluation not in side.source.evaluations:
        raise SpecError(f"{letter} has no evaluation {shown.name(evaluation)}")
    try:
        return draw(side.source, request)
    except SpecError as error:
        words = str(error).removeprefix(f"figure {request.get('kind')!r}: ")
    except (TaylorkitError, OSError):
        raise
    except Exception as error:  # numbers that no figure can show, whoever wrote them
        words = f"{type(error).__name__}: {error}"
    raise SpecError(f"{letter} cannot show it ({shown.one_line(words)})")


def _wide(figures: Sequence[Figure]) -> bool:
    return max(figure.get_figwidth() / figure.get_figheight() for figure in figures) > 2.4


def _limits(a: Source, b: Source, request: Mapping[str, Any]) -> dict[str, list[float]]:
    """Limits that hold the errors of both, unless the request has its own."""
    if request.get("kind") not in OF_AN_ERROR or "limits" in request:
        return {}
    try:
        scales = [_scale(source, request) for source in (a, b)]
    except (SpecError, KeyError, ValueError, TypeError):  # what only one of them can answer
        return {}
    lowest, highest = min(s.floor for s in scales), max(s.ceiling for s in scales)
    if request["kind"] == "error_map":
        return {"limits": [max(lowest, highest / 10.0**DECADES), highest]}
    return {"limits": [lowest / 2, highest * 1.5]}


def _scale(source: Source, request: Mapping[str, Any]) -> logarithm.Scale:
    evaluation = select.evaluation(source.evaluations, request.get("evaluation"))
    dataset, _ = select.component(evaluation, int(request.get("output", 0)))
    if request["kind"] == "convergence":
        both = np.stack([dataset["max_error"].values, dataset["rms_error"].values])
        return logarithm.scale(both, dataset["truth"].values)
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
    found = list(agreement.by_degree(a.source.root, b.source.root))
    rows: list[list[str]] = [[written(k), written(points), written(apart, 3)] for k, points, apart in found]
    head = ["degree", "distinct points in both", "max |A − B| / max |A|"]
    note = (
        "Derivatives of each degree, at the expansion points that both have; ∞ where all of A's are 0 and B's are not, "
        "or one of the two is no number."
    )
    if any(apart is None for *_, apart in found):
        note += f" Degrees with more than {written(agreement.MOST)} numbers there are not compared."
    return Table("Their derivatives", head, rows, note=note)


def _facts(a: Side, b: Side) -> Table:
    told = [dict(facts(side.source).rows) for side in (a, b)]
    names = [*told[0], *(name for name in told[1] if name not in told[0])]
    rows = [[name, *(side.get(name, "–") for side in told)] for name in names]
    return Table("How they were made", ["", "A", "B"], rows, words=(0, 1, 2))
