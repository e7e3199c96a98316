"""Tables of a page: what one is, and those that show a dataset's small arrays as they are."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from taylorkit.plotting.text import number

__all__ = ["Table", "plain", "variables"]

MOST_CELLS = 400


@dataclass(frozen=True)
class Table:
    """A caption, column heads and rows; the first `words` columns hold words, the others numbers."""

    caption: str
    head: list[str]
    rows: list[list[str]]
    words: int = 1
    note: str = ""


def plain(value: Any) -> str:
    """Any attribute as text: numbers written our way, the rest as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float | np.number) and not isinstance(value, bool):
        return number(value)
    return json.dumps(value, ensure_ascii=False, default=str)


def variables(root: xr.Dataset) -> list[Table]:
    """The arrays of a small dataset: those along one dimension side by side, those along two each by itself."""
    lines: dict[str, list[str]] = {}
    for name, array in root.data_vars.items():
        if array.ndim == 1 and 0 < array.size <= MOST_CELLS:
            lines.setdefault(str(array.dims[0]), []).append(str(name))
    tables = [_side_by_side(root, dim, names) for dim, names in lines.items()]
    flat = [a for a in root.data_vars.values() if a.ndim == 2 and 0 < a.size <= MOST_CELLS]
    return tables + [_matrix(array) for array in flat]


def _side_by_side(root: xr.Dataset, dim: str, names: list[str]) -> Table:
    columns = [_index(root[dim]), *([plain(v) for v in root[n].values.tolist()] for n in names)]
    rows = [list(row) for row in zip(*columns, strict=True)]
    return Table(f"By {dim}", [dim, *names], rows, words=_words(root, names))


def _words(root: xr.Dataset, names: list[str]) -> int:
    """How many columns, from the left, hold words."""
    numeric = [root[n].dtype.kind in "iufb" for n in names]
    return 1 + (numeric.index(True) if any(numeric) else len(names))


def _matrix(array: xr.DataArray) -> Table:
    first, second = map(str, array.dims)
    head = [f"{first} \\ {second}", *_index(array[second])]
    cells = [[plain(v) for v in row] for row in array.values.tolist()]
    rows = [[label, *row] for label, row in zip(_index(array[first]), cells, strict=True)]
    return Table(str(array.name), head, rows)


def _index(coordinate: xr.DataArray) -> list[str]:
    return [plain(v) for v in coordinate.values.tolist()]
