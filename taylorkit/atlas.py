"""Many centres with their polynomials; every point belongs to its nearest centre (Euclidean distance)."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from taylorkit import multi_index
from taylorkit.errors import SpecError
from taylorkit.polynomial import Array, backend, by_degree, order_of, rows_of

# Gathered coefficients held at once, in numbers: 32 MiB of float64.
CHUNK = 2**22


@dataclass(frozen=True, eq=False)
class Centers:
    """Centres as `rows` (N, D), which know the one nearest to any point; a tie is always broken alike."""

    rows: np.ndarray

    @cached_property
    def _tree(self) -> Any:
        # Imported when first needed: it takes as long to load as all of NumPy and Zarr.
        from scipy.spatial import cKDTree

        return cKDTree(self.rows)

    def nearest(self, rows: np.ndarray) -> np.ndarray:
        """The index of the nearest centre to each row (M, D): (M,). Raises SpecError for a point that is not finite."""
        wrong = ~np.isfinite(rows).all(axis=1)
        if wrong.any():
            raise SpecError(f"points: {rows[wrong][0]} is not finite; it has no nearest centre")
        return np.asarray(self._tree.query(rows)[1])


@dataclass(frozen=True, eq=False)
class Atlas:
    """N polynomials about `centers`, with `coefficients` (P, *S, N) in graded order.

    `centers` has the form of a batch of points: (N,), (N, D), or a tuple of D arrays (N,). `A(points)` takes points of
    that form and returns their shape followed by S: nearest centre, gather, and the polynomial there. Which centre is
    nearest is decided by SciPy outside of JAX, so an atlas cannot be called inside `jax.jit` or `jax.grad`.
    """

    centers: Any
    coefficients: Array

    def __post_init__(self) -> None:
        if not hasattr(self.coefficients, "__array_namespace__"):
            object.__setattr__(self, "coefficients", np.asarray(self.coefficients, np.float64))
        if len(self._centers.rows) != self.coefficients.shape[-1]:
            raise SpecError(
                f"{len(self._centers.rows)} centres but coefficients of shape {self.coefficients.shape}: "
                "the last axis must run over the centres"
            )
        order_of(self.variables, len(self.coefficients))

    @cached_property
    def _centers(self) -> Centers:
        rows, _ = rows_of(self.centers, self._one)
        return Centers(np.ascontiguousarray(rows.T))

    @property
    def _one(self) -> Any:
        """Something of one point's form."""
        if isinstance(self.centers, tuple):
            return self.centers
        if not len(self.centers):
            raise SpecError(f"centers: none given (shape {np.shape(self.centers)}); give at least one")
        return np.asarray(self.centers)[0]

    @property
    def variables(self) -> int:
        return self._centers.rows.shape[1]

    @property
    def order(self) -> int:
        return order_of(self.variables, len(self.coefficients))

    @property
    def multi_indices(self) -> np.ndarray:
        """The exponents α of each coefficient: (P, D) int."""
        return multi_index.multi_indices(self.variables, self.order)

    def nearest(self, points: Any) -> np.ndarray:
        """The index of each point's nearest centre, in the batch's shape."""
        rows, batch = self._rows(points)
        return self._centers.nearest(rows).reshape(batch)

    def __call__(self, points: Any) -> Array:
        return self.partial_sums(points)[-1]

    def partial_sums(self, points: Any) -> Array:
        """T_0, …, T_n of the nearest centre at each point: (n+1, *batch, *S)."""
        rows, batch = self._rows(points)
        nearest = self._centers.nearest(rows)
        sums = partial_sums(self.coefficients, self._centers.rows[nearest], rows, nearest)
        xp, scope = backend(sums)
        with scope:
            return xp.moveaxis(sums, -1, 1).reshape(len(sums), *batch, *self.coefficients.shape[1:-1])

    def _rows(self, points: Any) -> tuple[np.ndarray, tuple[int, ...]]:
        rows, batch = rows_of(points, self._one)
        if len(rows) != self.variables:
            raise SpecError(f"points have {len(rows)} variables, the centres {self.variables}")
        return np.ascontiguousarray(rows.T), batch


def partial_sums(coefficients: Array, centers: np.ndarray, rows: np.ndarray, which: np.ndarray) -> Array:
    """T_0, …, T_n at `rows` (M, D), each by the coefficients `which` (M,) about `centers` (M, D): (n+1, *S, M)."""
    xp, scope = backend(coefficients)
    step = max(1, CHUNK * coefficients.shape[-1] // max(1, coefficients.size))
    with scope:
        delta = xp.asarray((rows - centers).T, dtype=coefficients.dtype)
        order = order_of(rows.shape[1], len(coefficients))
        parts = [slice(k, k + step) for k in range(0, max(1, len(rows)), step)]
        return xp.concatenate([_chunk(xp, coefficients[..., which[p]], delta[:, p], order) for p in parts], axis=-1)


def _chunk(xp: Any, gathered: Array, delta: Array, order: int) -> Array:
    pieces = [
        xp.einsum("p...m,pm->...m", gathered[terms], basis) for terms, basis in by_degree(delta, len(delta), order)
    ]
    return xp.stack(pieces).cumsum(axis=0)
