"""A callback that stands in a custom rule alone gets the numbers of the run's precision, as one in f itself does."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import taylorkit as tk

# So many that XLA calls back from a thread of its own, which sees no scope of this one.
POINTS = np.linspace(0.1, 0.5, 100_000)
# A few operations in double precision; single precision is off by 1e-7.
ROUNDING = 1e-14


def cosine(x: Any) -> Any:
    """By NumPy; it refuses what is not double precision, as its declared result does."""
    return jax.pure_callback(np.cos, jax.ShapeDtypeStruct(x.shape, x.dtype), x, vmap_method="expand_dims")


@jax.custom_jvp
def forward(x: Any) -> Any:
    return jnp.sin(x)


forward.defjvp(lambda p, t: (forward(*p), cosine(p[0]) * t[0]))


@jax.custom_vjp
def backward(x: Any) -> Any:
    return jnp.sin(x)


backward.defvjp(lambda x: (backward(x), x), lambda x, g: (cosine(x) * g,))


@jax.custom_jvp
def outer(x: Any) -> Any:
    return jnp.sin(x)


outer.defjvp(lambda p, t: (outer(*p), jax.jvp(forward, p, t)[1]))

# f, and its derivative.
PROGRAMS: dict[str, tuple[Callable, Callable]] = {
    "forward": (forward, np.cos),
    "backward": (backward, np.cos),
    "a rule in a rule": (outer, np.cos),
    "in a loop": (
        lambda x: lax.scan(lambda c, _: (forward(c), None), x, None, length=2)[0],
        lambda x: np.cos(np.sin(x)) * np.cos(x),
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_fault_W4_a_callback_in_a_rule_alone(name: str) -> None:
    f, slope = PROGRAMS[name]
    found = tk.derivatives(f, POINTS, 1, "nested").packed[1]
    assert found.dtype == np.float64 and not jax.config.jax_enable_x64
    np.testing.assert_allclose(found, slope(POINTS), rtol=ROUNDING)
