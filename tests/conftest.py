"""Strict numerics for every test: JAX on the CPU, no silent rank promotion, and 64-bit types never left switched."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator

os.environ.setdefault("JAX_PLATFORMS", "cpu")
# What tests compile is kept for this process and those that it starts, away from anyone's own cache.
if "TAYLORKIT_CACHE" not in os.environ:
    os.environ["TAYLORKIT_CACHE"] = tempfile.mkdtemp(prefix="taylorkit-tests-")
    atexit.register(shutil.rmtree, os.environ["TAYLORKIT_CACHE"], ignore_errors=True)

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
