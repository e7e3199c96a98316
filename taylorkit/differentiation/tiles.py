"""A compiled kernel of XLA, run tile by tile, on all local devices of a platform at once.

A kernel always runs on the same number of points, the last tile padded with copies of its last point: one compilation
serves any N, and a point's numbers do not depend on how many others were asked for or where the batch was cut (a kernel
whose length varies changes last bits, where its vector remainder begins).

Nor do they depend on how many devices there are. A round of tiles, one a device, is one array of points, sharded by
JAX over a mesh of the devices; each device runs the program of one tile on its shard, and what it gives is copied from
there into its place. One program over the mesh (`jax.shard_map`) changes last bits between one device and several. That
is no matter of fusion, and no barrier helps: for several partitions, and only then, XLA's partitioner merges common
subexpressions and carries constants in by way of copies, all before the algebra is simplified; what is simplified then
is another program. (Seen in erf · lgamma and in the mean of a network, with JAX 0.10 and 0.12.) Nor are the results
joined to sharded arrays, only to be taken apart: on two devices of a CPU that took up to as long again as the work.
"""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TypeAlias

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec, SingleDeviceSharding

from taylorkit.differentiation.lapack import in_portions, most_points
from taylorkit.errors import FunctionError
from taylorkit.precision import everywhere, scope
from taylorkit.trace import Traced, calls_python

Array: TypeAlias = np.ndarray | jax.Array

# A device's tiles on their way while one is copied out: JAX dispatches asynchronously.
IN_FLIGHT = 2

# The axis of the mesh of devices.
AXIS = "points"

Function = Callable[..., list[jax.Array]]
"""A function of a point or of points, and of arguments that are the same at all points."""


def over_points(function: Function) -> Function:
    """A function of one point v (D,) ↦ arrays (rows, *S), made one of points (N, D) ↦ arrays (rows, *S, N)."""

    def batched(points: jax.Array, *arguments: jax.Array) -> list[jax.Array]:
        return jax.vmap(lambda v: function(v, *arguments), out_axes=-1)(points)

    return batched


class Tiles:
    """A function of one point v (D,) ↦ arrays (rows, *S), over points (N, D) into one array (P, *S, N).

    A `batched` function maps all points of a tile (tile, D) ↦ arrays (rows, *S, tile) by itself.
    """

    def __init__(
        self,
        function: Function,
        traced: Traced,
        tile: int,
        platform: str,
        batched: bool = False,
        arguments: Sequence[jax.ShapeDtypeStruct] = (),
    ):
        local = jax.local_devices(backend=platform)
        self.tile, self.dtype = tile, traced.dtype
        self.types = [jax.ShapeDtypeStruct((tile, traced.variables), traced.dtype), *arguments]
        self.function = function if batched else over_points(function)
        first, calls_back = self._lower(local[0])
        self.precision = everywhere if calls_back else scope
        portion = most_points(first.as_text(), tile) if platform == "cpu" else tile
        if portion < tile:
            self.function = in_portions(self.function, portion)
            first, _ = self._lower(local[0])
        self.devices = local[:1] if len(local) > 1 and (calls_back or _stays(first, platform)) else local
        self.kernel = first.compile()
        # The kernel of each device, in their order; the lock keeps that of threads which call at once.
        self.kernels, self.compiling = [self.kernel], Lock()

    def fill(self, out: np.ndarray, points: np.ndarray, arguments: Sequence[Array] = ()) -> None:
        """Write what the function gives at `points` (N, D) into `out` (P, *S, N)."""
        together = self.tile * len(self.devices)
        waiting: deque[tuple[int, list[jax.Array]]] = deque()
        with self.precision(self.dtype), jax.default_device(self.devices[0]):
            given = [jax.device_put(arguments, device) for device in self.devices] if arguments else []
            for start in range(0, len(points), together):
                results = self._round(self._whole(points[start : start + together]), given)
                waiting.extend((start + number * self.tile, result) for number, result in enumerate(results))
                while len(waiting) > IN_FLIGHT * len(self.kernels):
                    _copy(out, *waiting.popleft())
            while waiting:
                _copy(out, *waiting.popleft())

    def sharded(self, points: np.ndarray) -> jax.Array:
        """The points (k tile, D) of k whole tiles, one tile on each of the first k devices."""
        mesh = Mesh(np.array(self.devices[: len(points) // self.tile]), (AXIS,))
        return jax.device_put(points, NamedSharding(mesh, PartitionSpec(AXIS)))

    def _round(self, points: np.ndarray, given: Sequence[Sequence[jax.Array]]) -> list[list[jax.Array]]:
        """What the kernel gives at k whole tiles, each on a device of its own, where its arguments are `given`."""
        kernels = self._serving(len(points) // self.tile)
        given = given or [()] * len(kernels)
        if len(kernels) == 1:  # nothing to shard: the kernel takes the points itself, in a tenth less time
            return [kernels[0](points, *given[0])]
        shards = self.sharded(points).addressable_shards
        return [kernel(shard.data, *there) for kernel, shard, there in zip(kernels, shards, given, strict=False)]

    def _serving(self, tiles: int) -> list[jax.stages.Compiled]:
        """A kernel for each device that has a tile to compute; those that are missing are compiled side by side."""
        with self.compiling:
            if missing := self.devices[len(self.kernels) : tiles]:
                with ThreadPoolExecutor(len(missing)) as pool:
                    self.kernels += pool.map(lambda device: self._lower(device)[0].compile(), missing)
            return self.kernels[:tiles]

    def _lower(self, device: jax.Device) -> tuple[jax.stages.Lowered, bool]:
        """The program, and whether it calls Python while it runs: f itself does, or a rule of its derivatives."""
        with scope(self.dtype), jax.default_device(device):
            on = SingleDeviceSharding(device)
            traced = jax.jit(self.function, in_shardings=on, out_shardings=on).trace(*self.types)
            if len(traced.jaxpr.in_avals) > len(self.types):
                raise FunctionError(
                    "a custom derivative rule of f keeps a value of a trace that has ended, so that its own derivative "
                    "does not exist, in JAX neither. A rule with nondiff_argnums inside of jax.jit does so, as that of "
                    "jax.scipy.special.expn: ask for order 1, or take jit away from the rule"
                )
            return traced.lower(), calls_python(traced.jaxpr)

    def _whole(self, points: np.ndarray) -> np.ndarray:
        missing = -len(points) % self.tile
        return np.pad(points, ((0, missing), (0, 0)), mode="edge") if missing else points


def _stays(lowered: jax.stages.Lowered, platform: str) -> bool:
    """Whether one device computes all of what calls a library on a CPU, where there are several.

    Its devices share one pool of threads: a call that waits for its parts there, as those of LAPACK may (see `lapack`),
    is one too many. Nor need calls of Python bear to be made at once.
    """
    return platform == "cpu" and "custom_call" in lowered.as_text()


def _copy(out: np.ndarray, start: int, pieces: list[jax.Array]) -> None:
    row = 0
    for piece in pieces:
        target = out[row : row + len(piece), ..., start : start + piece.shape[-1]]
        target[...] = np.asarray(piece)[..., : target.shape[-1]]
        row += len(piece)
