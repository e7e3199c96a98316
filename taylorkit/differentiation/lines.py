"""A function that is taken apart into single numbers, as one straight line of machine code.

What the line cannot compute itself (lgamma, a solve, …) XLA computes before, for as many points as a tile has, and
hands in.
"""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import ClosedJaxpr, jaxpr_as_fun

from taylorkit.differentiation.series import Numbers
from taylorkit.differentiation.tiles import Tiles
from taylorkit.lowering import machine, xla
from taylorkit.lowering.line import Line, write_out
from taylorkit.lowering.memory import aligned
from taylorkit.lowering.straight import Straight
from taylorkit.trace import Traced

Straightened = Callable[[jax.Array], Numbers]


def serves(traced: Traced, kind: str, platform: str) -> bool:
    """Whether f can be a line of machine code here."""
    return single(traced, kind) and platform == "cpu" and machine.target() is not None


def single(traced: Traced, kind: str) -> bool:
    """Whether f can be a line at all: loops and callbacks stay with XLA, which must compute them anyway."""
    return kind == "scalars" and not traced.loops and not traced.calls_back and traced.dtype.itemsize in (4, 8)


class Lines:
    """The derivatives of a function as a line, over points (N, D) into one array (P, *S, N)."""

    def __init__(self, straight: Straightened, traced: Traced, tile: int, platform: str):
        target = machine.target()
        assert target is not None, "without one a function is never a line"
        line, handed = trace_line(straight, traced, target.functions)
        self.dtype, self.tile, self.handed = traced.dtype, tile, len(handed.out_avals)
        # The program that was traced is the one that runs: traced again, it might hand in another order.
        self.before = Tiles(jaxpr_as_fun(handed), traced, tile, platform) if self.handed else None
        self.line = Straight(line, target, traced.dtype)

    def fill(self, out: np.ndarray, points: np.ndarray, arguments: Sequence[Any] = ()) -> None:
        """Write the packed derivatives at `points` (N, D) into `out` (P, *S, N)."""
        assert not arguments, "a program with arguments keeps its arrays whole"
        if not len(points):
            return
        points = np.asarray(points, self.dtype)
        flat = out.reshape(-1, len(points))
        # Machine code writes rows of whole numbers: anything else is written by way of such an array.
        plain = flat.strides[-1] == flat.itemsize and flat.flags.aligned and flat.dtype == self.dtype
        direct = plain and np.may_share_memory(flat, out)
        rows = flat if direct else aligned(flat.shape, self.dtype)
        step = self.tile if self.before else len(points)
        for start in range(0, len(points), step):
            part = points[start : start + step]
            self.line([*part.T, *self._handed_in(part)], rows[:, start : start + step])
        if not direct:
            out[...] = rows.reshape(out.shape)

    def _handed_in(self, points: np.ndarray) -> np.ndarray:
        values = np.empty((self.handed, len(points)), self.dtype)
        if self.before:
            self.before.fill(values, points)
        return values


def trace_line(straight: Straightened, traced: Traced, functions: frozenset[str]) -> tuple[Line, ClosedJaxpr]:
    """The line, and the program v ↦ arrays (1,) of what is handed in beside the variables."""
    found: list[Line] = []

    def handed(v: jax.Array) -> list[jax.Array]:
        numbers = straight(v)
        run, wanted = numbers.run, [symbol for row in numbers.rows for symbol in row]
        line, symbols = write_out(run.program, wanted, numbers.variables, run.dtype, functions)
        found.append(line)
        return [jnp.asarray(a, run.dtype).reshape(1) for a in xla.values(run.program, symbols, run.dtype)]

    with traced.scope():
        program = jax.make_jaxpr(handed)(jax.ShapeDtypeStruct((traced.variables,), traced.dtype))
    return found[0], program


def operations(straight: Callable[[Traced, int], Straightened], traced: Traced, order: int) -> int:
    """How many numbers one point computes, beside the functions that are handed in."""
    target = machine.target()
    line, _ = trace_line(straight(traced, order), traced, target.functions if target else frozenset())
    return line.operations
