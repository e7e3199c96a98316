"""Surfaces over two variables as polygons in space, cut so that painting them back to front is right."""

import numpy as np
import xarray as xr

__all__ = ["Sheet", "cells", "parted", "thin", "within"]

Sheet = list[np.ndarray]
"""Polygons, (corners, 3) each."""

# More cells than these along an axis cannot be told apart, and make the file large.
CELLS = 50


def thin(dataset: xr.Dataset, over: tuple[str, ...]) -> xr.Dataset:
    """At most CELLS cells along each axis, both ends kept."""

    def kept(size: int) -> np.ndarray:
        return np.unique(np.linspace(0, size - 1, min(size, CELLS + 1)).round().astype(int))

    return dataset.isel({a: kept(dataset.sizes[a]) for a in over})


def cells(dataset: xr.Dataset, over: tuple[str, ...], z: np.ndarray) -> Sheet:
    """The quadrilaterals of a sheet, (4, 3) each."""
    x, y = (dataset[a].values for a in over)
    p = np.stack(np.broadcast_arrays(x[:, None], y[None, :], z), axis=-1)
    corners = [p[:-1, :-1], p[1:, :-1], p[1:, 1:], p[:-1, 1:]]
    return list(np.stack(corners, axis=2).reshape(-1, 4, 3))


def parted(first: Sheet, second: Sheet) -> list[Sheet]:
    """Two sheets over the same cells, cut along the line where they cross: then no piece is both above and below."""
    pieces: list[Sheet] = [[], []]
    for a, b in zip(first, second, strict=True):
        above = a[:, 2] - b[:, 2]
        for kept, cell in zip(pieces, (a, b), strict=True):
            crosses = (above > 0).any() and (above < 0).any()
            kept += [_half(cell, above), _half(cell, -above)] if crosses else [cell]
    return pieces


def within(sheet: Sheet, low: float, high: float) -> Sheet:
    """What of a sheet lies between two heights; cells that leave them are cut there."""
    kept = []
    for cell in sheet:
        lowest, highest = cell[:, 2].min(), cell[:, 2].max()  # NaN is neither here nor there
        if low <= lowest and highest <= high:
            kept.append(cell)
        elif lowest < high and highest > low and np.isfinite(lowest + highest):
            above = _half(cell, cell[:, 2] - low)
            kept.append(_half(above, high - above[:, 2]))
    return kept


def _half(cell: np.ndarray, side: np.ndarray) -> np.ndarray:
    """The part of a polygon where `side`, given at its corners and linear along its edges, is not negative."""
    part = []
    for i in range(len(cell)):
        j = (i + 1) % len(cell)
        if side[i] >= 0:
            part.append(cell[i])
        if side[i] * side[j] < 0:
            part.append(cell[i] + side[i] / (side[i] - side[j]) * (cell[j] - cell[i]))
    return np.array(part)
