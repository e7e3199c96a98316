"""Which centre is nearest to a point (Euclidean distance): on a tensor grid axis by axis, elsewhere in a tree."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from taylorkit.errors import SpecError

# An axis is even if no centre is further from its place than this part of a step.
EVEN = 1e-12

# Fewer points are found in a tree before its threads have started.
MANY = 10_000


# Bytes of a centre in a tree, and while it is told whether the centres are a grid.
OF_CENTER = 24


def held(count: int, variables: int) -> int:
    """Bytes that `Centers` takes beside its rows."""
    return count * (np.dtype(np.float64).itemsize * variables + OF_CENTER)


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
        if not self._may_be_tensor():
            return None
        axes, places = zip(*(np.unique(column, return_inverse=True) for column in self.rows.T), strict=True)
        shape = tuple(map(len, axes))
        which = np.full(len(self.rows), -1)
        which[np.ravel_multi_index(places, shape)] = np.arange(len(which))
        return (list(axes), which) if (which >= 0).all() else None

    def _may_be_tensor(self) -> bool:
        """Whether there are as many centres as their axes' values have pairs; of scattered ones, two columns tell."""
        size = 1
        for column in self.rows.T:
            size *= len(np.unique(column))
            if size > len(self.rows):
                return False
        return size == len(self.rows) and bool(np.isfinite(self.rows).all())

    def nearest(self, rows: np.ndarray) -> np.ndarray:
        """The index of the nearest centre to each row (M, D): (M,). Raises SpecError for a point that is not finite."""
        _check_finite(rows)
        if self._tensor is None:
            found = np.asarray(self._tree.query(rows, workers=-1 if len(rows) > MANY else 1)[1])
            if (far := found == len(self.rows)).any():
                raise SpecError(f"points: {rows[far][0]} is too far from all centres; give points nearer to them")
            return found
        axes, which = self._tensor
        return which[_along(axes, rows)]

    @cached_property
    def _columns(self) -> np.ndarray:
        return np.ascontiguousarray(self.rows.T)

    def displacements(self, rows: np.ndarray, which: np.ndarray) -> np.ndarray:
        """x − x₀ of each row (M, D) from the centre that belongs to it: (D, M)."""
        return np.stack([x - center[which] for x, center in zip(rows.T, self._columns, strict=True)])

    def constant(self) -> list[float | None]:
        """For each variable the value that all centres have; None where they differ."""
        return [_only(column) for column in self._columns]

    def extent(self) -> list[tuple[float, float]]:
        """For each variable how far the centres reach: half of their mean spacing, if they filled their box, beyond it.

        Infinitely far along a variable in which all centres agree, as the polynomial about one of them does.
        """
        moving = [column for column, only in zip(self._columns, self.constant(), strict=True) if only is None]
        steps = max(1.0, len(self.rows) ** (1 / max(1, len(moving))) - 1)
        return [_widened(column.min(), column.max(), *2 * [np.ptp(column) / steps]) for column in self._columns]


@dataclass(frozen=True, eq=False)
class GridCenters:
    """The same for the centres of a tensor grid, in C order, of which only the axes are kept."""

    axes: tuple[np.ndarray, ...]

    @cached_property
    def _ascending(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """The values of each axis in order, and where each stands."""
        return [np.unique(axis, return_index=True) for axis in self.axes]

    @property
    def _shape(self) -> tuple[int, ...]:
        return tuple(map(len, self.axes))

    def nearest(self, rows: np.ndarray) -> np.ndarray:
        """As `Centers.nearest`."""
        _check_finite(rows)
        places = [where[_nearest_of(a, x)] for (a, where), x in zip(self._ascending, rows.T, strict=True)]
        return np.ravel_multi_index(places, self._shape)

    def displacements(self, rows: np.ndarray, which: np.ndarray) -> np.ndarray:
        """As `Centers.displacements`."""
        places = np.unravel_index(which, self._shape)
        return np.stack([x - axis[p] for x, axis, p in zip(rows.T, self.axes, places, strict=True)])

    def constant(self) -> list[float | None]:
        """As `Centers.constant`."""
        return [_only(axis) for axis in self.axes]

    def extent(self) -> list[tuple[float, float]]:
        """As `Centers.extent`; beyond an axis by half of its first and of its last step."""
        return [_widened(a[0], a[-1], *(np.diff(a)[[0, -1]] if len(a) > 1 else (0, 0))) for a, _ in self._ascending]


def _widened(low: float, high: float, first: float, last: float) -> tuple[float, float]:
    if low == high:
        return -np.inf, np.inf
    # What is written in decimals may be rounded to the other side of the end.
    rounding = EVEN * (high - low)
    return float(low - first / 2 - rounding), float(high + last / 2 + rounding)


def _only(values: np.ndarray) -> float | None:
    return float(values[0]) if (values == values[0]).all() else None


def _check_finite(rows: np.ndarray) -> None:
    # A sum is not finite where any term is not; it may also overflow, hence the second look.
    with np.errstate(over="ignore", invalid="ignore"):
        suspicious = not np.isfinite(rows.sum())
    if suspicious and (wrong := ~np.isfinite(rows).all(axis=1)).any():
        raise SpecError(f"points: {rows[wrong][0]} is not finite; it has no nearest centre")


def _along(axes: list[np.ndarray], rows: np.ndarray) -> np.ndarray:
    """The flat index, in C order of ascending axes, of the grid's point that is nearest to each row."""
    place = np.zeros(len(rows), np.int64)
    for axis, column in zip(axes, rows.T, strict=True):
        place = place * len(axis) + _nearest_of(axis, column)
    return place


def _nearest_of(axis: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The index of the nearest value of an ascending `axis` to each x: by rounding where the axis is even."""
    if len(axis) == 1:
        return np.zeros(len(x), np.int64)
    step = (axis[-1] - axis[0]) / (len(axis) - 1)
    if (np.abs(axis[0] + step * np.arange(len(axis)) - axis) <= EVEN * step).all():
        # Clipped before it is made an integer: a far point has none.
        return np.clip(np.rint((x - axis[0]) / step), 0, len(axis) - 1).astype(np.int64)
    return np.searchsorted(axis[:-1] / 2 + axis[1:] / 2, x)
