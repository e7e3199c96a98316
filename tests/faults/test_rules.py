"""Custom derivative rules mean to every method what they mean to nested transformations of JAX, at every order."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from scipy.special import jv, jvp

import taylorkit as tk
from tests.faults.by_nested import METHODS, ROUNDING, Function, cramer, nested, require


@jax.custom_jvp
def partly(x: Any, y: Any) -> Any:
    return x * y


partly.defjvp(lambda p, t: (partly(*p), p[1] * t[0]))


def readings(v: Any) -> Any:
    x, y = v
    square = jnp.stack([jnp.exp(v), jnp.cos(v)])
    return jnp.stack([partly(x, jnp.sin(x)), partly(x * y, jnp.exp(y)), partly(square, jnp.sin(square.T)).sum()])


def test_fault_R2_an_operand_that_is_only_read() -> None:
    """A rule that is no gradient: of mixed derivatives the one that takes the first variable first."""
    found = tk.derivatives(lambda x: partly(x, jnp.sin(x)), [3.0], 2).packed[:, 0]
    np.testing.assert_allclose(found, [3 * np.sin(3), np.sin(3), np.cos(3)], rtol=ROUNDING)
    require(readings, [0.4, 0.9], nested(readings, [0.4, 0.9], 3), 3)


def looping(v: Any) -> Any:
    x, y = v
    return lax.scan(lambda c, _: (partly(jnp.sin(c), c * y), None), x, None, length=2)[0]


def test_rules_in_a_loop() -> None:
    """JAX's reverse mode drops them there."""
    require(looping, [0.4, 0.9], nested(looping, [0.4, 0.9], 3), 3, ("nested", "series", "auto"))
    with pytest.raises(tk.SpecError, match=r"JAX drops the rule of .*test_rules\.py"):
        tk.derivatives(looping, [[0.4, 0.9]], 2, "reverse")


def test_fault_R26_one_value_at_every_order() -> None:
    """What a lower order says, a higher one says, whichever method `auto` takes for it."""
    low, high = (tk.derivatives(lambda v: readings(v)[1], [[0.4, 0.9]], n).packed for n in (2, 4))
    np.testing.assert_allclose(high[: len(low)], low, rtol=ROUNDING)


def scaled(factor: float, inner: Function | None = None) -> Function:
    """A sine whose rule is `factor` times that of a sine, with an inner function of the same kind for the cosine."""
    slope = inner or jnp.cos

    @jax.custom_jvp
    def wave(x: Any) -> Any:
        return jnp.sin(x)

    wave.defjvp(lambda p, t: (wave(*p), factor * slope(p[0]) * t[0]))
    return wave


def test_fault_W3_factories_of_nested_rules() -> None:
    """Functions that differ in a rule within a rule, or in what a rule closes over, are not one function."""
    pairs = [(scaled(1.0, scaled(1.0)), scaled(1.0, scaled(2.0))), (scaled(1.0), scaled(3.0))]
    three = [scaled(1.0, scaled(1.0, scaled(a))) for a in (2.0, 4.0)]
    table = [scaled(1.0, lambda x, a=a: x * a) for a in (np.array(2.0), np.array(5.0))]

    def f(x: Any) -> Any:
        return jnp.stack([a(x) - b(x) for a, b in (*pairs, three, table)])

    expected = nested(lambda v: f(v[0]), [0.3], 4)
    assert np.abs(expected[2:]).max(axis=0).min() > 0.1  # that they differ shows
    for method in METHODS:
        found = tk.derivatives(f, [0.3], 4, method).packed[..., 0]
        np.testing.assert_allclose(found, expected, rtol=ROUNDING, atol=ROUNDING, err_msg=method)


def bessel(n: int) -> Function:
    """J_n by SciPy, a new function at each call."""

    @jax.custom_jvp
    def function(x: Any) -> Any:
        out = jax.ShapeDtypeStruct(x.shape, x.dtype)
        return jax.pure_callback(lambda v: jv(n, v).astype(v.dtype), out, x, vmap_method="expand_dims")

    function.defjvp(lambda p, t: (function(*p), (bessel(n - 1)(p[0]) - bessel(n + 1)(p[0])) / 2 * t[0]))
    return function


def test_fault_W4_callbacks() -> None:
    """J₀ + 10 J₁ and the like: what a callback calls tells it from another."""
    weights = np.array([[1.0, 10.0, 0.0], [0.0, 1.0, -3.0], [2.0, 0.0, 1.0]])

    def f(x: Any) -> Any:
        return jnp.asarray(weights) @ jnp.stack([bessel(n)(x) for n in range(3)])

    expected = np.array([weights @ [jvp(n, 0.5, k) for n in range(3)] for k in range(4)])
    for method in METHODS:
        found = tk.derivatives(f, [0.5], 3, method).packed[..., 0]
        np.testing.assert_allclose(found, expected, rtol=ROUNDING, err_msg=method)


@jax.custom_jvp
def divided(a: Any, b: Any) -> Any:
    return b / a


@divided.defjvp
def _divided_jvp(primals: Any, tangents: Any) -> Any:
    x = divided(*primals)
    return x, divided(primals[0], tangents[1] - tangents[0] * x)


solved = jax.custom_jvp(cramer)


@solved.defjvp
def _solved_jvp(primals: Any, tangents: Any) -> Any:
    x = solved(*primals)
    return x, solved(primals[0], tangents[1] - tangents[0] @ x)


@jax.custom_jvp
def grown(s: Any, x: Any) -> Any:
    return jnp.exp(s) * x


grown.defjvp(lambda p, t: (grown(*p), grown(p[0], t[1]) + t[0] * grown(*p)))


@jax.custom_jvp
def triple(a: Any, b: Any, c: Any) -> Any:
    return a * b * c


@triple.defjvp
def _triple_jvp(p: Any, t: Any) -> Any:
    return triple(*p), triple(t[0], p[1], p[2]) + triple(p[0], t[1], p[2]) + triple(p[0], p[1], t[2])


def test_fault_R24_a_rule_that_calls_its_function_on_the_direction() -> None:
    def matrix(v: Any) -> Any:
        return jnp.array([[2.0, 1.0], [0.0, 3.0]]) + jnp.outer(v, v)

    def f(v: Any, divide: Any = divided, solve: Any = solved, grow: Any = grown, times: Any = triple) -> Any:
        x, y = v
        return jnp.stack([
            divide(jnp.exp(x + y**2), jnp.sin(x * y)), solve(matrix(v), jnp.sin(v))[0],
            grow(x * y, y), times(x, y, x + y),
        ])  # fmt: skip

    def plain(v: Any) -> Any:
        return f(v, lambda a, b: b / a, cramer, lambda s, x: jnp.exp(s) * x, lambda a, b, c: a * b * c)

    require(f, [0.5, 0.3], nested(plain, [0.5, 0.3], 2), 2, ("nested", "series", "auto"))
    with pytest.raises(tk.SpecError, match=r"JAX drops the rule of a function that the rule of divided at .* calls"):
        tk.derivatives(f, [[0.5, 0.3]], 2, "reverse")
    found = tk.derivatives(lambda x: divided(jnp.exp(x), grown(x, x)), [0.5], 5, "series").packed[:, 0]
    np.testing.assert_allclose(found, [0.5, 1, 0, 0, 0, 0], rtol=ROUNDING, atol=ROUNDING)


def test_what_a_rule_cannot_see_is_refused() -> None:
    def f(x: Any) -> Any:
        @jax.custom_jvp
        def shifted(y: Any) -> Any:
            return y + x

        shifted.defjvp(lambda p, t: (p[0], t[0]))
        return shifted(2.0 * x)

    with pytest.raises(tk.FunctionError, match="closes over a value that depends on the variables"):
        tk.derivatives(f, [0.5], 2, "series")


def test_what_moves_by_a_rule_alone() -> None:
    """A rule of a body that steps: its changes are seen, and no jump of the body's."""

    @jax.custom_jvp
    def rounded(x: Any) -> Any:
        return jnp.round(x)

    rounded.defjvp(lambda p, t: (rounded(*p), t[0]))
    report = tk.preflight(lambda x: jnp.abs(rounded(x)), 0.5, 2)
    assert any("abs" in said for said in report.non_smooth)
    np.testing.assert_array_equal(tk.derivatives(lambda x: rounded(x) ** 2, [1.25], 2).packed[:, 0], [1, 2, 2])
