"""Many centres with their polynomials; every point belongs to its nearest centre (Euclidean distance)."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from taylorkit import multi_index
from taylorkit.errors import SpecError
from taylorkit.gathering import at_points, sums
from taylorkit.nearest import Centers
from taylorkit.polynomial import Array, backend, eager, floating, horner, monomials, order_of, rows_of


@dataclass(frozen=True, eq=False)
class Atlas:
    """N polynomials about `centers`, with `coefficients` (P, *S, N) in graded order.

    `centers` has the form of a batch of points: (N,), (N, D), or a tuple of D arrays (N,). `A(points)` takes points of
    that form and returns their shape followed by S: nearest centre, gather, and the polynomial there. Arrays are kept
    and returned as NumPy's. A point may be as far from its nearest centre as it likes; `ds.taylor` of a stored run
    refuses to extrapolate. Which centre is nearest is decided outside of JAX, so an atlas refuses points that JAX is
    tracing. Raises SpecError where there are other than N polynomials, or P is no C(D+n, n).

    >>> import jax.numpy as jnp, numpy as np, taylorkit as tk
    >>> centers = np.linspace(0.0, 3.0, 4)
    >>> A = tk.Atlas(centers, tk.derivatives(jnp.sin, centers, 4).coefficients)
    >>> bool(abs(A(2.2) - np.sin(2.2)) < 1e-5)  # by the polynomial about 2
    True
    """

    centers: Any
    coefficients: Array

    def __post_init__(self) -> None:
        object.__setattr__(self, "centers", eager(self.centers))
        object.__setattr__(self, "coefficients", floating(self.coefficients))
        if len(self._centers.rows) != self.coefficients.shape[-1]:
            raise SpecError(
                f"{len(self._centers.rows)} centres but coefficients of shape {self.coefficients.shape}: "
                "the last axis must run over the centres"
            )
        order_of(self.variables, len(self.coefficients))

    @cached_property
    def _centers(self) -> Centers:
        rows, _ = rows_of(self.centers, self._one, what="centers")
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
        """D, the number of variables."""
        return self._centers.rows.shape[1]

    @property
    def order(self) -> int:
        """n, the highest degree."""
        return order_of(self.variables, len(self.coefficients))

    @property
    def multi_indices(self) -> np.ndarray:
        """The exponents α of each coefficient: (P, D) int."""
        return multi_index.multi_indices(self.variables, self.order)

    def nearest(self, points: Any) -> np.ndarray:
        """The index of each point's nearest centre, in the batch's shape."""
        columns, batch = self._columns(points)
        return self._centers.nearest(columns.T).reshape(batch)

    def __call__(self, points: Any) -> Array:
        """T_n of each point's nearest centre there: (*batch, *S).

        Raises SpecError where points have another number of variables than the centres.
        """
        return self._of(points, range(self.order, self.order + 1))[0, ...]

    def partial_sums(self, points: Any) -> Array:
        """T_0, …, T_n of the nearest centre at each point: (n+1, *batch, *S)."""
        return self._of(points, range(self.order + 1))

    def stencil(self, displacements: Any) -> Array:
        """The polynomial of every centre c_j at c_j + δ_m, for the same displacements δ: (*batch, *S, N).

        `displacements` has the form of points. One matrix product: the monomials δ_m^α times the coefficients.
        Raises SpecError where their variables are not those of the centres.
        """
        xp, scope = backend(self.coefficients)
        with scope:
            delta, batch = self._columns(displacements, xp, self.coefficients.dtype)
            basis = xp.concatenate(list(monomials(delta, self.order)))
            product = basis.T @ self.coefficients.reshape(len(basis), -1)
            return xp.asarray(product, self.coefficients.dtype).reshape(batch + self.coefficients.shape[1:])

    def _of(self, points: Any, orders: range) -> Array:
        """T_k of the nearest centre at each point, for each k of `orders`: (k, *batch, *S)."""
        columns, batch = self._columns(points)
        nearest = self._centers.nearest(columns.T)
        delta = self._centers.displacements(columns.T, nearest)
        xp, scope = backend(self.coefficients)
        if xp is np:
            found = at_points(self.coefficients, delta, nearest, sums if len(orders) > 1 else horner)
        else:
            with scope:
                places = xp.asarray(delta, dtype=self.coefficients.dtype)
                found = sums(self.coefficients[..., nearest], places, self.order)[orders.start :]
        return xp.moveaxis(found, -1, 1).reshape(len(orders), *batch, *self.coefficients.shape[1:-1])

    def _columns(self, points: Any, xp: Any = np, dtype: Any = None) -> tuple[Array, tuple[int, ...]]:
        """Points as (D, M), and the shape of their batch."""
        columns, batch = rows_of(points, self._one, xp, dtype, "points")
        if len(columns) != self.variables:
            raise SpecError(f"points have {len(columns)} variables, the centres {self.variables}")
        return columns, batch
