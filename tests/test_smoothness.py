"""Kinks and jumps are found where they are, and only there."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from jax.scipy import special

import taylorkit as tk
from taylorkit import precision, smoothness
from taylorkit.trace import trace

X = np.array([-1.0, -0.5, 0.0, 0.5, 1.0, 2.0])


def at_kinks(f: Callable[..., Any], rows: np.ndarray) -> list[bool]:
    traced = trace(f, "vector" if rows.ndim == 2 else "scalar", rows.shape[-1] if rows.ndim == 2 else 1, rows.dtype)
    with precision.scope(rows.dtype):
        return np.asarray(jax.jit(jax.vmap(smoothness.at_kink(traced)))(rows.reshape(len(rows), -1))).tolist()


@jax.custom_jvp
def kept(x: jax.Array) -> jax.Array:
    """A maximum with a rule that has no switch."""
    return jnp.maximum(x, 0.0)


kept.defjvp(lambda primals, tangents: (kept(primals[0]), tangents[0]))

KINKS: dict[str, tuple[Callable[..., Any], list[float]]] = {
    "abs": (jnp.abs, [0.0]),
    "shifted": (lambda x: jnp.abs(x - 1) * x, [1.0]),
    "sign": (jnp.sign, [0.0]),
    "relu": (jax.nn.relu, [0.0]),
    "leaky_relu": (jax.nn.leaky_relu, [0.0]),
    "maximum": (lambda x: jnp.maximum(x, 0.5), [0.5]),
    "minimum": (lambda x: jnp.minimum(x, x**2), [0.0, 1.0]),
    "where": (lambda x: jnp.where(x > 1, x**2, x), [1.0]),
    "where_le": (lambda x: jnp.where(x <= -0.5, 0.0, x), [-0.5]),
    "clip": (lambda x: jnp.clip(x, -1, 2), [-1.0, 2.0]),
    "clamp": (lambda x: lax.clamp(-0.5, x, 0.5), [-0.5, 0.5]),
    "floor": (jnp.floor, [-1.0, 0.0, 1.0, 2.0]),
    "ceil": (jnp.ceil, [-1.0, 0.0, 1.0, 2.0]),
    "round": (jnp.round, [-0.5, 0.5]),
    "mod": (lambda x: x % 1.0, [-1.0, 0.0, 1.0, 2.0]),
    "heaviside": (lambda x: jnp.heaviside(x, 0.5), [0.0]),
    "nested_jit": (jax.jit(lambda x: jax.jit(jnp.abs)(x - 0.5)), [0.5]),
    "checkpoint": (jax.checkpoint(lambda x: jnp.abs(x)), [0.0]),
    "largest": (lambda x: jnp.max(jnp.stack([x, 0.5 * x, 0.5])), [0.5]),
    "least": (lambda x: jnp.min(jnp.stack([x, 2.0 * x, -1.0])), [-0.5]),
    "sorted": (lambda x: jnp.sort(jnp.stack([x, -x]))[0], [0.0]),
    "branch": (lambda x: lax.cond(x > 1, jnp.sin, jnp.cos, x), [1.0]),
    "branch_taken": (lambda x: lax.cond(x > 0.7, jnp.abs, lambda y: jnp.abs(y - 0.5), x), [0.5]),
    "switch": (lambda x: lax.switch(jnp.int32(jnp.round(x)) + 1, [jnp.sin, jnp.abs, jnp.cos], x), [-0.5, 0.0, 0.5]),
    "for": (lambda x: lax.fori_loop(0, 2, lambda i, c: jnp.abs(c - 0.5), x), [0.0, 0.5, 1.0]),
    "scan": (lambda x: lax.scan(lambda c, a: (jnp.abs(c - a), c), x, jnp.array([0.5, 0.25]))[0], [0.5]),
    "scan_slices": (lambda x: lax.scan(lambda c, a: (c, jnp.abs(a)), x, jnp.stack([x, x - 1]))[1].sum(), [0.0, 1.0]),
    "while": (
        lambda x: lax.while_loop(lambda s: s[0] < 2, lambda s: (s[0] + 1, jnp.abs(s[1] - 0.5)), (0, x))[1],
        [0.0, 0.5, 1.0],
    ),
    "while_stops": (lambda x: lax.while_loop(lambda c: c < 1, lambda c: c + 1, x) ** 2, [-1.0, 0.0, 1.0]),
    "constant_at_a_point": (lambda x: jnp.where(x == 0, 5.0, x), [0.0]),
    "branch_at_a_point": (lambda x: lax.cond(x == 0, lambda y: 5.0, lambda y: y, x), [0.0]),
    "tie": (lambda x: jnp.stack([x, 2 - 3 * x])[jnp.argmax(jnp.stack([x, 1 - x]))], [0.5]),
    "odd_of_abs": (lambda x: jnp.sin(2 * jnp.abs(x)), [0.0]),
    "cubed_abs": (lambda x: jnp.abs(x) ** 3, [0.0]),
    "abs_times_another": (lambda x: jnp.abs(x) * jnp.abs(x - 1), [0.0, 1.0]),
}

SMOOTH: dict[str, Callable[..., Any]] = {
    "sine": jnp.sin,
    "softplus": jax.nn.softplus,
    "logaddexp": lambda x: jnp.logaddexp(x, 0.5),
    "custom_rule": kept,
    "isnan": lambda x: jnp.where(jnp.isnan(x), 0.0, x),
    "isfinite": lambda x: jnp.where(jnp.isfinite(x), x, 0.0),
    "silu": jax.nn.silu,
    "gelu": jax.nn.gelu,
    "logsumexp": lambda x: jax.nn.logsumexp(jnp.stack([x, 0.5 * x, 1.0])),
    "norm": lambda x: jnp.linalg.norm(jnp.stack([x, 1.0])),
    "constants": lambda x: x * jnp.maximum(jnp.zeros(()), 0.0) + jnp.where(jnp.arange(3.0) > 1, x, 2 * x).sum(),
    "loop": lambda x: lax.fori_loop(0, 3, lambda i, c: jnp.where(i > 1, c * x, c + x), x),
    "abs_squared": lambda x: jnp.abs(x) ** 2 + jnp.cos(jnp.abs(x)),
    "abs_scaled_and_squared": lambda x: jnp.square(jnp.abs(x) / (2 + x) * -3.0),
    "abs_compared": lambda x: jnp.where(jnp.abs(x) < 1.5, x, 0.0),
    "sinc": jnp.sinc,
    "hypot": lambda x: jnp.hypot(x, 3.0),
    "sorted_apart": lambda x: jnp.sort(jnp.stack([x, x + 1]))[0],
    "case_not_taken": lambda x: jnp.where(x < 3, x, jnp.abs(x)),
    "branch_not_taken": lambda x: lax.cond(x < 3, jnp.sin, jnp.abs, x),
    "larger": lambda x: jnp.maximum(jnp.abs(x), 3.0),
    "continued_at_a_point": lambda x: jnp.where(x == 0, 1 - x**2 / 6, jnp.sin(x) / jnp.where(x == 0, 1.0, x)),
    "newton": lambda x: lax.while_loop(
        lambda s: jnp.abs(s[0] - s[1]) > 1e-9,
        lambda s: ((s[0] + (x**2 + 2) / s[0]) / 2, s[0]),
        (1 + 0 * x, 0 * x),
    )[0],
    "until_equal": lambda x: lax.while_loop(lambda s: s[0] != s[1], lambda s: (jnp.cos(0.0 * x), s[0]), (x + 9, x))[0],
    "stopped": lambda x: x + lax.stop_gradient(jnp.abs(x)),
    "unused": lambda x: (jnp.abs(x), x)[1],
    "zeta": lambda x: special.zeta(x + 3, 1.0),
    "signs": lambda x: jnp.where(jnp.sign(x**2 + 1) == 1.0, x, -x),
}


def test_a_distance_from_0_is_flagged_in_one_way_or_the_other() -> None:
    """JAX made it of |x| and |y|, which bend, and makes it of a rule of its own since, which gives NaN there."""

    def distance(x: jax.Array) -> jax.Array:
        return jnp.hypot(x, 0.0)

    where = np.array([0.0, 1.0])
    finite = np.isfinite(tk.derivatives(distance, where, 1).packed).all(axis=0)
    assert (at_kinks(distance, where) | ~finite).tolist() == [True, False]


@pytest.mark.parametrize("name", KINKS)
def test_kinks_are_found_where_they_are(name: str) -> None:
    f, expected = KINKS[name]
    assert X[at_kinks(f, X)].tolist() == expected


@pytest.mark.parametrize("name", SMOOTH)
def test_smooth_functions_raise_no_alarm(name: str) -> None:
    assert not any(at_kinks(SMOOTH[name], X))


def test_in_several_variables() -> None:
    rows = np.array([[1.0, 1.0], [1.0, 2.0], [0.0, 3.0]])
    assert at_kinks(lambda v: jnp.abs(v[0] - v[1]) + v[0], rows) == [True, False, False]
    assert at_kinks(lambda v: jnp.abs(v).sum(), rows) == [False, False, True]


def test_in_single_precision() -> None:
    assert at_kinks(lambda x: jnp.maximum(x, 0.1), np.float32([0.1, 0.2])) == [True, False]


@pytest.mark.parametrize(
    ("f", "names"),
    [
        (jnp.sin, []),
        (jax.nn.relu, ["gt"]),
        (jax.nn.softplus, []),
        (lambda x: jnp.abs(x) + jnp.floor(x), ["abs", "floor"]),
        (lambda x: lax.fori_loop(0, 3, lambda i, c: jnp.abs(c), x), ["abs"]),
        (lambda x: x * (jnp.arange(3) > 1), []),
        (lambda x: jnp.where(jnp.isnan(x), 0.0, x), []),
    ],
    ids=["none", "relu", "softplus", "two", "in a loop", "integers", "isnan"],
)
def test_names_of_what_is_not_smooth(f: Callable, names: list[str]) -> None:
    assert smoothness.non_smooth(trace(f, "scalar", 1, np.dtype(float))) == names
