"""What a page tells in tables: rows of plain text and numbers, taken from an artifact's arrays."""

from collections.abc import Iterator
from math import factorial, prod
from typing import Any

import numpy as np
import xarray as xr

from taylorkit.plotting import Source, select
from taylorkit.plotting.text import number, superscript
from taylorkit.report.arrays import Table, plain, written
from taylorkit.status import NEVER_COMPUTED, WORDS

__all__ = ["derivatives", "errors", "facts", "status"]

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


def derivatives(root: xr.Dataset) -> Table:
    """∂^α f and ∂^α f / α! at the first centre, term by term, up to 70 of them."""
    first = root.isel(dict.fromkeys(select.axes(root), 0))
    place = ", ".join(f"{v} = {number(float(first[v]), 6)}" for v in root.attrs["variables"])
    terms = root["term"].values[:MOST_TERMS]
    values = first["derivatives"].values.reshape(root.sizes["term"], -1)[:MOST_TERMS]
    scale = [prod(map(factorial, a)) for a in root["exponent"].values[:MOST_TERMS].tolist()]
    rows = [
        [term_words(str(term)), *_spread(row, 8), *_spread(row / s, 8)]
        for term, row, s in zip(terms, values, scale, strict=True)
    ]
    parts = [f" [{i}]" for i in range(values.shape[1])] if values.shape[1] > 1 else [""]
    head = ["term", *(f"∂^α f{p}" for p in parts), *(f"∂^α f / α!{p}" for p in parts)]
    total = root.sizes["term"]
    note = f"The first {MOST_TERMS} of {number(total)} terms." if total > MOST_TERMS else ""
    return Table(f"Derivatives at {place}", head, rows, note=note)


def _spread(values: np.ndarray, digits: int) -> list[str]:
    return [written(float(v), digits) for v in values]


def term_words(label: str) -> str:
    """`x^2 y` as x² y."""
    factors = (f.partition("^") for f in label.split(" "))
    return " ".join(name + superscript(power) for name, _, power in factors)


def status(root: xr.Dataset) -> Table:
    """How many expansion points are fine, and how many carry each flag."""
    bits = root["status"].values
    computed = bits[bits != NEVER_COMPUTED]
    rows = [["fine", written(int((bits == 0).sum()))]]
    rows += [[words, written(int(((computed & bit) > 0).sum()))] for bit, words in WORDS.items()]
    rows += [["never computed", written(int((bits == NEVER_COMPUTED).sum()))]]
    return Table("Expansion points", ["status", "points"], rows)


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
        **{f"version of {k}": v for k, v in (attrs.get("versions") or {}).items()},
        **{str(k).replace("_", " "): v for k, v in source.log.items()},
    }
    rows = [[name, plain(value)] for name, value in known.items() if value not in (None, "")]
    return Table("How it was made", ["", ""], rows, words=(0, 1))
