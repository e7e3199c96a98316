"""`auto`: the nearest row of a table, and what it never takes."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import taylorkit as tk
from taylorkit.differentiation import METHODS, choice, resolve
from taylorkit.differentiation.choice import Crossover, choose
from taylorkit.differentiation.methods import reason
from taylorkit.trace import Traced, trace


def row(kind: str, variables: int, order: int, **seconds: float) -> Crossover:
    return Crossover(kind, True, variables, order, seconds, "some machine")


TABLE = (
    row("scalars", 2, 2, nested=1.0, series=2.0, reverse=3.0),
    row("scalars", 2, 6, nested=9.0, series=1.0, reverse=2.0),
    row("arrays", 100, 1, nested=2.0, series=9.0, reverse=1.0),
)


@pytest.fixture(autouse=True)
def table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "table", lambda: TABLE)


def plane(v: jnp.ndarray) -> jnp.ndarray:
    return jnp.sin(v[0] * v[1])


def traced(f: object = plane, variables: int = 2) -> Traced:
    return trace(f, "vector", variables, np.dtype(float))


@pytest.mark.parametrize(("order", "name"), [(1, "nested"), (2, "nested"), (5, "series"), (9, "series")])
def test_the_fastest_of_the_nearest(order: int, name: str) -> None:
    assert choose(traced(), order, "cpu").name == name
    assert resolve("auto", traced(), order, "cpu").name == name


def test_what_cannot_be_had_here_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [Crossover("scalars", True, 2, 6, s, "a machine") for s in ({"series:llvm": 1.0}, {"nested": 1.0})]
    far = Crossover("scalars", True, 2, 2, {"series:xla": 2.0, "nested": 3.0}, "a machine")
    monkeypatch.setattr(choice, "table", lambda: (*rows, far))
    monkeypatch.setattr(choice.lines, "serves", lambda *_: False)
    assert choose(traced(), 6, "cpu").name == "series:xla"
    monkeypatch.setattr(choice, "table", lambda: tuple(rows))
    assert choose(traced(), 6, "cpu").name == "series"


def test_the_reason_names_what_was_measured() -> None:
    assert reason("auto", traced(), 6, "cpu") == (
        "the fastest of what was measured nearest, scalars in D = 2 at order 6: "
        "series 1e+03 ms, reverse 2e+03 ms, nested 9e+03 ms"
    )
    assert reason("series", traced(), 6, "cpu") == "it was asked for"


def test_many_variables_in_whole_arrays_go_in_reverse() -> None:
    weights = np.ones((64, 100))
    assert choose(traced(lambda v: jnp.tanh(weights @ v).sum(), 100), 1, "cpu").name == "reverse"


def test_reverse_is_not_taken_where_a_selection_may_hide_a_nan() -> None:
    weights = np.ones((64, 100))
    masked = traced(lambda v: jnp.where(v[0] > 0, jnp.tanh(weights @ v).sum(), 0.0), 100)
    assert choose(masked, 1, "cpu").name == "nested"
    assert resolve("reverse", masked, 1, "cpu").name == "reverse"


def test_the_committed_table_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    rows = choice.table()
    assert {r.kind for r in rows} == {"scalars", "arrays", "loops"}
    known = {n for name, m in METHODS.items() for n in (name, *(f"{name}:{lowering}" for lowering in m.LOWERINGS))}
    assert all(set(r.seconds) <= known and min(r.seconds.values()) > 0 for r in rows)
    assert all(len(r.machine) > 5 for r in rows)


WEIGHTS = np.ones((64, 100))
DIFFERS = {
    "max": lambda v: jnp.maximum(WEIGHTS @ v, 0).sum(),
    "abs": lambda v: abs(v[0]) * v[1],
    "clamp": lambda v: jnp.square(lax.clamp(0.0, v, 1.0)).sum(),
    "reduce_max": lambda v: v.max() * v[0],
    "cummin": lambda v: lax.cummin(v).sum(),
    "digamma": lambda v: jax.scipy.special.digamma(v).sum(),
    "bessel_i1e": lambda v: jax.scipy.special.i1e(v).sum(),
}


@pytest.mark.parametrize("name", DIFFERS)
def test_series_is_taken_where_the_rules_of_jax_differ(name: str) -> None:
    found = choose(traced(DIFFERS[name], 100), 1, "cpu")
    assert found.name == "series" and f"series alone, for {name} at " in found.reason


JAX_KEEPS = {
    "relu": lambda v: jax.nn.relu(WEIGHTS @ v).sum(),
    "logaddexp": lambda v: jnp.logaddexp(v[0], v[1]),
    "softmax": lambda v: jax.nn.softmax(WEIGHTS @ v)[0],
    "logsumexp": lambda v: jax.nn.logsumexp(WEIGHTS @ v),
    "of constants": lambda v: jnp.tanh(WEIGHTS @ v).sum() * jnp.abs(jnp.asarray(WEIGHTS)).max(),
}


@pytest.mark.parametrize("name", JAX_KEEPS)
def test_custom_rules_and_stopped_shifts_keep_their_speed(name: str) -> None:
    found = choose(traced(JAX_KEEPS[name], 100), 1, "cpu")
    assert found.name in ("reverse", "nested") and "series alone" not in found.reason


@pytest.mark.parametrize("root", [jnp.sqrt, jnp.cbrt, lambda x: x**1.5])
def test_nested_is_not_taken_of_a_root_from_order_two_on(root: object) -> None:
    f = traced(lambda v: v[1] ** 2 + root(v[0]))
    assert choose(f, 1, "cpu").name == "nested"
    found = choose(f, 2, "cpu")
    assert found.name in ("series", "reverse") and "not nested, for " in found.reason
    d = tk.derivatives(lambda x, y: y**2 + root(x), ([0.0], [2.0]), 2)
    assert d.packed[:, 0].tolist()[4:] == [0, 2]
