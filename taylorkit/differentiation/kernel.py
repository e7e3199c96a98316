"""What a method and its lowering make of a function, compiled once and found again."""

from functools import lru_cache

import numpy as np

from taylorkit.differentiation.blocks import Blocks
from taylorkit.differentiation.lines import Lines
from taylorkit.differentiation.methods import METHODS, Method
from taylorkit.differentiation.tiles import Tiles
from taylorkit.errors import FunctionError
from taylorkit.lowering.memory import aligned
from taylorkit.multi_index import count
from taylorkit.trace import Traced

# What runs a straight line; `xla` runs everything.
KERNELS: dict[str, type[Tiles] | type[Lines]] = {"llvm": Lines, "pallas": Blocks}


@lru_cache(maxsize=256)
def compiled(traced: Traced, order: int, method: Method) -> Tiles | Lines:
    """The kernel that fills (P, *S, N) from points (N, D); found again by the traced function's identity.

    Raises FunctionError where something in f cannot be differentiated or mapped over points.
    """
    module = METHODS[method.name]
    try:
        if method.lowering == "xla":
            return Tiles(module.packed(traced, order), traced, method.tile, method.platform)
        kernel = KERNELS[method.lowering.partition("-")[0]]
        return kernel(module.straight(traced, order), traced, method.tile, method.platform)
    except Exception as error:  # whatever a missing rule raises; the cause is kept
        first, *_ = str(error).splitlines() or [""]
        raise FunctionError(
            f"the function could not be compiled at order {order} by method {method.name!r}: "
            f"{type(error).__name__}: {first}; taylorkit.preflight names what has no derivative, and its line"
        ) from error


def fill(out: np.ndarray, traced: Traced, order: int, method: Method, points: np.ndarray) -> None:
    """Write the packed derivatives at `points` (N, D) into `out` (P, *S, N)."""
    compiled(traced, order, method).fill(out, points)


def evaluate(traced: Traced, order: int, method: Method, points: np.ndarray) -> np.ndarray:
    """The packed derivatives at `points` (N, D), in host memory: (P, *S, N)."""
    shape = (count(traced.variables, order), *traced.shape, len(points))
    out = aligned(shape, traced.dtype)
    fill(out, traced, order, method, points)
    return out
