"""The straight line of symbols: what is folded, what is shared, and that XLA computes what it says."""

from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from taylorkit.lowering import xla
from taylorkit.series.symbols import Program, Symbol

# A few operations in double precision.
ROUNDING = 1e-13


@pytest.fixture
def program() -> Program:
    return Program()


def test_the_same_operation_is_the_same_symbol(program: Program) -> None:
    a, b = program.leaf(jnp.ones(())), program.leaf(jnp.zeros(()))
    assert a * b is b * a
    assert a + b is b + a
    assert program.call("exp", lax.exp, [a]) is program.call("exp", lax.exp, [a])
    assert a * b is not a + b


def test_zeros_ones_and_signs_fold(program: Program) -> None:
    a = program.leaf(jnp.ones(()))
    zero, one = program.number(0.0), program.number(1.0)
    assert a + zero is a
    assert a * one is a
    assert (a * zero).constant == 0
    assert program.scale(-1, program.scale(-1, a)) is a
    assert (program.number(2.0) * program.number(3.0)).constant == 6
    assert program.call("exp", lax.exp, [zero]).constant == 1
    assert program.choose(a, [zero, zero]) is zero


def polynomial(program: Program, x: Symbol, y: Symbol, length: int) -> list[Symbol]:
    """Symbols long enough for a kernel, and what hangs together as a recurrence does."""
    found = [x, y]
    for _ in range(length):
        found.append(program.scale(0.5, found[-1] * x) + program.scale(-0.25, found[-2] * y))
    return found


def expected(x: np.ndarray, y: np.ndarray, length: int) -> list[np.ndarray]:
    found = [x, y]
    for _ in range(length):
        found.append(0.5 * found[-1] * x - 0.25 * found[-2] * y)
    return found


@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
@pytest.mark.parametrize("length", [1, 20])
def test_xla_computes_the_line(shape: tuple[int, ...], length: int) -> None:
    x, y = np.random.default_rng(0).normal(size=(2, 5, *shape))

    def compute(x: jax.Array, y: jax.Array) -> list[jax.Array]:
        program = Program()
        return xla.values(program, polynomial(program, program.leaf(x), program.leaf(y), length), jnp.float64)

    with jax.enable_x64(True):
        found = jax.jit(jax.vmap(compute))(x, y)
    for a, b in zip(found, expected(x, y, length), strict=True):
        np.testing.assert_allclose(a, b, rtol=ROUNDING, atol=ROUNDING)


def test_a_long_line_is_cut_where_little_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xla, "LONG", 16)
    x, y = np.random.default_rng(0).normal(size=2)
    with jax.enable_x64(True):
        program = Program()
        symbols = polynomial(program, program.leaf(jnp.asarray(x)), program.leaf(jnp.asarray(y)), 60)
        line = [s for s in program.needed(symbols[-1:]) if s.kind in xla.LINE]
        cuts = xla.cuts(line, symbols[-1:])
        (value,) = xla.values(program, symbols[-1:], jnp.float64)
    assert cuts[0][0] == 0
    assert cuts[-1][1] == len(line)
    assert all(stop - start <= 16 for start, stop in cuts)
    assert all(a[1] == b[0] for a, b in pairwise(cuts))
    np.testing.assert_allclose(value, expected(x, y, 60)[-1], rtol=ROUNDING)


def test_a_choice_takes_one_case_and_nothing_of_the_others() -> None:
    def compute(which: jax.Array, a: jax.Array) -> jax.Array:
        program = Program()
        cases = [program.leaf(a / 0), program.leaf(2 * a), program.leaf(3 * a)]
        chosen = program.choose(program.leaf(which), cases)
        total = chosen
        for _ in range(10):
            total = total + chosen * chosen
        return xla.values(program, [total], jnp.float64)[0]

    with jax.enable_x64(True):
        found = jax.vmap(compute)(jnp.array([1, 2]), jnp.ones(2))
    np.testing.assert_array_equal(found, [2 + 10 * 4, 3 + 10 * 9])


def test_one_function_of_degree_0_is_computed_once() -> None:
    def compute(x: jax.Array) -> list[jax.Array]:
        program = Program()
        e = program.call("exp", lax.exp, [program.leaf(x)])
        line = polynomial(program, e, program.leaf(x), 20)
        return xla.values(program, line, jnp.float64)

    with jax.enable_x64(True):
        jaxpr = jax.make_jaxpr(compute)(jnp.ones(()))
    assert sum(e.primitive.name == "exp" for e in jaxpr.jaxpr.eqns) == 1
    assert sum(e.primitive.name == "reduce_window" for e in jaxpr.jaxpr.eqns) == 1
