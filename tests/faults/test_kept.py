"""Loops of a fixed length that keep what they have once they have converged: preflight names them."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import pytest
from jax import lax

import taylorkit as tk

TURNS = 30
NEAR = 1e-12


def following(x: Any, a: Any) -> Any:
    """Heron's step towards √a."""
    return 0.5 * (x + a / x)


def masked(a: Any) -> Any:
    def step(x: Any, _: None) -> Any:
        new = following(x, a)
        return jnp.where(abs(new - x) < NEAR, x, new), None

    return lax.scan(step, 2 + 0 * a, None, length=TURNS)[0]


def branched(a: Any) -> Any:
    step = lambda _, x: lax.cond(abs(x * x - a) < NEAR, lambda x: x, lambda x: following(x, a), x)  # noqa: E731
    return lax.fori_loop(0, TURNS, step, 2 + 0 * a)


def done(a: Any) -> Any:
    """A flag goes round with the number."""

    def step(state: Any, _: None) -> Any:
        x, done = state
        return (jnp.where(done, x, following(x, a)), done | (abs(x * x - a) < NEAR)), None

    return lax.scan(step, (2 + 0 * a, jnp.bool_(False)), None, length=TURNS)[0][0]


def counted(a: Any) -> Any:
    """A while that counts its turns."""

    def step(state: Any) -> Any:
        turn, x = state
        return turn + 1, jnp.where(abs(x * x - a) < NEAR, x, following(x, a))

    return lax.while_loop(lambda state: state[0] < TURNS, step, (0, 2 + 0 * a))[1]


def within(a: Any) -> Any:
    return lax.scan(lambda sum_, k: (sum_ + jax.jit(masked)(a * k), None), a, jnp.arange(1.0, 3.0, dtype=a.dtype))[0]


KEPT = {"masked": masked, "branched": branched, "done": done, "counted": counted, "within": within}
OTHERS: dict[str, Callable[[Any], Any]] = {
    "unmasked": lambda a: lax.fori_loop(0, TURNS, lambda _, x: following(x, a), 2 + 0 * a),
    "by the turn": lambda a: lax.scan(lambda x, k: (jnp.where(k > 1, x, x * a), None), a, jnp.arange(3))[0],
    "of the addend": lambda a: lax.scan(lambda x, k: (x + jnp.where(x > 1, a, k), None), a, jnp.arange(3.0))[0],
    "relu": lambda a: lax.scan(lambda x, k: (jax.nn.relu(x - a), None), a, jnp.arange(3))[0],
}


@pytest.mark.parametrize("name", KEPT)
def test_fault_R17_a_masked_step_is_named(name: str) -> None:
    (said,) = tk.preflight(KEPT[name], 4.0, 2).warnings
    assert "keeps what it has when its data say so" in said and "test_kept.py" in said


@pytest.mark.parametrize("name", OTHERS)
def test_fault_R17_no_other_loop_is(name: str) -> None:
    assert not any("keeps what it has" in said for said in tk.preflight(OTHERS[name], 4.0, 2).warnings)
