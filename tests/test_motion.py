"""What moves with the variables, through calls, branches and loops."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import pytest
from jax import lax

from taylorkit.motion import Use, Walk, loops_stopped_by_data, uses


def program(f: Callable) -> jax.extend.core.Jaxpr:
    return jax.make_jaxpr(f)(1.5).jaxpr


def carry(x: jax.Array) -> jax.Array:
    """The second number of the carry moves from the second turn on."""
    return lax.fori_loop(0, 3, lambda i, s: (s[0] * x, s[0] + s[1]), (1.0, 0.0))[1]


MOVES: dict[str, tuple[Callable, bool]] = {
    "itself": (lambda x: x, True),
    "constant": (lambda x: jnp.sin(2.0), False),
    "step": (lambda x: jnp.floor(x) * 2.0, False),
    "integer": (lambda x: jnp.int32(x), False),
    "stopped": (lambda x: jnp.sin(lax.stop_gradient(x)), False),
    "call": (jax.jit(lambda x: jax.checkpoint(jnp.sin)(x)), True),
    "custom rule": (jax.nn.relu, True),
    "branch": (lambda x: lax.cond(x > 0, lambda y: y, lambda y: 0.0, x), True),
    "constant branches": (lambda x: lax.cond(x > 0, lambda: 1.0, lambda: 0.0), False),
    "carry": (carry, True),
    "while": (lambda x: lax.while_loop(lambda s: s[0] < 3, lambda s: (s[0] + 1, s[1] + s[0] * x), (0, 0.0))[1], True),
    "carry of steps": (lambda x: lax.fori_loop(0, 3, lambda i, c: c + jnp.sign(x), 0.0), False),
}


@pytest.mark.parametrize("name", MOVES)
def test_what_moves(name: str) -> None:
    f, expected = MOVES[name]
    assert Walk().through(program(f), [True]) == [expected]
    assert Walk().through(program(f), [False]) == [False]


@pytest.mark.parametrize("name", ["step", "integer", "constant branches", "carry of steps"])
def test_what_depends_without_moving(name: str) -> None:
    assert Walk(depends=True).through(program(MOVES[name][0]), [True]) == [True]


def test_how_often_each_equation_runs() -> None:
    def f(x: jax.Array) -> jax.Array:
        inner = lambda c, _: (lax.fori_loop(0, 5, lambda i, d: jnp.sin(d), c), None)  # noqa: E731
        return jnp.cos(lax.scan(inner, x, length=3)[0])

    times = {use.name: use.times for use in uses(program(f))}
    assert times["sin"] == 15 and times["cos"] == 1


def test_a_use_says_where() -> None:
    (use,) = uses(program(jnp.tan))
    assert use == Use(use.equation, (True,), 1) and use.where.startswith("tan at ")


LOOPS: dict[str, tuple[Callable, bool]] = {
    "by data": (lambda x: lax.while_loop(lambda c: c < 9, lambda c: c * 2, x), True),
    "by a flag": (lambda x: lax.while_loop(lambda s: s[0], lambda s: (s[1] < 9, s[1] * 2), (True, x))[1], True),
    "by count": (lambda x: lax.while_loop(lambda s: s[0] < 3, lambda s: (s[0] + 1, s[1] * x), (0, x))[1], False),
    "inside": (
        lambda x: lax.fori_loop(0, 2, lambda i, c: lax.while_loop(lambda d: d < 9, lambda d: d * 2, c), x),
        True,
    ),
}


@pytest.mark.parametrize("name", LOOPS)
def test_loops_that_data_stop(name: str) -> None:
    f, expected = LOOPS[name]
    assert bool(loops_stopped_by_data(program(f))) is expected
