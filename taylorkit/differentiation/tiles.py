"""A compiled kernel of XLA, run tile by tile.

A kernel always runs on the same number of points, the last tile padded with copies of its last point: one compilation
serves any N, and a point's numbers do not depend on how many others were asked for or where the batch was cut (a kernel
whose length varies changes last bits, where its vector remainder begins).
"""

from collections import deque
from collections.abc import Callable, Iterator

import jax
import numpy as np

from taylorkit.precision import everywhere, scope
from taylorkit.trace import Traced

# Tiles on their way while one is copied out: JAX dispatches asynchronously.
IN_FLIGHT = 2


class Tiles:
    """A function of one point v (D,) ↦ arrays (rows, *S), over points (N, D) into one array (P, *S, N)."""

    def __init__(self, function: Callable[[jax.Array], list[jax.Array]], traced: Traced, tile: int, platform: str):
        self.device, self.tile = jax.devices(platform)[0], tile
        self.precision = everywhere if traced.calls_back else scope
        self.dtype = traced.dtype
        shape = jax.ShapeDtypeStruct((tile, traced.variables), traced.dtype)
        with scope(traced.dtype), jax.default_device(self.device):
            self.kernel = jax.jit(jax.vmap(function, in_axes=0, out_axes=-1)).lower(shape).compile()

    def fill(self, out: np.ndarray, points: np.ndarray) -> None:
        """Write what the function gives at `points` (N, D) into `out` (P, *S, N)."""
        waiting: deque[tuple[slice, list[jax.Array]]] = deque()
        with self.precision(self.dtype), jax.default_device(self.device):
            for place, tile in self._cut(points):
                waiting.append((place, self.kernel(tile)))
                if len(waiting) > IN_FLIGHT:
                    _copy(out, *waiting.popleft())
            while waiting:
                _copy(out, *waiting.popleft())

    def _cut(self, points: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
        for start in range(0, len(points), self.tile):
            tile = points[start : start + self.tile]
            place = slice(start, start + len(tile))
            missing = self.tile - len(tile)
            yield place, np.pad(tile, ((0, missing), (0, 0)), mode="edge") if missing else tile


def _copy(out: np.ndarray, place: slice, pieces: list[jax.Array]) -> None:
    row = 0
    for piece in pieces:
        out[row : row + len(piece), ..., place] = np.asarray(piece)[..., : place.stop - place.start]
        row += len(piece)
