"""Calls: a function is what it computes now, kernels belong to programs, and nothing of ours stays in JAX."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import taylorkit as tk
from taylorkit.differentiation import kernel
from taylorkit.errors import FunctionError
from tests.faults import traces

X = np.array([0.3, 1.2])
# Of sums and products of a few numbers in double precision.
EXACT = 1e-14
# Of JAX's own derivatives of the derivatives, by order 3.
DOUBLE, SINGLE = 1e-12, 2e-5


def slopes(f: Callable[..., Any], x: Any = X, order: int = 1, method: str = "auto") -> np.ndarray:
    return np.asarray(tk.derivatives(f, x, order, method).packed[1])


@contextmanager
def compiled(count: int) -> Any:
    """Within, so many kernels are made and not more."""
    before = kernel.of_program.cache_info().misses
    yield
    assert kernel.of_program.cache_info().misses - before == count


class Model:
    """What people write: weights that training changes in place."""

    def __init__(self, weight: float):
        self.weight, self.table = weight, np.array([1.0, weight])

    def __call__(self, x: jax.Array) -> jax.Array:
        return self.weight * x

    def of_table(self, x: jax.Array) -> jax.Array:
        return (self.table * x).sum()


def test_fault_W1_a_closed_over_number() -> None:
    a = 2.0

    def f(x: jax.Array) -> jax.Array:
        return a * x

    np.testing.assert_array_equal(slopes(f), [2, 2])
    a = 3.0
    np.testing.assert_array_equal(slopes(f), [3, 3])


@pytest.mark.parametrize("size", [2, 40], ids=["small", "large"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_fault_W1_an_array_changed_in_place(size: int, dtype: Any) -> None:
    table, number = np.arange(1.0, size + 1), np.array(2.0)

    def f(x: jax.Array) -> jax.Array:
        return (table * x).sum() * number

    for _ in range(3):
        np.testing.assert_allclose(slopes(f, X.astype(dtype)), 2 * [table.sum() * number], rtol=1e-6)
        table[0] += 5
        number[...] += 1


def test_fault_W1_objects_methods_partials_and_rules() -> None:
    model, factor = Model(2.0), [2.0]

    @jax.custom_jvp
    def ruled(x: jax.Array) -> jax.Array:
        return x

    @ruled.defjvp
    def rule(primals: Any, tangents: Any) -> Any:
        return primals[0], factor[0] * tangents[0]

    bound = partial(lambda m, x: m.weight * x, model)
    for weight in (2.0, 5.0, 2.0):
        model.weight = model.table[1] = factor[0] = weight
        for f in (model, bound, ruled):
            np.testing.assert_array_equal(slopes(f), [weight, weight])
        np.testing.assert_array_equal(slopes(model.of_table), 2 * [1 + weight])
        T = tk.taylor(model, 1.0, 1)
        assert T.coefficients[1] == weight


def test_fault_W1_a_rule_below_another_is_read_as_deep_as_it_is_differentiated() -> None:
    """Programs and first rules are alike; the rules of what the rules call are not."""

    def towering(factor: float) -> Callable[[jax.Array], jax.Array]:
        @jax.custom_jvp
        def inner(x: jax.Array) -> jax.Array:
            return jnp.cos(x)

        inner.defjvp(lambda p, t: (inner(*p), -factor * jnp.sin(p[0]) * t[0]))

        @jax.custom_jvp
        def outer(x: jax.Array) -> jax.Array:
            return jnp.sin(x)

        outer.defjvp(lambda p, t: (outer(*p), inner(p[0]) * t[0]))
        return outer

    first, second = (tk.derivatives(towering(factor), X, 2).packed for factor in (1.0, 10.0))
    np.testing.assert_array_equal(first[:2], second[:2])
    np.testing.assert_allclose(10 * first[2], second[2], rtol=EXACT)


def test_fault_E6_equal_programs_of_different_objects_share_a_kernel() -> None:
    tk.derivatives(lambda x: jnp.tanh(x) / 3 + x, X, 2)
    with compiled(0):
        tk.derivatives(lambda x: jnp.tanh(x) / 3 + x, X, 2)
        tk.derivatives(lambda variable: jnp.tanh(variable) / 3 + variable, X[:1], 2)
    with compiled(1):
        tk.derivatives(lambda x: jnp.tanh(x) / 4 + x, X, 2)


@pytest.mark.parametrize("method", ["nested", "series", "reverse"])
@pytest.mark.parametrize("held", [np.asarray, jnp.asarray], ids=["numpy", "jax"])
def test_fault_E6_new_weights_are_arguments(held: Callable, method: str) -> None:
    shapes = ((9, 2), (9,), (1, 9), (1,))

    def network(seed: int) -> tuple[Callable[[jax.Array], jax.Array], list[np.ndarray]]:
        weights = [np.random.default_rng(seed).normal(size=s) for s in shapes]
        with jax.enable_x64(True):
            w = [held(a) for a in weights]
        return lambda v: (w[2] @ jnp.tanh(w[0] @ v + w[1]) + w[3])[0], weights

    points = np.random.default_rng(0).normal(size=(3, 2))
    tk.derivatives(network(0)[0], points, 2, method)
    with compiled(0):
        for seed in (1, 2):
            f, (a, b, c, _) = network(seed)
            slope = tk.derivatives(f, points, 2, method).packed[1:3]
            exact = [(c[0] * (1 - np.tanh(a @ v + b) ** 2)) @ a for v in points]
            np.testing.assert_allclose(slope, np.transpose(exact), rtol=DOUBLE)


def test_fault_E6_weights_of_another_precision() -> None:
    """Double precision where single is asked for, and the other way: what JAX makes of it, not an error."""
    with jax.enable_x64(True):
        wide = jnp.linspace(1.0, 2.0, 30)
    narrow = jnp.linspace(1.0, 2.0, 30)
    for weights in (wide, narrow, np.asarray(wide)):
        for dtype in (np.float32, np.float64):
            np.testing.assert_allclose(slopes(lambda x, w=weights: (w * x).sum(), X.astype(dtype)), 45.0, rtol=1e-6)


def test_fault_E6_what_decides_on_the_program_is_part_of_it() -> None:
    """Exponents, factors 0, indices: code is not the same for all of their values, at 0 least of all."""
    for exponent in (2.0, 3.0, 1.0):
        powers = np.full(20, exponent)
        found = tk.derivatives(lambda x, p=powers: (x**p).sum(), [0.0, 1.0], 1, "series:xla").packed[1]
        np.testing.assert_allclose(found, [20.0 if exponent == 1 else 0.0, 20 * exponent], rtol=EXACT)
    for place in (3, 7):
        chosen = np.full(20, place)
        found = slopes(lambda x, c=chosen: (jnp.arange(20.0) * x)[c].sum())
        np.testing.assert_array_equal(found, 2 * [20.0 * place])


def test_fault_E6_kernels_do_not_keep_weights_alive() -> None:
    import gc
    import weakref

    class Weights(Model):
        pass

    model = Weights(2.0)
    model.table = np.linspace(1, 2, 1000)
    alive = weakref.ref(model)
    tk.derivatives(model.of_table, X, 2)
    del model
    gc.collect()
    assert alive() is None


XS = np.linspace(0.1, 1.0, 4)


def total(a: Any, method: str = "auto") -> Any:
    return tk.derivatives(lambda x: jnp.sin(a * x), XS, 3, method).packed.sum()


def by_hand(a: Any) -> Any:
    """f + f' + f'' + f''' of sin(a x), summed over the points."""
    x = jnp.linspace(0.1, 1.0, 4)
    return ((1 - a**2) * jnp.sin(a * x) + (a - a**3) * jnp.cos(a * x)).sum()


TRANSFORMATIONS: dict[str, Callable[[Callable], Callable]] = {
    "grad": jax.grad,
    "jit": jax.jit,
    "jvp": lambda f: lambda a: jax.jvp(f, (a,), (1.0,))[1],
    "vmap": lambda f: lambda a: jax.vmap(f)(jnp.stack([a, 2 * a])),
    "hessian": jax.hessian,
    "jit of grad": lambda f: jax.jit(jax.grad(f)),
}


@pytest.mark.parametrize("x64", [False, True])
@pytest.mark.parametrize("name", TRANSFORMATIONS)
def test_fault_E2_parameters_that_jax_traces(name: str, x64: bool) -> None:
    transform = TRANSFORMATIONS[name]
    with jax.enable_x64(x64):
        found, right = transform(total)(jnp.asarray(2.0)), transform(by_hand)(jnp.asarray(2.0))
        assert found.dtype == right.dtype
        np.testing.assert_allclose(found, right, rtol=DOUBLE if x64 else SINGLE)


@pytest.mark.parametrize("method", ["nested", "series", "reverse"])
def test_fault_E2_parameters_by_each_method(method: str) -> None:
    with jax.enable_x64(True):
        found = jax.grad(partial(total, method=method))(2.0)
        np.testing.assert_allclose(found, jax.grad(by_hand)(2.0), rtol=DOUBLE)


def test_fault_E2_parameters_of_a_polynomial() -> None:
    with jax.enable_x64(True):
        slope = jax.grad(lambda a: tk.taylor(lambda x, y: jnp.sin(a * x) * y, (0.3, 1.0), 2).coefficients[1])(2.0)
        np.testing.assert_allclose(slope, np.cos(0.6) - 0.6 * np.sin(0.6), rtol=DOUBLE)
        of_vector = jax.grad(lambda a: tk.taylor(lambda v: jnp.sin(a * v[0]) * v, jnp.ones(2), 1).coefficients[1, 1])(
            2.0
        )
        np.testing.assert_allclose(of_vector, np.cos(2.0) - 2 * np.sin(2.0), rtol=DOUBLE)


def test_fault_E2_a_rule_that_keeps_a_dead_value_is_refused_in_a_sentence() -> None:
    """As `jax.scipy.special.expn` has it: JAX has no second derivative of that either."""

    @partial(jax.custom_jvp, nondiff_argnums=(0,))
    @jax.jit
    def power(n: jax.Array, x: jax.Array) -> jax.Array:
        return x**n

    @power.defjvp
    @jax.jit
    def rule(n: Any, primals: Any, tangents: Any) -> Any:
        return power(n, *primals), n * power(n - 1, *primals) * tangents[0]

    np.testing.assert_allclose(slopes(lambda x: power(3.0, x)), 3 * X**2, rtol=DOUBLE)
    with pytest.raises(FunctionError, match="keeps a value of a trace that has ended"):
        tk.derivatives(lambda x: power(3.0, x), X, 2, "series")


def test_fault_E2_what_fails_while_it_runs_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing:
        def fill(self, *_: Any) -> None:
            raise jax.errors.JaxRuntimeError("INTERNAL: CpuCallback error\nTraceback …\nRuntimeError: no licence")

    monkeypatch.setattr(kernel, "of_program", lambda *_: Failing())
    with pytest.raises(FunctionError, match=r"failed while its derivatives were computed: .*no licence$"):
        tk.derivatives(jnp.sin, X, 1, "nested")


def test_fault_R7_R16_the_persons_own_code_is_as_if_we_had_not_been_there() -> None:
    assert not list(traces.failures(len(traces.KINDS)))


def test_fault_R7_tables_and_places_are_as_they_were() -> None:
    """f sees views while it is traced: afterwards everything holds what it held."""
    table, model = np.arange(3.0), Model(2.0)
    held, pair = model.table, (table, [table])

    def f(x: jax.Array, given: Any = pair) -> jax.Array:
        return (given[0] * x).sum() + (given[1][0] * x).sum() + model.of_table(x) + (table * x).sum()

    for dtype in (np.float32, np.float64):
        np.testing.assert_array_equal(slopes(f, X.astype(dtype)), [12.0, 12.0])
    assert model.table is held and f.__defaults__[0] is pair and pair[0] is pair[1][0] is table


class ReadOnly(list):
    """A list that takes nothing, as some people's do."""

    def __setitem__(self, *_: Any) -> None:
        raise TypeError("read only")


class Sealed(type):
    """A class of classes whose attributes stay."""

    def __setattr__(cls, *_: Any) -> None:
        raise AttributeError("sealed")


def test_fault_R7_places_that_go_away_or_take_nothing() -> None:
    class Fixed(metaclass=Sealed):
        weights = np.array([1.0, 2.0])

    model, popped = Model(2.0), {"a": np.array([3.0, 4.0])}
    held, table, listed = model.table, popped["a"], ReadOnly([np.array([1.0, 2.0])])
    before = listed[0], Fixed.weights

    def f(x: jax.Array) -> jax.Array:
        first = popped.pop("a", table)
        return (first * x).sum() + (model.table * x).sum() + (listed[0] * x).sum() + (Fixed.weights * x).sum()

    assert slopes(f, [1.0]).tolist() == [7.0 + 3 * 3.0]
    assert model.table is held and listed[0] is before[0] and Fixed.weights is before[1]


def test_fault_R7_preflight_in_both_precisions() -> None:
    held = traces.interpolated(np.linspace(0, 1, 7) ** 2)
    for example in (np.float32(0.3), 0.3, np.float32(0.3)):
        assert not tk.preflight(held.f, example, 2).unsupported
    assert not traces.theirs(held, False)


def test_fault_R7_threads_do_not_take_each_others_views() -> None:
    table = np.arange(30.0)
    box = {"table": table}

    def f(x: jax.Array) -> jax.Array:
        return (box["table"] * x).sum()

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda n: slopes(f, X.astype(np.float32 if n % 2 else np.float64)), range(12)))
    np.testing.assert_array_equal(found, np.full((12, 2), table.sum()))
    assert box["table"] is table
