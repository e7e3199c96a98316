"""A function that is taken apart into single numbers, as one kernel of Pallas over blocks of points.

What the line cannot compute itself (erf, a solve, …) XLA computes before, for all points of a tile, and hands in.
"""

import jax
import jax.numpy as jnp
from jax.extend.core import jaxpr_as_fun

from taylorkit.differentiation.lines import Straightened, single, trace_line
from taylorkit.differentiation.tiles import Tiles, over_points
from taylorkit.lowering import pallas
from taylorkit.trace import Traced


def serves(traced: Traced, kind: str, platform: str) -> bool:
    """Whether f can be such a kernel, compiled on a GPU and interpreted elsewhere."""
    return single(traced, kind)


class Blocks(Tiles):
    """The derivatives of a function as a kernel of Pallas, over points (N, D) into one array (P, *S, N)."""

    def __init__(self, straight: Straightened, traced: Traced, tile: int, platform: str):
        line, handed = trace_line(straight, traced, pallas.FUNCTIONS)
        run = pallas.kernel(line, traced.variables, traced.dtype, not pallas.compiles(platform))
        before = over_points(jaxpr_as_fun(handed))

        def packed(points: jax.Array) -> list[jax.Array]:
            if not line.results:
                return [jnp.zeros((0, *traced.shape, len(points)), traced.dtype)]
            given = [jnp.concatenate(before(points))] if handed.out_avals else []
            return [run(points, *given).reshape(-1, *traced.shape, len(points))]

        super().__init__(packed, traced, tile, platform, batched=True)
