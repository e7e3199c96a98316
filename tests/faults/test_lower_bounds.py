"""A mended fault affects the programs that it may have made wrong, and no others that bounds tell apart."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from jax.extend.core import ClosedJaxpr, Literal, jaxpr_as_fun

from taylorkit import versions
from taylorkit.differentiation.methods import Method
from taylorkit.lower_bounds import bounded
from taylorkit.trace import trace

SERIES = Method("series", "xla", 1, "cpu")
NONE, LOG, POWER, TIE, LATE = "", "masked-infinities", "powers-at-zero", "ties", "late-convergence"
# A program, what its coordinates are not below, and the fault that affects it.
PROGRAMS: dict[str, tuple[Callable[[Any], Any], float, str]] = {
    "log": (lambda v: jnp.log(v[0]), 0.0, LOG),
    "log above 0": (lambda v: jnp.log(v[0] / 100.0), 0.5, NONE),
    "log of 1 + squares": (lambda v: jnp.log(1 + jnp.sum(v**2) + jnp.square(v[0])), -9.0, NONE),
    "log of exp, which may underflow": (lambda v: jnp.log(jnp.exp(v[0])), -900.0, LOG),
    "log of a sum of exp": (lambda v: jnp.log(jnp.sum(jnp.exp(v))), -900.0, LOG),
    "log in a loop": (lambda v: lax.fori_loop(0, 2, lambda i, x: jnp.log(x) + 2, v[0]), 1.0, LOG),
    "log within a jit": (lambda v: jax.jit(lambda x: jnp.log(1 + x))(v[0]), 0.0, NONE),
    "log of a difference": (lambda v: jnp.log(v[0] - 1.0), 2.0, NONE),
    "log of less": (lambda v: jnp.log(v[0] - 3.0), 2.0, LOG),
    "sqrt": (lambda v: jnp.sqrt(v[0] ** 2), -1.0, POWER),
    "sqrt of 1 + x^4": (lambda v: jnp.sqrt(1 + v[0] ** 4), -1.0, NONE),
    "power": (lambda v: v[0] ** 2.5, 0.0, POWER),
    "power above 0": (lambda v: v[0] ** 2.5 + v[1] ** v[0], 0.1, NONE),
    "abs": (lambda v: jnp.abs(v[0]), 0.0, TIE),
    "abs above 0": (lambda v: jnp.abs(v[0]), 0.1, NONE),
    "max with a number": (lambda v: jnp.maximum(v[0], 1.0), 1.0, TIE),
    "max with a number below": (lambda v: jnp.maximum(v[0], 1.0), 1.5, NONE),
    "min with a number below": (lambda v: jnp.minimum(0.5, v[0] + 1), 0.0, NONE),
    "max of two": (lambda v: jnp.maximum(v[0], v[1]), 1.0, TIE),
    "largest": (lambda v: jnp.max(v), 1.0, TIE),
    "largest that is only shown": (lambda v: jnp.sum(jnp.exp(v - lax.stop_gradient(jnp.max(v)))), 1.0, NONE),
    "clip of places": (lambda v: v[jnp.clip(jnp.int32(v[0]), 0, 1)], 1.0, NONE),
    "counted loop": (
        lambda v: lax.while_loop(lambda s: s[0] < 3, lambda s: (s[0] + 1, s[1] * 2), (0, v[0]))[1],
        0,
        NONE,
    ),
    "loop stopped by data": (lambda v: lax.while_loop(lambda x: x < 3, lambda x: x * 2, v[0]), 1.0, LATE),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_which_fault_affects(name: str) -> None:
    f, low, fault = PROGRAMS[name]
    traced = trace(f, "vector", 2, np.dtype(float))
    assert versions.mended(traced, 2, SERIES, lows=[low, low + 1]) == ([fault] if fault else [])
    if fault not in ("", LATE):
        assert fault in versions.mended(traced, 2, SERIES), "nothing is known of the points"


def test_bounds_are_below_what_is_computed() -> None:
    """Each operand of each equation of a program, at random points above the bound."""

    def f(v: jax.Array) -> jax.Array:
        a = jnp.exp(-v) + jnp.sqrt(v + 1) / 3.0
        b = jnp.where(a > 1, jnp.cosh(v) - 0.25, v**3 + 2)
        return jnp.sum(jnp.maximum(a * b, jnp.abs(v) ** 4)) / jnp.min(b)

    traced = trace(f, "vector", 3, np.dtype(float))
    uses = [u for u in bounded(traced, [0.25] * 3) if np.isfinite(u.lows).any()]
    assert len(uses) > 10
    jaxpr = traced.jaxpr.jaxpr
    top = [u for u in uses if any(u.equation is e for e in jaxpr.eqns)]
    pairs = [pair for u in top for pair in zip(u.equation.invars, u.lows, strict=True)]
    wanted = [(a, low) for a, low in pairs if not isinstance(a, Literal)]
    assert len(wanted) > 10
    seen = jaxpr.replace(outvars=[a for a, _ in wanted])
    with jax.enable_x64(True):
        for point in np.random.default_rng(0).uniform(0.25, 4, (20, 3)):
            found = jaxpr_as_fun(ClosedJaxpr(seen, traced.jaxpr.consts))(jnp.asarray(point))
            assert all(np.min(value) >= low for value, (_, low) in zip(found, wanted, strict=True))
