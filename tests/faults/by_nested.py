"""What every method is compared with where custom rules are differentiated: nested transformations of JAX."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import taylorkit as tk
from taylorkit import multi_index

METHODS = ("nested", "series", "reverse", "auto")

# Some hundreds of operations in double precision, in different orders, of derivatives that grow with the order.
ROUNDING = 1e-11

Function = Callable[..., Any]


def nested(f: Function, point: list[float], order: int) -> np.ndarray:
    """The packed derivatives by k applications of `jacfwd`, the first variable first: (P, *S)."""
    tower, rows = [f], []
    for _ in range(order):
        tower.append(jax.jacfwd(tower[-1]))
    with jax.enable_x64(True):
        x = jnp.array(point)
        shape = jax.eval_shape(f, x).shape
        for k, level in enumerate(tower):
            flat = np.asarray(jax.jit(level)(x)).reshape(*shape, -1)
            rows.append(np.moveaxis(flat[..., multi_index.packed_positions(len(point), k)], -1, 0))
    return np.concatenate(rows)


def require(
    f: Function, point: list[float], expected: np.ndarray, order: int, methods: tuple[str, ...] = METHODS
) -> None:
    """Every method gives the expected derivatives (P, *S)."""
    for method in methods:
        found = tk.derivatives(f, np.array([point]), order, method).packed[..., 0]
        scale = np.abs(expected).max()
        np.testing.assert_allclose(found, expected, rtol=ROUNDING, atol=ROUNDING * scale, err_msg=method)


def cramer(a: Any, b: Any) -> Any:
    """a⁻¹ b of a matrix 2 × 2, without a rule."""
    inverse = jnp.stack([a[1, 1], -a[0, 1], -a[1, 0], a[0, 0]]).reshape(2, 2)
    return inverse @ b / (a[0, 0] * a[1, 1] - a[0, 1] * a[1, 0])
