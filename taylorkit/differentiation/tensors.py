"""Packed derivatives and the tensors that they stand for."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from taylorkit import multi_index
from taylorkit.differentiation.methods import Method
from taylorkit.polynomial import Array, backend


@dataclass(frozen=True, eq=False)
class DerivativeTensors:
    """Every ∂^α f up to `order` at N points, each once.

    `packed` is (P, *S, N), P = C(D+n, n) terms in graded order, points last, so that one derivative over all points is
    contiguous. `method` is the resolved method that computed it. Arrays are NumPy's, in the dtype that was
    computed; where JAX traces them they are JAX's.

    >>> import taylorkit as tk
    >>> d = tk.derivatives(lambda x, y: x**2 * y, ([1.0, 2.0], [3.0, 4.0]), order=2)
    >>> d.packed.shape, d.multi_indices.tolist()
    ((6, 2), [[0, 0], [1, 0], [0, 1], [2, 0], [1, 1], [0, 2]])
    >>> d.coefficients[:, 1].tolist()
    [16.0, 16.0, 4.0, 4.0, 4.0, 0.0]
    >>> d.tensor(2)[1].tolist()  # the Hessian at (2, 4)
    [[8.0, 4.0], [4.0, 0.0]]
    """

    packed: Array
    variables: int
    order: int
    method: Method

    @property
    def multi_indices(self) -> np.ndarray:
        """The exponents α of each term: (P, D) int."""
        return multi_index.multi_indices(self.variables, self.order)

    @cached_property
    def coefficients(self) -> Array:
        """∂^α f / α!, the Taylor coefficients: (P, *S, N)."""
        factorials = multi_index.factorials(self.variables, self.order)
        column = factorials.reshape(-1, *[1] * (self.packed.ndim - 1))
        xp, scope = backend(self.packed)
        with scope:
            return self.packed / xp.asarray(column, self.packed.dtype)

    def tensor(self, degree: int) -> Array:
        """The full symmetric tensor D^k f: (N, *S, D, …, D), k trailing axes.

        The same array as `jax.vmap` of k nested `jax.jacfwd`. Raises SpecError for a degree above the order.
        """
        positions = multi_index.tensor_positions(self.variables, self.order, degree)
        xp, scope = backend(self.packed)
        with scope:
            entries = xp.moveaxis(self.packed[positions.reshape(-1)], (0, -1), (-1, 0))
            return entries.reshape(*entries.shape[:-1], *positions.shape)
