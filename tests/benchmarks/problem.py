"""What one problem is: a function, its points, and the orders that are tried."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import jax
import numpy as np

from taylorkit.multi_index import count

SEED = 0
Function = Callable[[jax.Array], jax.Array]
# The D coordinates and a module with sin, cos, exp and tanh ↦ f.
Formula = Callable[[Sequence[Any], Any], Any]
# How problems are grouped: each order of one; ever more points; outputs larger than any cache; few cores and many.
ORDER, POINTS, BYTES, CORES = "order", "points", "bytes", "cores"


@dataclass(frozen=True, eq=False)
class Problem:
    """f of one vector, its points as rows (N, D), and the orders to try.

    `formula` is f as an expression; `plain` a name and an equivalent of f for peers that f itself makes fail; `layers`
    the widths of a network, of whose matrix products the floor is made. `group` says which growth it is part of;
    `without` how the names of those begin who take no part; `fills`, where it is given, how many bytes the derivatives
    of an order take at most: an order takes part with as many of the points, in thousands.
    """

    name: str
    title: str
    function: Function
    rows: np.ndarray
    orders: tuple[int, ...]
    formula: Formula | None = None
    plain: tuple[str, Function] | None = None
    layers: tuple[int, ...] = ()
    group: str = ORDER
    without: tuple[str, ...] = ()
    fills: int = 0

    @property
    def variables(self) -> int:
        return self.rows.shape[1]

    def at(self, order: int) -> "Problem":
        """The same with the points of one order."""
        many = self.fills // (count(self.variables, order) * self.rows.dtype.itemsize) // 1_000 * 1_000
        return replace(self, rows=self.rows[:many]) if self.fills else self

    def smaller(self, points: int, orders: int) -> "Problem":
        """The same with at most so many points and orders."""
        return replace(self, rows=self.rows[:: -(-len(self.rows) // points)].copy(), orders=self.orders[:orders])


def box(points: int, variables: int, half_width: float) -> np.ndarray:
    """Points (N, D), uniform in a cube around 0; each coordinate by itself in memory, as grids lay points out."""
    return np.asfortranarray(np.random.default_rng(SEED).uniform(-half_width, half_width, (points, variables)))
