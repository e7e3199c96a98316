"""Products of arrays, with series on either side or on both."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from taylorkit.series.algebra import Series, total
from taylorkit.series.forms import object_array
from taylorkit.series.registry import linear

Axes = tuple[Sequence[int], Sequence[int]]


def contracted(a: np.ndarray, b: np.ndarray, dimension_numbers: tuple[Axes, Axes], **_: Any) -> np.ndarray:
    """`dot_general` of single numbers, written out: zeros and ones among them fold."""
    (left, right), (left_batch, right_batch) = dimension_numbers
    rows, free_left = _rows(a, left_batch, left)
    columns, free_right = _rows(b, right_batch, right)
    results = [_inner(x, y) for xs, ys in zip(rows, columns, strict=True) for x in xs for y in ys]
    return object_array(results, tuple(a.shape[i] for i in left_batch) + free_left + free_right)


def _rows(array: np.ndarray, batch: Sequence[int], contracting: Sequence[int]) -> tuple[np.ndarray, tuple[int, ...]]:
    """(batch, free, contracted), each flat, and the shape of what is free."""
    free = [i for i in range(array.ndim) if i not in (*batch, *contracting)]
    moved = array.transpose(*batch, *free, *contracting)
    sizes = [int(np.prod([array.shape[i] for i in axes], dtype=int)) for axes in (batch, free, contracting)]
    return moved.reshape(sizes), tuple(array.shape[i] for i in free)


def _inner(x: Sequence[Series], y: Sequence[Series]) -> Series:
    """Σ xᵢ yᵢ without the products with 0, of which one is left where there is no other."""
    products = [a * b for a, b in zip(x, y, strict=True)]
    there = [p for p, a, b in zip(products, x, y, strict=True) if 0 not in (a.known, b.known)]
    return total(there or products[:1])


def _first_two(count: int) -> range:
    return range(2)


linear("dot_general", _first_two, kind="bilinear", entries=contracted)
linear("conv_general_dilated", _first_two, kind="bilinear")
