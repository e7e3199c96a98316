"""Functions as people write them: closures, loops, branches, custom rules, objects; and kernels found again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import taylorkit as tk
from taylorkit.differentiation import kernel

X = np.array([0.3, -0.7])


def thrice(x: jax.Array) -> jax.Array:
    """What the loops below compute, without a loop."""
    value = x
    for _ in range(3):
        value = jnp.sin(value) * x
    return value


def by_scan(x: jax.Array) -> jax.Array:
    return lax.scan(lambda c, _: (jnp.sin(c) * x, None), x, None, length=3)[0]


def by_fori(x: jax.Array) -> jax.Array:
    return lax.fori_loop(0, 3, lambda _, c: jnp.sin(c) * x, x)


def by_fori_of_unknown_length(x: jax.Array) -> jax.Array:
    return lax.fori_loop(0, 3 + (x > 100), lambda _, c: jnp.sin(c) * x, x)


def by_while(x: jax.Array) -> jax.Array:
    return lax.while_loop(lambda c: c[0] < 3, lambda c: (c[0] + 1, jnp.sin(c[1]) * x), (0, x))[1]


def by_checkpoint(x: jax.Array) -> jax.Array:
    return jax.checkpoint(thrice)(x)


@pytest.mark.parametrize("f", [by_scan, by_fori, by_fori_of_unknown_length, by_while, by_checkpoint])
def test_loops(f: Callable) -> None:
    expected = tk.derivatives(thrice, X, 2, "nested").packed
    np.testing.assert_allclose(tk.derivatives(f, X, 2).packed, expected, rtol=1e-12)


def test_branches() -> None:
    d = tk.derivatives(lambda x: lax.cond(x > 0, jnp.exp, lambda u: u**3, x), X, 3)
    x = X[1]
    np.testing.assert_allclose(d.packed[:, 0], np.full(4, np.exp(0.3)), rtol=1e-14)
    np.testing.assert_allclose(d.packed[:, 1], [x**3, 3 * x**2, 6 * x, 6], rtol=1e-14)


def test_switch_and_where() -> None:
    index = lambda x: jnp.clip(jnp.floor(x + 1), 0, 1).astype(int)  # noqa: E731
    d = tk.derivatives(lambda x: lax.switch(index(x), [jnp.sin, jnp.cos], x), X, 2)
    np.testing.assert_allclose(d.packed[:, 0], [np.cos(0.3), -np.sin(0.3), -np.cos(0.3)], rtol=1e-14)
    np.testing.assert_allclose(d.packed[:, 1], [np.sin(-0.7), np.cos(-0.7), -np.sin(-0.7)], rtol=1e-14)


def test_linear_algebra() -> None:
    matrix = np.array([[4.0, 1.0], [1.0, 3.0]])

    def f(v: jax.Array) -> jax.Array:
        return v @ jnp.linalg.solve(matrix, v)

    d = tk.derivatives(f, [[1.0, 2.0]], 2)
    np.testing.assert_allclose(d.tensor(2)[0], 2 * np.linalg.inv(matrix), rtol=1e-13)


def test_a_closure_over_arrays() -> None:
    kept = {"numpy": np.array([1.0, 2.0]), "single": np.float32([1.0, 2.0]), "jax": jnp.array([1.0, 2.0])}
    for weights in kept.values():
        d = tk.derivatives(lambda v, w=weights: jnp.sum(w * v**2), [[3.0, 4.0]], 2)
        assert d.packed.dtype == np.float64
        np.testing.assert_array_equal(d.packed[:, 0], [41.0, 6.0, 16.0, 2.0, 0.0, 4.0])


def test_closures_that_differ_only_in_their_arrays_are_told_apart() -> None:
    scaled = [lambda x, a=a: a * x for a in (np.full(2000, 2.0), np.full(2000, 3.0))]
    for f, slope in zip(scaled, (2.0, 3.0), strict=True):
        np.testing.assert_array_equal(tk.derivatives(f, [1.0], 1).packed[1, :, 0], np.full(2000, slope))


def test_a_wrong_custom_jvp_shows() -> None:
    @jax.custom_jvp
    def square(x: jax.Array) -> jax.Array:
        return x**2

    square.defjvp(lambda primals, tangents: (primals[0] ** 2, 7.0 * tangents[0]))
    packed = tk.derivatives(square, X, 3).packed
    np.testing.assert_allclose(packed, [X**2, [7.0, 7.0], [0.0, 0.0], [0.0, 0.0]], rtol=1e-15)


def test_a_wrong_custom_vjp_shows() -> None:
    @jax.custom_vjp
    def square(x: jax.Array) -> jax.Array:
        return x**2

    square.defvjp(lambda x: (x**2, x), lambda x, g: (5 * x * g,))
    packed = tk.derivatives(square, X, 3).packed
    np.testing.assert_allclose(packed, [X**2, 5 * X, [5.0, 5.0], [0.0, 0.0]], rtol=1e-15)
    pair = tk.derivatives(lambda x: jnp.stack([square(x), x]), X, 1).packed
    np.testing.assert_allclose(pair[1], [5 * X, [1.0, 1.0]], rtol=1e-15)


def test_a_kink_follows_jax() -> None:
    packed = tk.derivatives(lambda x: jnp.abs(x) * jnp.cos(x), [0.0, 1.0], 1).packed
    with jax.enable_x64(True):
        convention = jax.grad(lambda x: jnp.abs(x) * jnp.cos(x))(0.0)
    assert packed[1, 0] == convention


@pytest.mark.parametrize(
    ("f", "value"),
    [
        (lambda x: jnp.floor(x).astype(int), [1.0, 0.0, 0.0]),
        (lambda x: 2, [2.0, 0.0, 0.0]),
        (lambda x: x > 0, [1.0, 0.0, 0.0]),
        (lambda x: np.float32(2), [2.0, 0.0, 0.0]),
    ],
    ids=["integers", "constant", "bool", "numpy"],
)
def test_outputs_that_are_not_floats(f: Callable, value: list[float]) -> None:
    d = tk.derivatives(f, [1.5], 2)
    assert d.packed.dtype == np.float64
    np.testing.assert_array_equal(d.packed[:, 0], value)


@dataclass
class Scaled:
    """A callable without a hash, as dataclasses are."""

    factor: float

    def __call__(self, x: jax.Array) -> jax.Array:
        return self.factor * x**2

    def method(self, x: jax.Array) -> jax.Array:
        return self(x)


class Unhashable(Scaled):
    __hash__ = None  # type: ignore[assignment]


@contextmanager
def nothing_compiled() -> Iterator[None]:
    """Whether all that is asked for in here has a kernel."""
    before = kernel.of_program.cache_info().misses
    yield
    assert kernel.of_program.cache_info().misses == before


def test_kernels_are_found_again() -> None:
    tk.derivatives(lambda x: jnp.sin(x) / 7, X, 2)
    with nothing_compiled():
        for n in (1, 2, 5000):
            tk.derivatives(lambda x: jnp.sin(x) / 7, np.linspace(0, 1, n), 2)


@pytest.mark.parametrize("order", [2, 4])
def test_taylor_finds_the_kernels_of_derivatives(order: int) -> None:
    tk.derivatives(jnp.sin, X, order)
    with nothing_compiled():
        tk.taylor(jnp.sin, 0.5, order)


def test_unhashable_callables() -> None:
    for factor in (2.0, 3.0, 2.0):
        found = tk.derivatives(Unhashable(factor), [1.0], 2).packed[:, 0]
        np.testing.assert_array_equal(found, [factor, 2 * factor, 2 * factor])


def test_partials_and_methods() -> None:
    partial_result = tk.derivatives(partial(lambda a, x: a * x**2, 3.0), [1.0], 2).packed
    np.testing.assert_array_equal(partial_result[:, 0], [3.0, 6.0, 6.0])
    np.testing.assert_array_equal(tk.derivatives(Scaled(2.0).method, [1.0], 2).packed[:, 0], [2.0, 4.0, 4.0])


def test_jitted_functions() -> None:
    np.testing.assert_array_equal(tk.derivatives(jax.jit(lambda x: x**2), [3.0], 4).packed[:, 0], [9, 6, 2, 0, 0])
