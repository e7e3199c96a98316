"""The polynomials that a dataset holds, at given points, no more of it read than they need.

Each point is given to its nearest centre; then the points are taken block by block of the centres, so that of a store
that is larger than memory one block is held at a time, and of a block only the part in which there are centres.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from uuid import uuid4

import numpy as np
import xarray as xr

from taylorkit import multi_index
from taylorkit.accessor import terms
from taylorkit.accessor.centers import centers_of
from taylorkit.errors import SpecError
from taylorkit.gathering import at_points
from taylorkit.grid import block_shape
from taylorkit.nearest import Centers, GridCenters
from taylorkit.polynomial import horner

# Points whose displacements are held at once.
PIECE = 2**18


@dataclass(frozen=True, eq=False)
class Expansions:
    """`derivatives` about `centers`, which lie along the dimensions `places`, in C order; f's own are `outputs`."""

    derivatives: xr.Variable
    names: tuple[str, ...]
    places: tuple[str, ...]
    centers: Centers | GridCenters
    order: int

    @classmethod
    def of(cls, dataset: xr.Dataset) -> "Expansions":
        """What a dataset holds. Raises SpecError where its terms or centres are not what polynomials need."""
        names, order = terms.variables(dataset), terms.order(dataset)
        places, centers = centers_of(dataset, names)
        return cls(dataset["derivatives"].variable, names, places, centers, order)

    def __dask_tokenize__(self) -> str:
        """By this Dask names its tasks. It would otherwise read all derivatives, so as to name equal ones alike."""
        return uuid4().hex

    @property
    def outputs(self) -> tuple[str, ...]:
        return tuple(str(d) for d in self.derivatives.dims if d != "term" and d not in self.places)

    @property
    def output_shape(self) -> tuple[int, ...]:
        return tuple(self.derivatives.sizes[d] for d in self.outputs)

    @property
    def shape(self) -> tuple[int, ...]:
        """That of the centres."""
        return tuple(self.derivatives.sizes[d] for d in self.places)

    def at(self, *given: np.ndarray, degree: int, extrapolate: bool) -> np.ndarray:
        """T_degree of the nearest centre, where `given` are the variables, which broadcast: (*batch, *S).

        Raises SpecError for a point that is not finite, or out of the centres' reach if not to `extrapolate`.
        """
        if not extrapolate:
            self._check_reached(given)
        columns = np.broadcast_arrays(*given)
        batch = columns[0].shape
        which = np.empty(prod(batch), np.int64)
        for piece in _pieces(len(which)):
            which[piece] = self.centers.nearest(_rows(columns, np.arange(piece.start, piece.stop)))
        out = np.empty((len(which), *self.output_shape), self.derivatives.dtype)
        # Where a derivative is not finite the polynomial is not either; the status of its centre says so.
        with np.errstate(invalid="ignore", over="ignore"):
            for group in self._groups(which):
                self._fill(out, group, columns, which, degree)
        return out.reshape((*batch, *self.output_shape))

    def _check_reached(self, given: tuple[np.ndarray, ...]) -> None:
        for name, values, (low, high) in zip(self.names, given, self.centers.extent(), strict=True):
            if (outside := (values < low) | (values > high)).any():
                more = f" (and {outside.sum() - 1} more)" if outside.sum() > 1 else ""
                raise SpecError(
                    f"{name} = {values[outside][0]:.6g}{more}: outside of {low:.6g} to {high:.6g}, where the expansion "
                    "points are and half a step beyond; give extrapolate=True to evaluate the nearest polynomial there"
                )

    def _fill(
        self, out: np.ndarray, group: np.ndarray, columns: tuple[np.ndarray, ...], which: np.ndarray, degree: int
    ) -> None:
        """The values at the points `group`, whose centres lie in one block."""
        places = np.unravel_index(which[group], self.shape) if self.shape else ()
        region = [slice(int(p.min()), int(p.max()) + 1) for p in places]
        coefficients = self._coefficients(dict(zip(self.places, region, strict=True)), degree)
        inside = tuple(p - r.start for p, r in zip(places, region, strict=True))
        sizes = tuple(r.stop - r.start for r in region)
        local = np.ravel_multi_index(inside, sizes) if sizes else np.zeros(len(group), np.int64)
        for piece in _pieces(len(group)):
            mine = group[piece]
            delta = self.centers.displacements(_rows(columns, mine), which[mine])
            out[mine] = np.moveaxis(at_points(coefficients, delta, local[piece], horner)[0], -1, 0)

    def _coefficients(self, region: dict[str, slice], degree: int) -> np.ndarray:
        """∂^α f / α! up to `degree` in a region of the centres: (P, *S, N)."""
        count = multi_index.count(len(self.names), degree)
        part = self.derivatives.isel({"term": slice(0, count), **region})
        # A task of Dask's that waits for other tasks could wait for ever: it computes the part itself.
        read = part.compute(scheduler="synchronous") if part.chunks else part.load()
        values = read.transpose("term", *self.outputs, *self.places).values.reshape(count, *self.output_shape, -1)
        factorials = multi_index.factorials(len(self.names), degree).astype(values.dtype)
        return values / factorials.reshape(-1, *[1] * (values.ndim - 1))

    def _groups(self, which: np.ndarray) -> Iterator[np.ndarray]:
        """The points of each block of centres that has any."""
        starts = self._starts
        block = np.zeros(len(which), np.int32)
        for piece in _pieces(len(which) if starts else 0):
            for place, along in zip(np.unravel_index(which[piece], self.shape), starts, strict=True):
                block[piece] = block[piece] * len(along) + np.searchsorted(along, place, side="right") - 1
        ends = np.cumsum(np.bincount(block))
        groups = np.split(np.argsort(block, kind="stable"), ends[:-1])
        return (group for group in groups if len(group))

    @property
    def _starts(self) -> list[np.ndarray]:
        """Where blocks begin along each dimension of the centres: Dask's chunks, else pieces as a run commits them."""
        if self.derivatives.chunks:
            chunks = [self.derivatives.chunksizes[d] for d in self.places]
            return [np.cumsum([0, *sizes[:-1]]) for sizes in chunks]
        size = self.derivatives.sizes["term"] * prod(self.output_shape) * self.derivatives.dtype.itemsize
        return [np.arange(0, n, cut) for n, cut in zip(self.shape, block_shape(self.shape, size), strict=True)]


def _pieces(count: int) -> Iterator[slice]:
    return (slice(start, min(start + PIECE, count)) for start in range(0, count, PIECE))


def _rows(columns: tuple[np.ndarray, ...], flat: np.ndarray) -> np.ndarray:
    """The points at flat places of the batch, (M, D); what only broadcasts to it is never written out."""
    return np.stack([_taken(column, flat) for column in columns]).T


def _taken(column: np.ndarray, flat: np.ndarray) -> np.ndarray:
    if column.flags.c_contiguous:
        return column.reshape(-1)[flat]
    return column[np.unravel_index(flat, column.shape)]
