"""Functions of several variables: f, the same on balls, how errors may grow, where, and c.

The radius of convergence is that of a polydisc about the point, all sides alike. Nothing here is of one variable only:
products, quotients and compositions mix all of them.
"""

from collections.abc import Callable
from math import pi
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from flint import arb_series

from tests.accuracy import exact, radii
from tests.accuracy.balls import Balls
from tests.accuracy.elementary import tanh as tanh_of

# Total order; in five variables XLA compiles the 1287 terms of order 8 for minutes.
ORDER, IN_FIVE_ORDER = 8, 5
# A row's radius: row, degree ↦ r.
Radius = Callable[[np.ndarray, int], float]


class Several(NamedTuple):
    function: Callable[[jax.Array], jax.Array]
    exact: Callable[..., Balls]
    radius: Radius
    rows: tuple[tuple[float, ...], ...]
    c: float
    order: int = ORDER


def exp(u: Balls) -> Balls:
    return u.of(lambda v: v.exp())


def sin(u: Balls) -> Balls:
    return u.of(lambda v: v.sin())


def cos(u: Balls) -> Balls:
    return u.of(lambda v: v.cos())


def log(u: Balls) -> Balls:
    return u.of(lambda v: v.log())


def sqrt_of(u: Balls) -> Balls:
    return u.of(lambda v: v.sqrt())


def tanh(u: Balls) -> Balls:
    return u.of(tanh_of)


def atan2(y: Balls, x: Balls) -> Balls:
    """The angle of (x, y) is that of (x₀, y₀), and what is turned further."""
    at_x, at_y = x.center, y.center
    turned = (y * at_x - x * at_y) / (x * at_x + y * at_y)
    return turned.of(lambda v: v.atan()) + exact.atan2(arb_series([at_y]), arb_series([at_x]))[0]


def design(x: Any, y: Any) -> Any:
    """The design's two-variable function."""
    return jnp.sin(x * y) * jnp.exp(-(x**2 + y**2) / 2) + jnp.tanh(x + 2 * y)


def grows(*growth: float) -> Radius:
    """About any row as exp(g₁ z + g₂ z² + …) along the diagonal, with the row's size added to g₁ for each z²."""

    def radius(row: np.ndarray, k: int) -> float:
        slope = growth[0] + (float(np.abs(row).sum()) if len(growth) > 1 else 0.0)
        return radii.root_test([slope, *growth[1:]], k)

    return radius


def singular_sum_of_squares(offset: float) -> Radius:
    """offset + Σ xᵢ² = 0, or nearer."""

    def radius(row: np.ndarray, k: int) -> float:
        return radii.through_polydisc(offset + float(row @ row), 2 * float(np.abs(row).sum()), float(len(row)))

    return radius


def singular_line(weights: tuple[float, ...], singularity: complex) -> Radius:
    """w·x = singularity."""
    return lambda row, k: abs(float(row @ np.array(weights)) - singularity) / float(np.abs(weights).sum())


def both(*each: Radius) -> Radius:
    return lambda row, k: min(radius(row, k) for radius in each)


def softmax_radius(row: np.ndarray, k: int) -> float:
    """Σ exp xᵢ = 0 asks for a phase of π between two of them: π/2 each."""
    return pi / 2


PLANE = ((0.5, 0.25), (-1.25, 0.75), (1.0, 2.0), (2.5, -0.5))
SPACE = ((1.0, 2.0, 2.0), (-0.5, 0.25, 0.875), (1e-3, 0.5, -1.5))
FIVE = ((0.125, -0.25, 0.5, 0.375, -0.5), (1.0, 0.5, 0.25, -0.75, -1.0))
WEIGHTS = (0.5, -1.0, 0.25, 1.0, -0.5)

IN_TWO = {
    "product": Several(
        lambda v: jnp.exp(v[0]) * jnp.sin(v[1]) * v[0],
        lambda x, y: exp(x) * sin(y) * x,
        grows(1.0),
        PLANE,
        8,
    ),
    "quotient": Several(
        lambda v: (v[0] + 2 * v[1]) / (1 + v[0] ** 2 + v[1] ** 2),
        lambda x, y: (x + 2 * y) / (1 + x * x + y * y),
        singular_sum_of_squares(1.0),
        PLANE,
        2,
    ),
    "design": Several(
        lambda v: design(v[0], v[1]),
        lambda x, y: sin(x * y) * exp((x * x + y * y) * -0.5) + tanh(x + 2 * y),
        both(grows(0.0, 2.0), singular_line((1.0, 2.0), pi / 2 * 1j)),
        PLANE,
        32,
    ),
    "composition": Several(
        lambda v: jnp.log(2 + jnp.sin(v[0]) * jnp.cos(v[1])),
        lambda x, y: log(2 + sin(x) * cos(y)),
        # |sin(x + z) cos(y + w) − sin x cos y| ≤ 2 sinh(2r) reaches 1 at 0.24.
        lambda row, k: 0.24,
        PLANE,
        8,
    ),
    "norm of two": Several(
        lambda v: jnp.sqrt(v[0] ** 2 + v[1] ** 2),
        lambda x, y: sqrt_of(x * x + y * y),
        singular_sum_of_squares(0.0),
        PLANE,
        2,
    ),
    "angle": Several(
        lambda v: jnp.arctan2(v[1], v[0]), lambda x, y: atan2(y, x), singular_sum_of_squares(0.0), PLANE, 2
    ),
    "power": Several(
        lambda v: (2 + v[0]) ** v[1],
        lambda x, y: exp(y * log(2 + x)),
        lambda row, k: min(2 + row[0], radii.root_test([abs(np.log(2 + row[0])) + abs(row[1]) / (2 + row[0]), 1.0], k)),
        PLANE,
        4,
    ),
}
IN_THREE = {
    "norm of three": Several(
        jnp.linalg.norm, lambda *v: sqrt_of(sum(u * u for u in v)), singular_sum_of_squares(0.0), SPACE, 2
    ),
    "softmax": Several(
        lambda v: jax.nn.softmax(v)[1], lambda x, y, z: exp(y) / (exp(x) + exp(y) + exp(z)), softmax_radius, SPACE, 8
    ),
    "logsumexp": Several(jax.nn.logsumexp, lambda *v: log(sum(exp(u) for u in v)), softmax_radius, SPACE, 4),
    "prod": Several(
        lambda v: jnp.prod(jnp.sin(v)),
        lambda x, y, z: sin(x) * sin(y) * sin(z),
        grows(1.0),
        SPACE,
        8,
    ),
}
IN_FIVE = {
    "tanh of a sum": Several(
        lambda v: jnp.tanh(v @ jnp.array(WEIGHTS, v.dtype)),
        lambda *v: tanh(sum(w * u for w, u in zip(WEIGHTS, v, strict=True))),
        singular_line(WEIGHTS, pi / 2 * 1j),
        FIVE,
        4,
        IN_FIVE_ORDER,
    ),
    "inverse of squares": Several(
        lambda v: 1 / (1 + jnp.sum(v**2)),
        lambda *v: 1 / (1 + sum(u * u for u in v)),
        singular_sum_of_squares(1.0),
        FIVE,
        4,
        IN_FIVE_ORDER,
    ),
}

TABLE = IN_TWO | IN_THREE | IN_FIVE
