"""What a page tells in tables: rows of plain text and numbers, taken from an artifact's arrays."""

from collections.abc import Iterator, Mapping
from math import factorial, prod
from typing import Any

import numpy as np
import xarray as xr

from taylorkit import naming
from taylorkit.plotting import Source, centers, select, text
from taylorkit.plotting.moves import move
from taylorkit.plotting.text import number
from taylorkit.report.arrays import Table, plain, written
from taylorkit.status import NEVER_COMPUTED, WORDS

__all__ = ["derivatives", "errors", "explained", "facts", "status"]

MOST_TERMS = 70


def errors(source: Source) -> Table | None:
    """The sampled error of each evaluation, output and degree; None where there is no evaluation."""
    rows = [row for name, dataset in source.evaluations.items() for row in _errors(name, dataset)]
    head = ["evaluation", "degree", "max |f − Tₖ|", "RMS", "samples"]
    note = "Largest and root-mean-square error over the finite samples: sampled values, no bounds."
    return Table("Sampled errors", head, rows, note=note) if rows else None


def _errors(name: str, dataset: xr.Dataset) -> Iterator[list[str]]:
    outputs = int(dataset["max_error"].size // dataset.sizes["degree"])
    for output in range(outputs):
        part, words = select.component(dataset, output)
        label = f"{name}, {words}" if words else name
        for degree in part["degree"].values:
            one = part[["max_error", "rms_error", "samples"]].sel(degree=degree)
            figures = [float(one["max_error"]), float(one["rms_error"]), int(one["samples"])]
            yield [label, written(int(degree)), *map(written, figures)]


def explained(source: Source, request: Mapping[str, Any]) -> list[Table]:
    """What a figure of kind `explain` shows, in numbers: degree by degree, then term by term, largest first."""
    options = {"evaluation": None, "point": 0, "output": 0, **request}
    name = options["evaluation"] or next(iter(source.evaluations))
    made, words = move(source, name, options["point"], options["output"])
    where = ", ".join(filter(None, [name, f"point {options['point']}", words]))
    degrees = [
        [written(k), written(made.of_degree(k), 6) if k else "–", *_left(made.change, float(left))]
        for k, left in enumerate(made.unexplained)
    ]
    largest = np.argsort(-np.abs(made.parts), kind="stable")[:MOST_TERMS]
    terms = [[made.names[i], written(int(made.degrees[i])), written(float(made.parts[i]), 6)] for i in largest]
    head = ["up to degree", "its terms add", "left unexplained", "% of the change"]
    note = f"f − f(x₀) = {number(made.change, 6)}; what is left is f − Tₖ."
    return [
        Table(f"Change explained ({where})", head, degrees, note=note),
        Table(f"Its terms ({where})", ["term", "degree", "∂^α f / α! · δ^α"], terms),
    ]


def _left(change: float, left: float) -> list[str]:
    """What is left unexplained, and how much of the change that is, in per cent."""
    return [written(left, 6), written(100 * left / change if change else None, 3)]


def derivatives(source: Source) -> Table:
    """∂^α f and ∂^α f / α! at one centre, term by term, up to 70 of them."""
    root = source.root
    one = centers.main(source)
    place = ", ".join(f"{v} = {number(float(one[v]), 6)}" for v in root.attrs["variables"])
    terms = [str(term) for term in root["term"].values[:MOST_TERMS]]
    values = one["derivatives"].values.reshape(root.sizes["term"], -1)[:MOST_TERMS]
    scale = [prod(map(factorial, a)) for a in root["exponent"].values[:MOST_TERMS].tolist()]
    names = naming.by_term(root.attrs)
    rows = [
        [text.term(term), *([names.get(term, "")] if names else []), *_spread(row, 8), *_spread(row / s, 8)]
        for term, row, s in zip(terms, values, scale, strict=True)
    ]
    parts = [f" [{i}]" for i in range(values.shape[1])] if values.shape[1] > 1 else [""]
    head = ["term", *(["name"] if names else []), *(f"∂^α f{p}" for p in parts), *(f"∂^α f / α!{p}" for p in parts)]
    total = root.sizes["term"]
    note = f"The first {MOST_TERMS} of {number(total)} terms." if total > MOST_TERMS else ""
    return Table(f"Derivatives at {place}", head, rows, words=(0, 1) if names else (0,), note=note)


def _spread(values: np.ndarray, digits: int) -> list[str]:
    return [written(float(v), digits) for v in values]


def status(root: xr.Dataset) -> Table:
    """How many expansion points are fine, and how many carry each flag."""
    bits = root["status"].values
    computed = bits[bits != NEVER_COMPUTED]
    rows = [["fine", written(int((bits == 0).sum()))]]
    rows += [[words, written(int(((computed & bit) > 0).sum()))] for bit, words in WORDS.items()]
    rows += [["never computed", written(int((bits == NEVER_COMPUTED).sum()))]]
    return Table("Expansion points", ["status", "points"], rows)


NUMERICS = {"taylorkit": "numerics"}


def facts(source: Source) -> Table:
    """What the numbers were made with, and when: attributes, then the log."""
    attrs = source.root.attrs
    method = attrs.get("method") or {}
    known: dict[str, Any] = {
        "method": method.get("name"),
        "lowering": method.get("lowering"),
        "tile": method.get("tile"),
        "order": attrs.get("order"),
        "dtype": attrs.get("dtype"),
        "platform": attrs.get("platform"),
        "domain": (attrs.get("function") or {}).get("domain"),
        "source": (attrs.get("function") or {}).get("source"),
        # That of taylorkit is of its numerics; the log says which release it was.
        **{f"version of {NUMERICS.get(k, k)}": v for k, v in (attrs.get("versions") or {}).items()},
        **{str(k).replace("_", " "): v for k, v in source.log.items()},
    }
    rows = [[name, plain(value)] for name, value in known.items() if value not in (None, "")]
    rows += [["warning", plain(words)] for words in attrs.get("warnings") or []]
    return Table("How it was made", ["", ""], rows, words=(0, 1))
