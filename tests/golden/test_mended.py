"""Where this release's numbers differ from 0.4's, the table of mended faults names the program: no store keeps them.

Fingerprints of other programs stay, and so do their stored numbers: these must be what is computed now.
"""

import json
from collections.abc import Callable
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from taylorkit import versions
from taylorkit.differentiation import resolve
from taylorkit.multi_index import multi_indices
from taylorkit.trace import trace
from tests.golden.make_numbers import numbers, programs

CASES = programs().CASES
BEFORE = json.loads((Path(__file__).parent / "numbers.json").read_text())
# Roundings of an order's products, of numbers as large as the largest of its degree.
ROUNDING = 1e-11


def rows(found: list[list[str]]) -> np.ndarray:
    return np.array([[float.fromhex(number) for number in row] for row in found])


def differing(before: np.ndarray, now: np.ndarray, degrees: np.ndarray) -> list[int]:
    """The degrees in which the numbers are not the same but for rounding."""
    found = []
    for degree in range(degrees.max() + 1):
        a, b = before[degrees == degree], now[degrees == degree]
        finite = np.abs(a[np.isfinite(a)])
        scale = max(1.0, finite.max(initial=0.0))
        if not np.allclose(a, b, rtol=ROUNDING, atol=ROUNDING * scale, equal_nan=True):
            found.append(degree)
    return found


def test_the_table_is_the_one_that_was_computed() -> None:
    assert BEFORE.keys() == CASES.keys() and sum(found is not None for found in BEFORE.values()) >= 60


@pytest.mark.parametrize("name", [name for name, found in BEFORE.items() if found is not None])
def test_numbers_that_differ_are_of_programs_that_a_mended_fault_affects(name: str) -> None:
    case = CASES[name]
    found = numbers(case)
    assert found is not None
    variables = len(case.points[0])
    degrees = multi_indices(variables, case.order).sum(axis=1)
    wrong = differing(rows(BEFORE[name]), rows(found), degrees)
    traced = trace(case.f, "vector", variables, np.dtype(float))
    method = resolve(case.method, traced, case.order, jax.default_backend())
    lows = np.min(case.points, axis=0).tolist()
    assert all(versions.mended(traced, degree, method, lows=lows) for degree in wrong), (name, wrong)


def with_rule(slope: Callable) -> Callable:
    f = jax.custom_jvp(jnp.exp)
    f.defjvp(lambda p, t: (jnp.exp(p[0]), slope(p[0]) * t[0]))
    return lambda v: f(v[0])


SINGULAR = jnp.diag(jnp.arange(4.0))
AFFECTED = {
    "singular-determinants": with_rule(lambda x: jnp.linalg.det(x * SINGULAR)),
    "powers-at-zero": with_rule(lambda x: x**1.5),
    "ties": with_rule(lambda x: with_rule(jnp.abs)(x[None])),
    "special-functions": with_rule(jax.scipy.special.erfcx),
    "backward-rules": with_rule(programs().backward),
}


@pytest.mark.parametrize("name", AFFECTED)
@pytest.mark.parametrize("method", ["series", "reverse"])
def test_a_fault_is_seen_in_rules(name: str, method: str) -> None:
    traced = trace(AFFECTED[name], "vector", 1, np.dtype(float))
    by = resolve(method, traced, 3, "cpu")
    assert name in versions.mended(traced, 3, by)
    assert versions.mended(trace(with_rule(jnp.cos), "vector", 1, np.dtype(float)), 3, by) == []
