"""A point's numbers do not depend on how many others were asked for, in which order, or where a tile ends."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import taylorkit as tk
from taylorkit.differentiation import kernel, resolve
from taylorkit.differentiation.methods import TILE_VALUES, tile
from taylorkit.functions import TABLE
from taylorkit.trace import trace

BATCHES = [
    pytest.param(TABLE["two_variable"].function, 2, 2, "nested", id="nested"),
    pytest.param(lambda x: jnp.tanh(jnp.sin(x) * x), 1, 5, "series", id="series"),
    pytest.param(lambda x, y, z: jnp.stack([x * jnp.exp(y), jnp.cos(z * x)]), 3, 2, "nested", id="vector_output"),
]


@pytest.mark.parametrize(("f", "variables", "order", "method"), BATCHES)
def test_bits_do_not_depend_on_the_batch(
    f: Callable[..., Any], variables: int, order: int, method: str, rng: np.random.Generator
) -> None:
    def packed(columns: np.ndarray) -> np.ndarray:
        points = tuple(columns) if variables > 1 else columns[0]
        return np.asarray(tk.derivatives(f, points, order, method).packed)

    size = tk.derivatives(f, tuple(np.ones((variables, 1))) if variables > 1 else [1.0], order, method).method.tile
    columns = rng.normal(size=(variables, size + 3))
    whole = packed(columns)
    shuffled = rng.permutation(size + 3)
    np.testing.assert_array_equal(packed(columns[:, shuffled]), whole[..., shuffled])
    for n in (0, 1, 2, 3, 5, size - 1, size, size + 2):
        np.testing.assert_array_equal(packed(columns[:, n : n + 1])[..., 0], whole[..., n])


def test_many_tiles_in_order(rng: np.random.Generator) -> None:
    """More tiles than are in flight at once, the last one short."""
    tile = tk.derivatives(jnp.sin, [0.0], 1).method.tile
    x = rng.normal(size=4 * tile + 5)
    d = tk.derivatives(jnp.sin, x, 1)
    np.testing.assert_allclose(d.packed, [np.sin(x), np.cos(x)], rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("numbers", [1, 20, 300, 5_000, 10**7])
def test_tile_is_a_power_of_two_within_its_limits(numbers: int) -> None:
    for platform, (_, least, most) in TILE_VALUES.items():
        size = tile(numbers, platform)
        assert least <= size <= most and size & (size - 1) == 0


def test_one_kernel_serves_every_number_of_points() -> None:
    traced = trace(TABLE["runge"].function, "scalar", 1, np.dtype(float))
    method = resolve("auto", traced, 4, jax.default_backend())
    assert kernel.compiled(traced, 4, method) is kernel.compiled(traced, 4, method)
    tk.derivatives(TABLE["runge"].function, [0.5], 4)
    before = kernel.of_program.cache_info().misses
    for n in (1, 2, 4097):
        tk.derivatives(TABLE["runge"].function, np.linspace(0, 1, n), 4)
    assert kernel.of_program.cache_info().misses == before
