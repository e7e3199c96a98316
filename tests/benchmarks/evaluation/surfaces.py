"""Who approximates f on [−2, 2]² from numbers stored beforehand, and how many a tolerance takes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np
from scipy.interpolate import RegularGridInterpolator
from scipy.sparse.linalg import spsolve

import taylorkit as tk

LOW, HIGH = -2.0, 2.0
# What an interpolator on a side of more nodes would hold, nobody would keep.
MOST = 6000

Evaluate = Callable[[np.ndarray, np.ndarray], Any]


@dataclass(frozen=True)
class Surface:
    """Fitted: `side` centres or nodes along each axis, what they take, and the evaluation of points."""

    who: str
    side: int
    nbytes: int
    error: float
    evaluate: Evaluate


def wave(x: Any, y: Any, xp: Any = jnp) -> Any:
    return xp.sin(x * y) * xp.exp(-(x**2 + y**2) / 2) + xp.tanh(x + 2 * y)


def atlas(order: int) -> Callable[[int], tuple[int, Evaluate]]:
    """Centres in the middle of side × side cells."""

    def build(side: int) -> tuple[int, Evaluate]:
        step = (HIGH - LOW) / side
        axis = LOW + step * (np.arange(side) + 0.5)
        centers = tuple(c.reshape(-1) for c in np.meshgrid(axis, axis, indexing="ij"))
        coefficients = tk.derivatives(wave, centers, order).coefficients
        A = tk.Atlas(centers, coefficients)
        return coefficients.nbytes + 8 * 2 * side**2, lambda x, y: A((x, y))

    return build


def interpolator(kind: str) -> Callable[[int], tuple[int, Evaluate]]:
    """Nodes on side × side points. The spline's equations are solved directly: SciPy's iteration ends too early."""

    def build(side: int) -> tuple[int, Evaluate]:
        axis = np.linspace(LOW, HIGH, side)
        options = {} if kind == "linear" else {"solver": spsolve}
        found = RegularGridInterpolator((axis, axis), wave(axis[:, None], axis, np), method=kind, **options)
        return 8 * (side**2 + 2 * side), lambda x, y: found(np.stack([x, y], axis=1))

    return build


# Name ↦ (how it is built, the side with which the search begins, the power of the spacing that its error follows).
CONTESTANTS = {
    "atlas, order 6": (atlas(6), 8, 7),
    "atlas, order 10": (atlas(10), 5, 11),
    "RegularGridInterpolator, linear": (interpolator("linear"), 100, 2),
    "RegularGridInterpolator, cubic": (interpolator("cubic"), 30, 4),
}


def fitted(who: str, x: np.ndarray, y: np.ndarray, tolerance: float) -> Surface:
    """The contestant with about the fewest numbers whose largest error at these points is within `tolerance`."""
    build, side, power = CONTESTANTS[who]
    truth = wave(x, y, np)
    while True:
        nbytes, evaluate = build(side)
        error = float(np.abs(np.asarray(evaluate(x, y)) - truth).max())
        if error <= tolerance or side >= MOST:
            return Surface(who, side, nbytes, error, evaluate)
        side = min(MOST, max(side + 1, round(side * (error / tolerance) ** (1 / power))))
