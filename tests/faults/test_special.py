"""Special functions of JAX where its own derivatives are wrong, and masked infinities."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import jax.scipy.special as sp
import numpy as np
import pytest

import taylorkit as tk
from tests.faults.special import CASES, wrong

ROUNDING = 1e-13


def test_fault_R18_where_jax_is_wrong() -> None:
    assert wrong(["i0", "sinc", "gammaln", "hypot", "logsumexp, b = 0"]) == {}


def test_fault_R10_pieces_and_recurrences() -> None:
    assert wrong(["log_ndtr", "bessel_jn", "fresnel, C"]) == {}


def test_fault_R9_exponential_integrals() -> None:
    assert wrong(["exp1"]) == {}


def test_fault_R18_jax_itself_is_wrong_there() -> None:
    """Else the table of rules has one too many."""
    third = jax.grad(jax.grad(jax.grad(jnp.sinc)))(1e-6)
    assert abs(third - 1.9e-5) > 1
    assert set(CASES) >= {"i0", "sinc", "log_ndtr"}


def sinc(x: Any) -> Any:
    """No function of JAX's, although it has the name of one."""
    return jnp.sin(3 * x) * x


def test_fault_R18_a_users_function_of_the_same_name_is_his() -> None:
    found = tk.derivatives(jax.jit(sinc), np.array([0.5]), 1, "series").packed[:, 0]
    np.testing.assert_allclose(found, [np.sin(1.5) * 0.5, np.sin(1.5) + 1.5 * np.cos(1.5)], rtol=ROUNDING)


# Functions with an infinity that is masked, each with the same without it.
MASKED: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "logsumexp with −inf": (
        lambda v: sp.logsumexp(jnp.stack([v[0], v[1], -jnp.inf])),
        lambda v: jnp.log(jnp.exp(v[0]) + jnp.exp(v[1])),
    ),
    "logsumexp of weights": (
        lambda v: sp.logsumexp(v, b=jnp.array([1.0, 0.0])),
        lambda v: v[0],
    ),
    "softmax under a mask": (
        lambda v: jax.nn.softmax(
            jnp.where(jnp.array([True, False, True]), jnp.stack([v[0], v[1], v[0] * v[1]]), -jnp.inf)
        ),
        lambda v: jnp.stack([1 / (1 + jnp.exp(v[0] * v[1] - v[0])), 0.0 * v[0], 1 / (1 + jnp.exp(v[0] - v[0] * v[1]))]),
    ),
    "a row of −inf": (
        lambda v: sp.logsumexp(jnp.stack([jnp.stack([v[0], v[1]]), jnp.full(2, -jnp.inf)]), axis=1)[0],
        lambda v: jnp.log(jnp.exp(v[0]) + jnp.exp(v[1])),
    ),
    "log of a masked sum": (
        lambda v: jnp.where(v[0] > 0, jnp.log(v[0]) * v[1], -jnp.inf),
        lambda v: jnp.log(v[0]) * v[1],
    ),
}


@pytest.mark.parametrize("name", MASKED)
def test_fault_E5_masked_infinities(name: str) -> None:
    f, plain = MASKED[name]
    point = np.array([[0.3, 0.9]])
    found, expected = (tk.derivatives(g, point, 2, "series").packed for g in (f, plain))
    np.testing.assert_allclose(found, expected, rtol=ROUNDING, atol=ROUNDING)


def test_fault_E5_all_of_a_row_masked() -> None:
    """log Σ of nothing is −inf, and does not move."""
    rows = {
        "added": lambda v: sp.logsumexp(v + jnp.full(2, -jnp.inf)),
        "chosen": lambda v: sp.logsumexp(jnp.where(jnp.array([False, False]), v, -jnp.inf)),
        "weights": lambda v: sp.logsumexp(v, b=jnp.zeros(2)),
    }
    for name, f in rows.items():
        found = tk.derivatives(f, np.array([[0.3, 0.9]]), 2, "series").packed[:, 0]
        assert found.tolist() == [-np.inf, 0, 0, 0, 0, 0], name
