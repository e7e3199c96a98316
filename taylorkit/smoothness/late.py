"""Loops that stop by data before the derivatives have converged.

Newton's iteration that starts at the answer stops at once: its value is right and its derivatives are those of the
start. Where a few turns more of one loop leave f as it is and change a derivative, that point is late. Where they
change f, the loop is no iteration to a fixed point, and nothing is said.
"""

import numpy as np

from taylorkit import motion
from taylorkit.differentiation import kernel
from taylorkit.differentiation.methods import Method
from taylorkit.multi_index import degrees
from taylorkit.smoothness.longer import longer
from taylorkit.trace import Traced

# How far f may move and still be at its fixed point, and how far derivatives may and still have converged: in units of
# the largest of their degree or below.
SETTLED, CONVERGED = 1e-6, 1e-4


def late(traced: Traced, order: int, method: Method, rows: np.ndarray, packed: np.ndarray) -> np.ndarray:
    """At which of the points `rows` (M, D) the derivatives `packed` (P, *S, M) have not converged: (M,) bool."""
    found = np.zeros(len(rows), bool)
    if order:
        for program in traced.remembered(("longer", order), lambda: _each_longer(traced, order)):
            found |= _late(program, order, method, rows, packed)
    return found


def _each_longer(traced: Traced, order: int) -> list[Traced]:
    """f with more turns of a loop, enough for a method that doubles its digits: for each loop that data stop."""
    loops = {id(use.equation): use.equation for use in motion.loops_stopped_by_data(traced.jaxpr.jaxpr)}
    return [longer(traced, loop, (order + 1).bit_length() + 1) for loop in loops.values()]


def _late(program: Traced, order: int, method: Method, rows: np.ndarray, packed: np.ndarray) -> np.ndarray:
    further = kernel.evaluate(program, order, method, rows)
    degree = degrees(program.variables, order)
    scale, changes = np.zeros(len(rows)), []
    with np.errstate(invalid="ignore"):
        for k in range(order + 1):
            now, then = (p[degree == k].reshape(-1, len(rows)) for p in (packed, further))
            scale = np.maximum(scale, np.abs(then).max(axis=0))
            changes.append(np.abs(then - now).max(axis=0) / np.where(scale == 0, 1, scale))
    value, *derivatives = changes
    return (value <= SETTLED) & np.any(np.array(derivatives) > CONVERGED, axis=0)
