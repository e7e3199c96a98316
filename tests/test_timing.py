"""Benchmarks on small cases: what is measured, what is skipped; the numbers themselves are the machine's."""

import functools
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from taylorkit.errors import SpecError
from taylorkit.growth import nested
from taylorkit.timing import jacobians_table, orders, orders_table
from taylorkit.timing.clock import medians
from taylorkit.timing.jacobians import network, random_weights


def t(x: jax.Array) -> jax.Array:
    return (1 - jnp.exp(-x)) / (1 + jnp.exp(-x))


def test_orders_are_all_timed_within_the_limit() -> None:
    table = orders_table(t, np.linspace(-7, 7, 50), (0, 2), repetitions=2, limit_seconds=600)
    assert table["mode"][1].tolist() == ["nested", "series"]
    for column in ("compile_seconds", "run_seconds"):
        dims, seconds = table[column]
        assert dims == ("mode", "order") and seconds.shape == (2, 2) and (seconds > 0).all()
    sizes = [float(table[name][1]) for name in ("points", "repetitions", "limit_seconds")]
    assert sizes == [50, 2, 600]


def test_a_mode_stops_after_the_order_that_takes_too_long() -> None:
    programs = {"nested": nested, "plain": nested}
    table = orders_table(t, np.ones(3), (0, 1, 2), 1, limit_seconds=0.0, programs=programs)
    for column in ("compile_seconds", "run_seconds"):
        assert np.isfinite(table[column][1]).tolist() == [[True, False, False]] * 2


def test_one_slow_mode_does_not_stop_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def timed(compile_one: functools.partial) -> tuple[Callable, float]:
        program = compile_one.args[0]
        return compile_one(), 9.0 if program is slow else 1.0

    def slow(fun: Callable, order: int) -> Callable:
        return nested(fun, order)

    monkeypatch.setattr(orders, "timed", timed)
    programs = {"slow": slow, "nested": nested}
    table = orders_table(t, np.ones(3), (0, 1), 1, limit_seconds=5.0, programs=programs)
    np.testing.assert_array_equal(table["compile_seconds"][1], [[9.0, np.nan], [1.0, 1.0]])


def test_kernels_run_in_float64_and_leave_the_setting_alone() -> None:
    seen = []

    def spy(x: jax.Array) -> jax.Array:
        seen.append(x.dtype)
        return x

    before = jax.config.jax_enable_x64
    orders_table(spy, np.ones(3, np.float32), (0,), 1)
    assert {str(dtype) for dtype in seen} == {"float64"}
    assert jax.config.jax_enable_x64 == before


def test_rounds_interleave_and_the_first_is_not_counted() -> None:
    calls: list[str] = []
    actions = {name: lambda name=name: calls.append(name) for name in "ab"}
    assert set(medians(actions, repetitions=2)) == {"a", "b"}
    assert "".join(calls) == "ababab"


def test_no_repetitions_are_refused() -> None:
    with pytest.raises(SpecError, match="repetitions = 0: must be 1 or more"):
        medians({}, 0)


@pytest.fixture(scope="module")
def jacobians() -> dict:
    return jacobians_table(shapes=((60, 3), (8, 8), (3, 60)), repetitions=1, hidden=10)


def test_both_jacobians_are_the_same(jacobians: dict) -> None:
    assert jacobians["max_difference"][0] == ("shape",)
    # A few roundings of float64 in sums of 60 terms; the entries are of order 0.1.
    assert (jacobians["max_difference"][1] < 1e-14).all()
    assert (jacobians["run_seconds"][1] > 0).all()


def test_the_end_with_fewer_numbers_is_cheaper(jacobians: dict) -> None:
    dims, operations = jacobians["floating_operations"]
    assert dims == ("mode", "shape") and jacobians["mode"][1].tolist() == ["jacfwd", "jacrev"]
    many_inputs, square, many_outputs = operations.T
    assert many_inputs[0] > 5 * many_inputs[1]
    assert many_outputs[1] > 5 * many_outputs[0]
    assert square[0] == pytest.approx(square[1], rel=0.1)


def test_the_network_has_the_jacobian_of_the_chain_rule() -> None:
    with jax.enable_x64(True):
        weights = random_weights(4, 5, 5, 3)
        v = jnp.linspace(-1.0, 1.0, 4)
        chain = np.eye(4)
        for weight in weights:
            v_next = np.tanh(weight @ v)
            chain = (1 - v_next**2)[:, None] * (weight @ chain)
            v = jnp.asarray(v_next)
        actual = jax.jacrev(network)(jnp.linspace(-1.0, 1.0, 4), *weights)
    assert actual.shape == (3, 4)
    np.testing.assert_allclose(actual, chain, rtol=1e-12)
