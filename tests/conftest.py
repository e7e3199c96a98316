"""Strict numerics for every test: JAX on the CPU, no silent rank promotion, and 64-bit types never left switched."""

import os
from collections.abc import Iterator

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax
import numpy as np
import pytest

jax.config.update("jax_numpy_rank_promotion", "raise")


@pytest.fixture(autouse=True)
def x64_is_left_as_found() -> Iterator[None]:
    """Whatever a test calls, JAX's own setting is the same afterwards."""
    before = jax.config.jax_enable_x64
    yield
    assert jax.config.jax_enable_x64 is before


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)
