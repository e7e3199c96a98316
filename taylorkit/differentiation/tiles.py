"""A compiled kernel of XLA, run tile by tile, on all local devices of a platform.

A kernel always runs on the same number of points, the last tile padded with copies of its last point: one compilation
serves any N, and a point's numbers do not depend on how many others were asked for or where the batch was cut (a kernel
whose length varies changes last bits, where its vector remainder begins). Where there are several devices each takes
one tile at a time, so that numbers do not depend on how many there are either.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence

import jax
import numpy as np
from jax.extend.core import jaxpr_as_fun
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from taylorkit.precision import everywhere, scope
from taylorkit.trace import Traced

# Tiles on their way while one is copied out: JAX dispatches asynchronously.
IN_FLIGHT = 2
POINTS = "points"

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
        self.devices = devices(platform, traced.calls_back)
        self.points = tile * len(self.devices)
        self.precision = everywhere if traced.calls_back else scope
        self.dtype = traced.dtype
        shape = jax.ShapeDtypeStruct((tile, traced.variables), traced.dtype)
        with scope(traced.dtype), jax.default_device(self.devices[0]):
            self.kernel = _compiled(function if batched else over_points(function), shape, self.devices)

    def fill(self, out: np.ndarray, points: np.ndarray) -> None:
        """Write what the function gives at `points` (N, D) into `out` (P, *S, N)."""
        waiting: deque[tuple[slice, list[jax.Array]]] = deque()
        with self.precision(self.dtype), jax.default_device(self.devices[0]):
            for place, part in self._cut(points):
                waiting.append((place, self.kernel(part)))
                if len(waiting) > IN_FLIGHT:
                    _copy(out, *waiting.popleft())
            while waiting:
                _copy(out, *waiting.popleft())

    def _cut(self, points: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
        for start in range(0, len(points), self.points):
            part = points[start : start + self.points]
            place = slice(start, start + len(part))
            missing = self.points - len(part)
            yield place, np.pad(part, ((0, missing), (0, 0)), mode="edge") if missing else part


def devices(platform: str, calls_back: bool) -> Sequence[jax.Device]:
    """All local ones; the first alone for what calls Python, whose calls need not bear to be made at once."""
    found = jax.local_devices(backend=platform)
    return found[:1] if calls_back else found


def _compiled(function: Batched, shape: jax.ShapeDtypeStruct, devices: Sequence[jax.Device]) -> jax.stages.Compiled:
    """The function of a tile, or of as many tiles together as there are devices, a tile each."""
    if len(devices) == 1:
        return jax.jit(function).lower(shape).compile()
    program = jax.make_jaxpr(function)(shape)
    mesh, split = Mesh(np.array(devices), (POINTS,)), PartitionSpec(POINTS)
    results = [PartitionSpec(*[None] * (a.ndim - 1), POINTS) for a in program.out_avals]
    # Nothing is shared between devices; what is checked otherwise is what each of them has in common.
    each = jax.shard_map(jaxpr_as_fun(program), mesh=mesh, in_specs=split, out_specs=results, check_vma=False)
    all_tiles = jax.ShapeDtypeStruct((shape.shape[0] * len(devices), *shape.shape[1:]), shape.dtype)
    return jax.jit(each, in_shardings=NamedSharding(mesh, split)).lower(all_tiles).compile()


def _copy(out: np.ndarray, place: slice, pieces: list[jax.Array]) -> None:
    row = 0
    for piece in pieces:
        for start, part in _parts(piece):
            here = slice(place.start + start, min(place.start + start + part.shape[-1], place.stop))
            if here.start < here.stop:
                out[row : row + len(piece), ..., here] = np.asarray(part)[..., : here.stop - here.start]
        row += len(piece)


def _parts(piece: jax.Array) -> Iterator[tuple[int, jax.Array]]:
    """What each device has of an array, and the number of its first point; put together they would be copied twice."""
    if len(piece.sharding.device_set) == 1:
        yield 0, piece
        return
    for shard in piece.addressable_shards:
        yield shard.index[-1].start or 0, shard.data
