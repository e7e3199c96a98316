"""Loops that stop by data before derivatives have converged, flagged at the points where they do."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from taylorkit.differentiation import kernel
from taylorkit.differentiation.methods import resolve
from taylorkit.smoothness.late import late
from taylorkit.trace import trace


def heron(a: Any, start: float = 2.0) -> Any:
    """√a."""
    return lax.while_loop(lambda x: abs(x * x - a) > 1e-12, lambda x: 0.5 * (x + a / x), start + 0.0 * a)


def kepler(e: Any) -> Any:
    """E − e sin E = 1 by Newton's method from E = 1, which is the answer at e = 0."""
    step = lambda E: E - (E - e * jnp.sin(E) - 1.0) / (1.0 - e * jnp.cos(E))  # noqa: E731
    return lax.while_loop(lambda E: abs(E - e * jnp.sin(E) - 1.0) > 1e-13, step, 1.0 + 0.0 * e)


def contraction(a: Any) -> Any:
    """x = cos(x) a / 2, one turn after the other."""
    state = lax.while_loop(
        lambda s: abs(s[0] - s[1]) > 1e-14, lambda s: (0.5 * a * jnp.cos(s[0]), s[0]), (0.45 * a, 5.0 + 0.0 * a)
    )
    return state[0]


def powers(x: Any) -> Any:
    """x multiplied until it is above 100: no iteration to a fixed point."""
    return lax.while_loop(lambda y: y < 100.0, lambda y: y * x, x)


CASES: dict[str, tuple[Callable[[Any], Any], list[float], list[bool]]] = {
    "Heron": (heron, [4.0, 2.0, 9.0], [True, False, False]),
    "Heron from the answer to 9": (lambda a: 3 * heron(a, 3.0), [4.0, 9.0], [False, True]),
    "Kepler": (kepler, [0.0, 0.3], [True, False]),
    "contraction": (contraction, [0.5, 1.0], [False, False]),
    "powers": (powers, [1.5, 3.0], [False, False]),
}


@pytest.mark.parametrize("name", CASES)
def test_fault_R17_late_convergence(name: str) -> None:
    f, points, expected = CASES[name]
    traced, order = trace(f, "scalar", 1, np.dtype(float)), 3
    method = resolve("series", traced, order, "cpu")
    rows = np.array(points)[:, None]
    packed = kernel.evaluate(traced, order, method, rows)
    assert late(traced, order, method, rows, packed).tolist() == expected
