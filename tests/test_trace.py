"""One look at f: shape, primitives, where in the source, and what is refused."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import taylorkit as tk
from taylorkit import calling
from taylorkit.trace import equations, name_of, refuse_batch, source_line, trace

DOUBLE = np.dtype(float)


@pytest.mark.parametrize(
    ("f", "form", "variables", "shape"),
    [
        (jnp.sin, "scalar", 1, ()),
        (lambda x, y, z: jnp.stack([x * y, z]), "scalars", 3, (2,)),
        (lambda v: jnp.outer(v, v), "vector", 4, (4, 4)),
        (lambda x: 2, "scalar", 1, ()),
    ],
    ids=["scalar", "scalars", "vector", "constant"],
)
def test_shapes(f: Any, form: Any, variables: int, shape: tuple[int, ...]) -> None:
    traced = trace(f, form, variables, DOUBLE)
    assert traced.shape == shape and traced.outputs == int(np.prod(shape))
    with jax.enable_x64(True):
        value = traced.function(jnp.ones(variables))
    assert value.shape == shape and value.dtype == traced.dtype == DOUBLE


def test_primitives_are_counted_inside_of_loops_and_branches() -> None:
    def f(x: jax.Array) -> jax.Array:
        x = lax.fori_loop(0, 3, lambda i, c: jnp.tanh(c), x)
        return lax.cond(x > 0, jnp.sin, lambda u: jnp.sin(u) + jnp.cos(u), x)

    counted = trace(f, "scalar", 1, DOUBLE).primitives
    assert (counted["tanh"], counted["sin"], counted["cos"]) == (1, 2, 1)


def test_a_line_of_the_source() -> None:
    def f(x: jax.Array) -> jax.Array:
        y = x + 1
        return jnp.sin(y)

    sine = next(e for e in equations(trace(f, "scalar", 1, DOUBLE).jaxpr.jaxpr) if e.primitive.name == "sin")
    line = f.__code__.co_firstlineno + 2
    assert f"test_trace.py:{line}" in source_line(sine)


def test_f_is_traced_as_it_is_now() -> None:
    factor = 2.0

    def f(x: jax.Array) -> jax.Array:
        return x * factor

    before = trace(f, "scalar", 1, DOUBLE)
    factor = 3.0
    with jax.enable_x64(True):
        assert before.replay(jnp.ones(1)) == 2 and trace(f, "scalar", 1, DOUBLE).replay(jnp.ones(1)) == 3


def test_names() -> None:
    def f() -> None: ...

    assert name_of(f) == "f" and "Unhashable" in name_of(type("Unhashable", (), {"__hash__": None})())


def test_u7_a_batch_where_one_centre_is_meant() -> None:
    """U7: a scalar function on a batch, without vmap: the error says what to do."""
    message = r"each of the 3 entries.*scalar function.*Use taylorkit.derivatives\(f, points, order\).*jax.vmap"
    with pytest.raises(tk.FunctionError, match=message):
        tk.taylor(lambda x: (1 - jnp.exp(-x)) / (1 + jnp.exp(-x)), np.array([1.0, 2.0, 3.0]), 2)


@pytest.mark.parametrize(
    ("f", "center"),
    [
        (lambda v: jnp.sum(jnp.sin(v)), np.ones(3)),
        (lambda v: jnp.cumsum(v), np.ones(3)),
        (lambda v: v[::-1], np.ones(3)),
        (jnp.sin, np.ones(1)),
        (jnp.sin, 1.0),
    ],
    ids=["sum", "cumulative", "reversed", "one entry", "a number"],
)
def test_what_is_one_centre_is_taken(f: Any, center: Any) -> None:
    refuse_batch(f, calling.single(center, DOUBLE))
