"""One compiled kernel, run tile by tile.

A kernel always runs on the same number of points, the last tile padded with copies of its last point: one compilation
serves any N, and a point's numbers do not depend on how many others were asked for or where the batch was cut (a kernel
whose length varies changes last bits, where its vector remainder begins).
"""

from collections import deque
from collections.abc import Callable, Iterator
from functools import lru_cache

import jax
import numpy as np

from taylorkit.differentiation.methods import Method
from taylorkit.errors import FunctionError
from taylorkit.multi_index import count
from taylorkit.precision import everywhere, scope
from taylorkit.trace import Traced

# Tiles on their way while one is copied out: JAX dispatches asynchronously.
IN_FLIGHT = 2


def device(platform: str) -> jax.Device:
    return jax.devices(platform)[0]


@lru_cache(maxsize=256)
def compiled(traced: Traced, order: int, method: Method) -> Callable[[np.ndarray], list[jax.Array]]:
    """(tile, D) ↦ arrays (rows, *S, tile) of P rows together, compiled; found again by the traced function's identity.

    Raises FunctionError where something in f cannot be differentiated or mapped over points.
    """
    kernel = jax.jit(jax.vmap(method.packed(traced, order), in_axes=0, out_axes=-1))
    shape = jax.ShapeDtypeStruct((method.tile, traced.variables), traced.dtype)
    with scope(traced.dtype), jax.default_device(device(method.platform)):
        try:
            return kernel.lower(shape).compile()
        except Exception as error:  # whatever a missing rule raises; the cause is kept
            first, *_ = str(error).splitlines() or [""]
            raise FunctionError(
                f"the function could not be compiled at order {order} by method {method.name!r}: "
                f"{type(error).__name__}: {first}; taylorkit.preflight names what has no derivative, and its line"
            ) from error


def fill(out: np.ndarray, traced: Traced, order: int, method: Method, points: np.ndarray) -> None:
    """Write the packed derivatives at `points` (N, D) into `out` (P, *S, N)."""
    kernel = compiled(traced, order, method)
    waiting: deque[tuple[slice, list[jax.Array]]] = deque()
    precision = (everywhere if traced.calls_back else scope)(traced.dtype)
    with precision, jax.default_device(device(method.platform)):
        for place, tile in _tiles(points, method.tile):
            waiting.append((place, kernel(tile)))
            if len(waiting) > IN_FLIGHT:
                _copy(out, *waiting.popleft())
        while waiting:
            _copy(out, *waiting.popleft())


def evaluate(traced: Traced, order: int, method: Method, points: np.ndarray) -> np.ndarray:
    """The packed derivatives at `points` (N, D), in host memory: (P, *S, N)."""
    shape = (count(traced.variables, order), *traced.shape, len(points))
    out = np.empty(shape, traced.dtype)
    fill(out, traced, order, method, points)
    return out


def _tiles(points: np.ndarray, size: int) -> Iterator[tuple[slice, np.ndarray]]:
    for start in range(0, len(points), size):
        tile = points[start : start + size]
        place = slice(start, start + len(tile))
        missing = size - len(tile)
        yield place, np.pad(tile, ((0, missing), (0, 0)), mode="edge") if missing else tile


def _copy(out: np.ndarray, place: slice, pieces: list[jax.Array]) -> None:
    row = 0
    for piece in pieces:
        out[row : row + len(piece), ..., place] = np.asarray(piece)[..., : place.stop - place.start]
        row += len(piece)
