"""Calls that keep the name of a function of JAX's, and are derivatives or batches of it."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import jax.scipy.special as sp
import numpy as np
import pytest

import taylorkit as tk

# Some ten operations in double precision, in units of the largest derivative; Bessel's series has a hundred.
ROUNDING = 1e-11
RNG = np.random.default_rng(5)
SQUARE = [[1.0, 2.0, 3.0, 4.0]]
POINTS = RNG.uniform(0.4, 0.9, (3, 3))


def bessel(x: Any) -> Any:
    return jax.scipy.special.bessel_jn(x, v=2)


def det_of_both(v: Any) -> Any:
    return jax.vmap(jnp.linalg.det)(jnp.stack([v.reshape(2, 2), v.reshape(2, 2) ** 2]))


# Function, centre, order, methods.
CASES: dict[str, tuple[Callable[[Any], Any], Any, int, tuple[str, ...]]] = {
    "det": (lambda v: jnp.linalg.det(v.reshape(2, 2)), SQUARE, 2, ("auto", "reverse", "series")),
    "det, order 3": (lambda v: jnp.linalg.det(v.reshape(2, 2)), SQUARE, 3, ("auto", "reverse")),
    "det of three rows": (
        lambda v: jnp.linalg.det(jnp.outer(v, v) + jnp.diag(jnp.arange(1.0, 4.0)) * v[0]),
        [[0.5, 1.0, 2.0]],
        2,
        ("auto", "reverse", "series"),
    ),
    "det of a batch": (det_of_both, SQUARE, 2, ("auto", "series")),
    "sum of det of a batch": (lambda v: det_of_both(v).sum(), SQUARE, 2, ("auto", "reverse", "series")),
    "gradient of det": (lambda v: jax.grad(jnp.linalg.det)(v.reshape(2, 2)), SQUARE, 2, ("auto", "series")),
    "gradient of sinc": (jax.grad(jnp.sinc), [0.7], 3, ("auto", "series")),
    "jvp of sinc": (lambda x: jax.jvp(jnp.sinc, (x,), (x * x,))[1], [0.7], 3, ("auto", "series")),
    "jvp of det": (
        lambda v: jax.jvp(jnp.linalg.det, (v.reshape(2, 2),), (v.reshape(2, 2).T,))[1],
        SQUARE,
        2,
        ("auto", "reverse", "series"),
    ),
    "gradient through a checkpoint": (jax.grad(jax.checkpoint(jnp.sinc)), [0.7], 2, ("auto", "series")),
    "a row of Bessel functions": (lambda v: jax.vmap(lambda x: bessel(x)[1])(v), POINTS[:1], 2, ("series",)),
    "all of a batch of rows": (lambda v: jax.vmap(bessel)(v), POINTS[:1], 2, ("series",)),
    "sinc of turned rows": (
        lambda v: jax.vmap(jnp.sinc, in_axes=1)(jnp.outer(v, v**2)),
        POINTS[:1],
        2,
        ("auto", "series"),
    ),
    "log_ndtr of turned rows": (
        lambda v: jax.vmap(sp.log_ndtr, in_axes=1)(jnp.outer(v, v**2)),
        POINTS[:1],
        2,
        ("series",),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_fault_R18_named_calls(name: str) -> None:
    f, centre, order, methods = CASES[name]
    expected = tk.derivatives(f, np.array(centre), order, "nested").packed
    for method in methods:
        found = tk.derivatives(f, np.array(centre), order, method).packed
        np.testing.assert_allclose(found, expected, atol=ROUNDING * abs(expected).max(), err_msg=method)


def test_fault_R18_preflight_agrees() -> None:
    f, centre, order, _ = CASES["det"]
    assert tk.preflight(f, np.array(centre[0]), order).unsupported == []


def test_fault_R18_a_mapped_function_keeps_its_rule() -> None:
    """Near 0, where JAX's own third derivative of sinc is wrong; far left, where that of log_ndtr cancels."""
    for f, x in ((jnp.sinc, 1e-6), (sp.log_ndtr, -30.0)):
        alone = tk.derivatives(f, np.array([x]), 3, "series").packed[:, 0]
        mapped = tk.derivatives(lambda t, f=f: jax.vmap(f)(jnp.stack([t, 2 * t])), np.array([x]), 3, "series").packed
        np.testing.assert_allclose(mapped[:, 0, 0], alone, rtol=ROUNDING)


def test_fault_R18_a_batch_of_singular_matrices_keeps_its_rule() -> None:
    a, b = np.arange(16.0).reshape(4, 4), np.diag([1.0, 2.0, 3.0, 4.0])

    def one(s: Any) -> Any:
        return jnp.linalg.det(a + s * b)

    alone = tk.derivatives(one, np.array([0.0]), 3, "series").packed.ravel()
    mapped = tk.derivatives(lambda s: jax.vmap(one)(jnp.stack([s, s])).sum(), np.array([0.0]), 3, "series").packed
    np.testing.assert_allclose(mapped.ravel(), 2 * alone, atol=ROUNDING * abs(alone).max())
