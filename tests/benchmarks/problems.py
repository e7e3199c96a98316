"""What is differentiated: one table of functions with their points and the orders that are tried.

A formula that is a plain expression is written once over a module of elementary functions, so that JAX and a peer with
an expression language of its own compute the same thing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

SEED = 0
Function = Callable[[jax.Array], jax.Array]
# The D coordinates and a module with sin, cos, exp and tanh ↦ f.
Formula = Callable[[Sequence[Any], Any], Any]


@dataclass(frozen=True, eq=False)
class Problem:
    """f of one vector, its points as rows (N, D), and the orders to try.

    `formula` is f as an expression; `plain` a name and an equivalent of f for peers that f itself makes fail; `layers`
    the widths of a network, of whose matrix products the floor is made. `group` says which growth it is part of.
    """

    name: str
    title: str
    function: Function
    rows: np.ndarray
    orders: tuple[int, ...]
    formula: Formula | None = None
    plain: tuple[str, Function] | None = None
    layers: tuple[int, ...] = ()
    group: str = "order"

    @property
    def variables(self) -> int:
        return self.rows.shape[1]

    def smaller(self, points: int, orders: int) -> "Problem":
        """The same with at most so many points and orders."""
        return replace(self, rows=self.rows[:: -(-len(self.rows) // points)].copy(), orders=self.orders[:orders])


def _expression(
    name: str, title: str, formula: Formula, rows: np.ndarray, orders: Sequence[int], **more: Any
) -> Problem:
    # One function object a problem: the project finds a compiled kernel again by it.
    return Problem(name, title, lambda v: formula(list(v), jnp), rows, tuple(orders), formula, **more)


def _box(points: int, variables: int, half_width: float) -> np.ndarray:
    return np.random.default_rng(SEED).uniform(-half_width, half_width, (points, variables))


def _logistic_form(x: Sequence[Any], m: Any) -> Any:
    return (1.0 - m.exp(-x[0])) / (1.0 + m.exp(-x[0]))


def _sin_plus_cos(x: Sequence[Any], m: Any) -> Any:
    return m.sin(x[0]) + m.cos(x[0])


def _kin(x: Sequence[Any], m: Any) -> Any:
    """sin(Σ_{i<j} xᵢxⱼ) exp(−|x|²/2) + tanh(Σ i xᵢ); at D = 2 the project's function of two variables."""
    pairs = sum(a * b for a, b in combinations(x, 2))
    return m.sin(pairs) * m.exp(-sum(a * a for a in x) / 2.0) + m.tanh(sum((i + 1.0) * a for i, a in enumerate(x)))


def _kins() -> list[Problem]:
    orders = {2: (1, 2, 3, 4, 5, 6, 8, 10), 3: (2, 3, 4, 6, 8, 10), 5: (2, 3, 4, 5, 6), 6: (2, 3, 4, 5)}
    points = {2: 100_000, 3: 50_000, 5: 20_000, 6: 20_000}
    title = "sin(Σ xᵢxⱼ over i < j) exp(−|x|²/2) + tanh(Σ i xᵢ)"
    titles = {2: "sin(xy) exp(−(x² + y²)/2) + tanh(x + 2y)"}
    return [_expression(f"kin-{d}", titles.get(d, title), _kin, _box(points[d], d, 2.0), n) for d, n in orders.items()]


def _points() -> list[Problem]:
    """One order, ever more points."""
    title = "sin(xy) exp(−(x² + y²)/2) + tanh(x + 2y)"
    return [
        _expression(f"points-{n}", title, _kin, _box(n, 2, 2.0), (4,), group="points")
        for n in (1_000, 10_000, 100_000, 1_000_000)
    ]


def _network(variables: int, activation: str, orders: Sequence[int]) -> Problem:
    """D → 64 → 64 → 1."""
    widths = (variables, 64, 64, 1)
    generator = np.random.default_rng(SEED)
    weights = [generator.standard_normal((m, d)) / np.sqrt(d) for d, m in pairwise(widths)]
    biases = [generator.standard_normal(m) / 4 for m in widths[1:]]

    def network(activate: Callable[[jax.Array], jax.Array]) -> Function:
        def f(v: jax.Array) -> jax.Array:
            for weight, bias in zip(weights[:-1], biases[:-1], strict=True):
                v = activate(jnp.asarray(weight, v.dtype) @ v + jnp.asarray(bias, v.dtype))
            return (jnp.asarray(weights[-1], v.dtype) @ v + jnp.asarray(biases[-1], v.dtype))[0]

        return f

    activate, plain = ACTIVATIONS[activation]
    return Problem(
        f"mlp-{activation}-{variables}",
        f"network {variables} → 64 → 64 → 1, {activation}",
        network(activate),
        _box(1_000, variables, 1.0),
        tuple(orders),
        plain=plain and (plain[0], network(plain[1])),
        layers=widths,
    )


ACTIVATIONS: dict[str, tuple[Callable, tuple[str, Callable] | None]] = {
    "tanh": (jnp.tanh, None),
    "softplus": (jax.nn.softplus, ("softplus as log(1 + eˣ)", lambda x: jnp.log(1 + jnp.exp(x)))),
}
NETWORK_ORDERS = {2: range(1, 7), 4: range(1, 7), 10: range(1, 7), 100: range(1, 7)}
STEPS, STEP = 50, 0.02


def _henon_heiles(z: jax.Array) -> jax.Array:
    x, y, p, q = z
    return jnp.stack([p, q, -x - 2 * x * y, -y - x * x + y * y])


def _runge_kutta(z: jax.Array) -> jax.Array:
    a = _henon_heiles(z)
    b = _henon_heiles(z + STEP / 2 * a)
    c = _henon_heiles(z + STEP / 2 * b)
    return z + STEP / 6 * (a + 2 * b + 2 * c + _henon_heiles(z + STEP * c))


def _flow(z: jax.Array) -> jax.Array:
    return jax.lax.scan(lambda z, _: (_runge_kutta(z), None), z, None, length=STEPS)[0]


def problems(dtype: str = "float64") -> list[Problem]:
    """Every problem, in the order in which it is measured and reported, its points in this precision."""
    return [replace(problem, rows=problem.rows.astype(dtype)) for problem in _problems()]


def _problems() -> list[Problem]:
    line = np.linspace(-7, 7, 200_000)[:, None]
    orders = (4, 6, 8, 10, 12, 16, 20)
    return [
        _expression("t", "t(x) = (1 − e⁻ˣ)/(1 + e⁻ˣ)", _logistic_form, line, orders),
        _expression("sin-cos", "sin x + cos x", _sin_plus_cos, line, orders),
        *_kins(),
        *[_network(d, activation, n) for activation in ACTIVATIONS for d, n in NETWORK_ORDERS.items()],
        Problem(
            "flow",
            f"flow map of Hénon–Heiles, RK4, scan of {STEPS} steps",
            _flow,
            _box(1_000, 4, 0.3),
            (1, 2, 3, 4),
        ),
        *_points(),
    ]
