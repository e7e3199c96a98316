"""Functions of one affine form, and products that solve a short linear system: the same derivatives at less cost."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

import taylorkit as tk
from taylorkit import multi_index
from taylorkit.differentiation import series
from taylorkit.differentiation.lines import operations
from taylorkit.series import ridges, systems
from taylorkit.trace import trace

POINTS = np.array([[0.3, -0.7], [1.1, 0.4], [0.0, 0.0], [-2.0, 0.5]])
# Two computations of a few hundred operations each, summed in different orders.
ROUNDING = 2**12 * np.finfo(np.float64).eps

AFFINE: dict[str, Callable[[Any], Any]] = {
    "tanh": lambda v: jnp.tanh(v[0] + 2 * v[1]),
    "moving coefficients": lambda v: jnp.exp(jnp.sin(3.0) * v[0] - v[1] / 3 + 1),
    "chain": lambda v: jnp.log(2 + jnp.tanh(v[0] - v[1]) ** 2),
    "of one form": lambda v: jnp.sin(v[0] + v[1]) / (2 + jnp.cos(v[0] + v[1])),
    "of two forms": lambda v: jnp.sin(v[0] + v[1]) * jnp.exp(v[0] - v[1]),
    "with itself": lambda v: (v[0] + v[1]) * jnp.tanh(v[0] + v[1]),
    "one variable": lambda v: jnp.tanh(3 * v[0]) + v[1],
}
SYSTEMS: dict[str, Callable[[Any], Any]] = {
    "damped": lambda v: jnp.exp(-(v[0] ** 2)) * jnp.sin(v[0] * v[1]),
    "amplitude": lambda v: 3.0 * jnp.exp(v[0]) * -jnp.cos(v[0] * v[1] + 1),
    "two angles": lambda v: jnp.sin(v[0] * v[1]) * jnp.cos(v[0] + v[1] ** 2),
    "two exponentials": lambda v: jnp.exp(v[0] * v[1]) * jnp.exp(-(v[1] ** 2)),
    "hyperbolic": lambda v: jnp.sinh(v[0] * v[1]) * jnp.exp(v[1]) * jnp.cosh(v[0] ** 2),
    "three": lambda v: jnp.sin(v[0]) * jnp.exp(v[0] * v[1]) * jnp.cos(v[1] ** 2) * jnp.sin(v[1]),
    "reused": lambda v: (jnp.exp(v[0] * v[1]) * jnp.sin(v[0])) * jnp.exp(v[0] * v[1]) + jnp.sin(v[0]),
    "of a constant": lambda v: jnp.exp(jnp.asarray(2.0)) * jnp.sin(v[0] * v[1]) * jnp.exp(v[1]),
}


@pytest.mark.parametrize("form", ["scalars", "arrays"])
@pytest.mark.parametrize("name", [*AFFINE, *SYSTEMS])
def test_equals_nested(name: str, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    f = (AFFINE | SYSTEMS)[name]
    expected = np.asarray(tk.derivatives(f, POINTS, 4, "nested").packed)
    monkeypatch.setattr(series, "kind", lambda *_: form)
    # Another function object: a kernel is found again by f.
    actual = np.asarray(tk.derivatives(lambda v: f(v), POINTS, 4, "series").packed)
    scale = np.maximum.accumulate([np.abs(expected[multi_index.degrees(2, 4) <= k]).max() for k in range(5)])
    assert (np.abs(actual - expected).max(axis=1) <= ROUNDING * scale[multi_index.degrees(2, 4)]).all()


def count(f: Callable[[Any], Any], order: int) -> int:
    return operations(series.straight, trace(lambda v: f(v), "vector", 2, np.dtype(float)), order)


@pytest.mark.parametrize("name", ["tanh", "chain", "of one form"])
def test_a_function_of_an_affine_form_costs_little_more_than_its_terms(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spread = count(AFFINE[name], 10)
    monkeypatch.setattr(ridges, "along", lambda *_: None)
    assert spread < 0.7 * count(AFFINE[name], 10)


@pytest.mark.parametrize("name", ["damped", "amplitude", "two exponentials"])
def test_a_system_costs_less_than_a_dense_product(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = count(SYSTEMS[name], 10)
    monkeypatch.setattr(systems, "attached", lambda *_: None)
    assert closed < 0.9 * count(SYSTEMS[name], 10)
