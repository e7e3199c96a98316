"""Where functions are expanded and evaluated: tensor grids and scattered points, and their cutting into blocks.

Points have rows (D numbers each) in C order of the grid. A block is a hyper-rectangle of the grid, and what is
committed at once; its shape depends on the grid and the bytes a point needs, never on a memory budget, so that any
run can resume any other's work. NumPy only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from taylorkit.errors import SpecError

# Decoded bytes of one block: large enough for full write speed, small enough to keep many in memory.
BLOCK_BYTES = 2**24
# How often a column is held beside the points while it is written, compressed and compared.
COPIES = 4


class GridError(SpecError):
    """Points that make no grid; the message begins with the variable."""


@dataclass(frozen=True)
class Block:
    """The hyper-rectangle `region` of a grid, at `index` in the grid of blocks."""

    index: tuple[int, ...]
    region: tuple[slice, ...]

    @property
    def name(self) -> str:
        return ".".join(map(str, self.index))

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(r.stop - r.start for r in self.region)

    @property
    def points(self) -> int:
        return prod(self.shape)


@dataclass(frozen=True, eq=False)
class Grid:
    """A tensor grid (`axes`, one array a variable) or `scattered` points (N, D); `fixed` axes have no dimension."""

    names: tuple[str, ...]
    axes: tuple[np.ndarray, ...] = ()
    scattered: np.ndarray | None = None
    fixed: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for name, values in zip(self.names, self.columns, strict=True):
            if not values.size:
                raise GridError(f"{name}: has no points; give at least one")
            if not np.isfinite(values).all():
                raise GridError(f"{name} = {values[~np.isfinite(values)][0]}: must be finite")

    @property
    def columns(self) -> tuple[np.ndarray, ...]:
        """The values of each variable, whichever kind of grid."""
        return self.axes if self.scattered is None else tuple(self.scattered.T)

    @property
    def dims(self) -> tuple[str, ...]:
        if self.scattered is not None:
            return ("point",)
        return tuple(n for i, n in enumerate(self.names) if i not in self.fixed)

    @property
    def shape(self) -> tuple[int, ...]:
        if self.scattered is not None:
            return (len(self.scattered),)
        return tuple(len(a) for i, a in enumerate(self.axes) if i not in self.fixed)

    @property
    def size(self) -> int:
        return prod(self.shape)

    @property
    def held(self) -> int:
        """Bytes that the points take in memory, with the copies of columns that are made as they are stored."""
        columns = [column.nbytes for column in self.columns]
        return sum(columns) + COPIES * max(columns)

    def coordinates(self) -> dict[str, tuple[tuple[str, ...], np.ndarray]]:
        """Each stored variable's dimensions and values."""
        kept = [i for i in range(len(self.names)) if i not in self.fixed]
        return {
            self.names[i]: (self.dims if self.scattered is not None else (self.names[i],), self.columns[i])
            for i in kept
        }

    def rows(self, region: tuple[slice, ...] | None = None) -> np.ndarray:
        """The points of `region` (by default all) as rows (N, D), in C order."""
        region = region or tuple(slice(0, n) for n in self.shape)
        if self.scattered is not None:
            return self.scattered[region[0]]
        cuts = iter(region)
        chosen = [a if i in self.fixed else a[next(cuts)] for i, a in enumerate(self.axes)]
        mesh = np.meshgrid(*chosen, indexing="ij")
        # Each variable by itself in memory: kernels read columns.
        return np.stack([m.reshape(-1) for m in mesh]).T

    def row(self, index: int) -> np.ndarray:
        """The point at a flat index: (D,)."""
        if self.scattered is not None:
            return self.scattered[index]
        places = iter(np.unravel_index(index, self.shape))
        return np.array([a[0] if i in self.fixed else a[next(places)] for i, a in enumerate(self.axes)])

    def nearest(self, point: np.ndarray) -> int:
        """The flat index of the grid's point that is nearest to `point` (D,)."""
        if self.scattered is not None:
            return int(np.argmin(np.linalg.norm(self.scattered - point, axis=1)))
        varying = [i for i in range(len(self.axes)) if i not in self.fixed]
        places = [int(np.argmin(np.abs(self.axes[i] - point[i]))) for i in varying]
        return int(np.ravel_multi_index(places, self.shape)) if places else 0

    def extent(self) -> tuple[np.ndarray, np.ndarray]:
        """The least and the greatest value of each variable."""
        return np.array([c.min() for c in self.columns]), np.array([c.max() for c in self.columns])


def block_shape(shape: tuple[int, ...], bytes_a_point: int) -> tuple[int, ...]:
    """The shape of a block: slabs of whole trailing axes, of BLOCK_BYTES or less where one point fits."""
    room = max(1, BLOCK_BYTES // max(1, bytes_a_point))
    cut = []
    for n in reversed(shape):
        cut.append(min(n, room))
        room = max(1, room // n)
    return tuple(reversed(cut))


def blocks(shape: tuple[int, ...], cut: tuple[int, ...], within: Sequence[range] | None = None) -> Iterator[Block]:
    """All blocks of a grid of `shape`, cut in pieces of shape `cut`, in C order; or those `within` some ranges."""
    counts = [range(-(-n // c)) for n, c in zip(shape, cut, strict=True)]
    for index in _indices(counts if within is None else within):
        yield Block(
            index,
            tuple(slice(i * c, min(n, (i + 1) * c)) for i, c, n in zip(index, cut, shape, strict=True)),
        )


def _indices(ranges: Sequence[range]) -> Iterator[tuple[int, ...]]:
    """As itertools.product, which first holds every range in memory; what a stranger's file says may be longer."""
    if not ranges:
        yield ()
        return
    for i in ranges[0]:
        for rest in _indices(ranges[1:]):
            yield (i, *rest)
