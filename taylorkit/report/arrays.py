"""Tables of a page: what one is, and those that show a dataset's small arrays as they are."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from taylorkit.plotting.text import number

__all__ = ["Number", "Table", "plain", "variables", "written"]

MOST_CELLS = 400


class Number(str):
    """A number as a reader sees it; `exact` as it is stored, for whoever copies it."""

    exact: str


def written(value: Any, digits: int = 4) -> Number:
    """A number as a cell of a table; None or NaN where there is none, which is copied as an empty cell."""
    cell = Number(number(value, digits))
    cell.exact = (
        "" if value is None or np.isnan(value) else repr(value.item() if isinstance(value, np.generic) else value)
    )
    return cell


@dataclass(frozen=True)
class Table:
    """A caption, column heads and rows; the columns in `words` hold words, the others numbers."""

    caption: str
    head: list[str]
    rows: list[list[str]]
    words: tuple[int, ...] = (0,)
    note: str = ""

    @property
    def wide(self) -> bool:
        """Whether it needs the whole width of a page."""
        return len(self.head) > 5 or any("\n" in cell for row in self.rows for cell in row)


def plain(value: Any) -> str:
    """Any attribute as text: numbers written our way, the rest as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float | np.number) and not isinstance(value, bool):
        return written(value)
    return json.dumps(value, ensure_ascii=False, default=str)


def variables(root: xr.Dataset) -> list[Table]:
    """The small arrays of a dataset: single values, those along one dimension side by side, those along two alone."""
    small = {str(name): array for name, array in root.data_vars.items() if 0 < array.size <= MOST_CELLS}
    lines: dict[str, list[str]] = {}
    for name, array in small.items():
        if array.ndim == 1:
            lines.setdefault(str(array.dims[0]), []).append(name)
    single = [[name, plain(array.item())] for name, array in small.items() if array.ndim == 0]
    tables = [Table("Values", ["name", "value"], single)] if single else []
    tables += [_side_by_side(root, dim, names) for dim, names in lines.items()]
    return tables + [_matrix(array) for array in small.values() if array.ndim == 2]


def _side_by_side(root: xr.Dataset, dim: str, names: list[str]) -> Table:
    columns = [_index(root[dim]), *([plain(v) for v in root[n].values.tolist()] for n in names)]
    rows = [list(row) for row in zip(*columns, strict=True)]
    words = (i for i, name in enumerate(names, 1) if root[name].dtype.kind not in "iufb")
    heads = [name.removeprefix(f"{dim}_") for name in names]
    return Table(f"By {dim}", [dim, *heads], rows, words=(0, *words))


def _matrix(array: xr.DataArray) -> Table:
    first, second = map(str, array.dims)
    head = [f"{first} \\ {second}", *_index(array[second])]
    cells = [[plain(v) for v in row] for row in array.values.tolist()]
    rows = [[label, *row] for label, row in zip(_index(array[first]), cells, strict=True)]
    return Table(str(array.name), head, rows)


def _index(coordinate: xr.DataArray) -> list[str]:
    return [plain(v) for v in coordinate.values.tolist()]
