"""Problems that keep their arrays whole, or loop: networks, and the flow map of a differential equation."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np

from tests.benchmarks.problem import SEED, Function, Problem, box

ACTIVATIONS: dict[str, tuple[Callable, tuple[str, Callable] | None]] = {
    "tanh": (jnp.tanh, None),
    "softplus": (jax.nn.softplus, ("softplus as log(1 + eˣ)", lambda x: jnp.log(1 + jnp.exp(x)))),
}
NETWORK_ORDERS = {2: range(1, 7), 4: range(1, 7), 10: range(1, 7), 100: range(1, 7)}
STEPS, STEP = 50, 0.02


def networks() -> list[Problem]:
    """Each activation in each number of variables."""
    return [_network(d, activation, n) for activation in ACTIVATIONS for d, n in NETWORK_ORDERS.items()]


def flow() -> Problem:
    """z(0) ↦ z(1) of Hénon and Heiles's oscillator, in a scan."""
    title = f"flow map of Hénon–Heiles, RK4, scan of {STEPS} steps"
    return Problem("flow", title, _flow, box(1_000, 4, 0.3), (1, 2, 3, 4))


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
        box(1_000, variables, 1.0),
        tuple(orders),
        plain=plain and (plain[0], network(plain[1])),
        layers=widths,
    )


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
