"""Which centre is nearest to a point (Euclidean distance): on a tensor grid axis by axis, elsewhere in a tree."""

from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np

from taylorkit.errors import SpecError

# An axis is even if no centre is further from its place than this part of a step.
EVEN = 1e-12

# Fewer points are found in a tree before its threads have started.
MANY = 10_000


@dataclass(frozen=True, eq=False)
class Centers:
    """Centres as `rows` (N, D), which know the one nearest to any point, to rounding; a tie is always broken alike."""

    rows: np.ndarray

    @cached_property
    def _tree(self) -> Any:
        # Imported when first needed: it takes as long to load as all of NumPy and Zarr.
        from scipy.spatial import cKDTree

        return cKDTree(self.rows)

    @cached_property
    def _tensor(self) -> tuple[list[np.ndarray], np.ndarray] | None:
        """The axes of the tensor grid of these centres, and which of them lies where; None where they are no grid."""
        axes, places = zip(*(np.unique(column, return_inverse=True) for column in self.rows.T), strict=True)
        shape = tuple(map(len, axes))
        if prod(shape) != len(self.rows) or not np.isfinite(self.rows).all():
            return None
        which = np.full(len(self.rows), -1)
        which[np.ravel_multi_index(places, shape)] = np.arange(len(which))
        return (list(axes), which) if (which >= 0).all() else None

    def nearest(self, rows: np.ndarray) -> np.ndarray:
        """The index of the nearest centre to each row (M, D): (M,). Raises SpecError for a point that is not finite."""
        # A sum is not finite where any term is not; it may also overflow, hence the second look.
        with np.errstate(over="ignore", invalid="ignore"):
            suspicious = not np.isfinite(rows.sum())
        if suspicious and (wrong := ~np.isfinite(rows).all(axis=1)).any():
            raise SpecError(f"points: {rows[wrong][0]} is not finite; it has no nearest centre")
        if self._tensor is None:
            return np.asarray(self._tree.query(rows, workers=-1 if len(rows) > MANY else 1)[1])
        axes, which = self._tensor
        place = np.zeros(len(rows), np.int64)
        for axis, column in zip(axes, rows.T, strict=True):
            place = place * len(axis) + _nearest_of(axis, column)
        return which[place]

    def displacements(self, rows: np.ndarray, which: np.ndarray) -> np.ndarray:
        """x − x₀ of each row (M, D) from the centre that belongs to it: (D, M)."""
        columns = np.ascontiguousarray(self.rows.T)
        return np.stack([x - center[which] for x, center in zip(rows.T, columns, strict=True)])


def _nearest_of(axis: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The index of the nearest value of an ascending `axis` to each x: by rounding where the axis is even."""
    if len(axis) == 1:
        return np.zeros(len(x), np.int64)
    step = (axis[-1] - axis[0]) / (len(axis) - 1)
    if (np.abs(axis[0] + step * np.arange(len(axis)) - axis) <= EVEN * step).all():
        # Clipped before it is made an integer: a far point has none.
        return np.clip(np.rint((x - axis[0]) / step), 0, len(axis) - 1).astype(np.int64)
    return np.searchsorted(axis[:-1] / 2 + axis[1:] / 2, x)
