"""Loops that stop by data before derivatives have converged, flagged at the points where they do."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import taylorkit as tk
from taylorkit.differentiation import kernel
from taylorkit.differentiation.methods import resolve
from taylorkit.smoothness.bounded import bounded
from taylorkit.smoothness.late import late
from taylorkit.trace import trace
from tests.store.making import run, write_spec

# A few turns of a dozen operations each, in two orders.
ROUNDING = 1e-12


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


def stepped(a: Any) -> Any:
    """Roots within the steps of a scan, each found anew."""
    return lax.scan(lambda x, k: (x + heron(a * k), None), 0.0 * a, jnp.arange(1.0, 3.0, dtype=a.dtype))[0]


def timed(a: Any) -> Any:
    """The same within a loop that is no iteration to a fixed point: it ends at a time."""
    return lax.while_loop(lambda s: s[0] < a, lambda s: (s[0] + 0.3 * a, s[1] + heron(a)), (0 * a, a))[1]


def divided(a: Any) -> Any:
    """Heron's method that divides by Newton's."""

    def inverse(y: Any) -> Any:
        return lax.while_loop(lambda z: abs(z * y - 1) > 1e-12, lambda z: z * (2 - z * y), 0.1 + 0 * y)

    return lax.while_loop(lambda x: abs(x * x - a) > 1e-12, lambda x: 0.5 * (x + a * inverse(x)), 2.0 + 0.0 * a)


def many(a: Any) -> Any:
    """Several at once, of which some are done before others, in a branch."""
    lanes = jnp.stack([a, a + 1])
    return lax.cond(a > 0, jax.jit(jax.vmap(heron)), lambda x: x, lanes).sum()


def beside(a: Any) -> Any:
    """Beside a loop of another kind."""
    return heron(a) + powers(1 + a)


CASES: dict[str, tuple[Callable[[Any], Any], list[float], list[bool]]] = {
    "Heron": (heron, [4.0, 2.0, 9.0], [True, False, False]),
    "Heron from the answer to 9": (lambda a: 3 * heron(a, 3.0), [4.0, 9.0], [False, True]),
    "Kepler": (kepler, [0.0, 0.3], [True, False]),
    "contraction": (contraction, [0.5, 1.0], [False, False]),
    "powers": (powers, [1.5, 3.0], [False, False]),
    "in a scan": (stepped, [4.0, 2.0, 3.0], [True, True, False]),
    "in a while": (timed, [4.0, 2.0], [True, False]),
    "around another": (divided, [4.0, 2.0], [True, False]),
    "in lanes": (many, [4.0, 3.0, 5.0], [True, True, False]),
    "beside another": (beside, [4.0, 2.0], [True, False]),
}


@pytest.mark.parametrize("name", CASES)
def test_fault_R17_late_convergence(name: str) -> None:
    f, points, expected = CASES[name]
    traced, order = trace(f, "scalar", 1, np.dtype(float)), 2
    method = resolve("series", traced, order, "cpu")
    rows = np.array(points)[:, None]
    packed = kernel.evaluate(traced, order, method, rows)
    assert late(traced, order, method, rows, packed).tolist() == expected


def test_fault_R17_by_nested_too() -> None:
    traced = trace(timed, "scalar", 1, np.dtype(float))
    method, rows = resolve("nested", traced, 1, "cpu"), np.array([[4.0], [2.0]])
    assert late(traced, 1, method, rows, kernel.evaluate(traced, 1, method, rows)).tolist() == [True, False]


@pytest.mark.parametrize("f", [heron, stepped, divided])
def test_fault_R17_loops_without_end(f: Callable[[Any], Any]) -> None:
    """Of a negative number the root is sought for ever: where nobody asked for it, it is NaN."""
    traced = trace(f, "scalar", 1, np.dtype(float))
    ending, method, rows = bounded(traced), resolve("nested", traced, 0, "cpu"), np.array([[4.0], [2.0]])
    assert ending is not None
    found = kernel.evaluate(ending, 0, method, np.array([[4.0], [2.0], [-2.0]]))[0]
    np.testing.assert_array_equal(found[:2], kernel.evaluate(traced, 0, method, rows)[0])
    assert np.isnan(found[2])


HERON = """
from jax import lax

def heron(a):
    return lax.while_loop(lambda x: abs(x * x - a) > 1e-12, lambda x: 0.5 * (x + a / x), 2.0 + 0.0 * a)
"""
SPEC = """
function = "own.py:heron"
variables = ["a"]
call = "scalars"
order = 2
grid = { a = [0.25, 1.0, 4.0] }
"""


def test_fault_R17_a_trust_radius_asks_for_no_end(tmp_path: Path) -> None:
    """It is sampled about each point to both sides, farther than to 0."""
    (tmp_path / "own.py").write_text(HERON)
    job, _ = run(write_spec(tmp_path, SPEC), tmp_path / "store")
    stored = tk.open(job.artifact)
    assert stored.status.values.tolist() == [0, 0, 8]
    assert (stored.trust_radius.sel(degree=2, a=[0.25, 1.0]) > 0).all()


def test_series_of_loops_in_lanes() -> None:
    """vmap of a loop whose test differs from lane to lane."""
    found = tk.derivatives(many, [0.5, 3.7], 3, "series").packed
    np.testing.assert_allclose(found, tk.derivatives(many, [0.5, 3.7], 3, "nested").packed, rtol=ROUNDING)
