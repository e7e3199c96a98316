"""A compiled kernel of XLA, run tile by tile, on all local devices of a platform in turn.

A kernel always runs on the same number of points, the last tile padded with copies of its last point: one compilation
serves any N, and a point's numbers do not depend on how many others were asked for or where the batch was cut (a kernel
whose length varies changes last bits, where its vector remainder begins). Nor do they depend on how many devices there
are: each runs the program of one tile, by itself. One program over all of them (`jax.shard_map`) is compiled otherwise
than that of one: other operations are fused, and last bits change.
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import jax
import numpy as np
from jax.sharding import SingleDeviceSharding

from taylorkit.precision import everywhere, scope
from taylorkit.trace import Traced

# A device's tiles on their way while one is copied out: JAX dispatches asynchronously.
IN_FLIGHT = 2

Batched = Callable[[jax.Array], list[jax.Array]]


def over_points(function: Callable[[jax.Array], list[jax.Array]]) -> Batched:
    """A function of one point v (D,) ↦ arrays (rows, *S), made one of points (N, D) ↦ arrays (rows, *S, N)."""
    return jax.vmap(function, in_axes=0, out_axes=-1)


class Tiles:
    """A function of one point v (D,) ↦ arrays (rows, *S), over points (N, D) into one array (P, *S, N).

    A `batched` function maps all points of a tile (tile, D) ↦ arrays (rows, *S, tile) by itself.
    """

    def __init__(
        self,
        function: Callable[[jax.Array], list[jax.Array]],
        traced: Traced,
        tile: int,
        platform: str,
        batched: bool = False,
    ):
        local = jax.local_devices(backend=platform)
        self.tile, self.dtype = tile, traced.dtype
        self.precision = everywhere if traced.calls_back else scope
        self.shape = jax.ShapeDtypeStruct((tile, traced.variables), traced.dtype)
        self.function = function if batched else over_points(function)
        first = self._lower(local[0])
        self.devices = local[:1] if len(local) > 1 and _stays(first, traced, platform) else local
        self.kernel = first.compile()
        self.kernels = [self.kernel]

    def fill(self, out: np.ndarray, points: np.ndarray) -> None:
        """Write what the function gives at `points` (N, D) into `out` (P, *S, N)."""
        kernels = self._serving(-(-len(points) // self.tile))
        waiting: deque[tuple[slice, list[jax.Array]]] = deque()
        with self.precision(self.dtype), jax.default_device(self.devices[0]):
            for number, (place, tile) in enumerate(self._cut(points)):
                waiting.append((place, kernels[number % len(kernels)](tile)))
                if len(waiting) > IN_FLIGHT * len(kernels):
                    _copy(out, *waiting.popleft())
            while waiting:
                _copy(out, *waiting.popleft())

    def _serving(self, tiles: int) -> list[jax.stages.Compiled]:
        """A kernel for each device that has a tile to compute; those that are missing are compiled side by side."""
        missing = self.devices[len(self.kernels) : tiles]
        if missing:
            with ThreadPoolExecutor(len(missing)) as pool:
                self.kernels += pool.map(lambda device: self._lower(device).compile(), missing)
        return self.kernels[: max(1, tiles)]

    def _lower(self, device: jax.Device) -> jax.stages.Lowered:
        with scope(self.dtype), jax.default_device(device):
            on = SingleDeviceSharding(device)
            return jax.jit(self.function, in_shardings=on, out_shardings=on).lower(self.shape)

    def _cut(self, points: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
        for start in range(0, len(points), self.tile):
            tile = points[start : start + self.tile]
            place = slice(start, start + len(tile))
            missing = self.tile - len(tile)
            yield place, np.pad(tile, ((0, missing), (0, 0)), mode="edge") if missing else tile


def _stays(lowered: jax.stages.Lowered, traced: Traced, platform: str) -> bool:
    """Whether one device computes all of it, where there are several.

    Calls of Python need not bear to be made at once. Nor does what calls a library on a CPU, whose devices share one
    pool of threads: JAX's batched linear algebra was seen to wait there for itself for ever.
    """
    return traced.calls_back or (platform == "cpu" and "custom_call" in lowered.as_text())


def _copy(out: np.ndarray, place: slice, pieces: list[jax.Array]) -> None:
    row = 0
    for piece in pieces:
        out[row : row + len(piece), ..., place] = np.asarray(piece)[..., : place.stop - place.start]
        row += len(piece)
