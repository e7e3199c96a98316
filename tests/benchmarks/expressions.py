"""Problems that are plain expressions, written once over a module of elementary functions.

So JAX and a peer with an expression language of its own compute the same thing.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import jax.numpy as jnp
import numpy as np

from taylorkit.multi_index import count
from tests.benchmarks.problem import BYTES, CORES, POINTS, Formula, Problem, box

# The sweep: all orders up to the highest in so many variables, while there are no more terms than that; as many points
# as fill two blocks of an artifact. In two variables 100,000, whatever the order.
HIGHEST, TERMS = 10, 500
FILLS = 2**25
SWEPT = {d: FILLS // 8 // (d + 1) if d != 2 else 100_000 for d in range(1, 7)}
KIN = "sin(Σ xᵢxⱼ over i < j) exp(−|x|²/2) + tanh(Σ i xᵢ)"
KINS = {1: "sin(x²) exp(−x²/2) + tanh(x)", 2: "sin(xy) exp(−(x² + y²)/2) + tanh(x + 2y)"}
# Whoever holds its whole output in memory of its own or takes a minute; and whoever cannot be kept to one core.
WITH_MEMORY_OF_THEIR_OWN = ("jacfwd", "jet", "taylorkit nested")
WITH_THREADS_OF_THEIR_OWN = (*WITH_MEMORY_OF_THEIR_OWN, "taylorkit series:xla", "taylorkit reverse")


def expressions() -> list[Problem]:
    """One variable and several, each order."""
    line = np.linspace(-7, 7, 200_000)[:, None]
    orders = (4, 6, 8, 10, 12, 16, 20)
    return [
        _expression("t", "t(x) = (1 − e⁻ˣ)/(1 + e⁻ˣ)", _logistic_form, line, orders),
        _expression("sin-cos", "sin x + cos x", _sin_plus_cos, line, orders),
        *[
            _expression(f"kin-{d}", KINS.get(d, KIN), _kin, box(n, d, 2.0), _orders(d), fills=0 if d == 2 else FILLS)
            for d, n in SWEPT.items()
        ],
    ]


def growing() -> list[Problem]:
    """Ever more points, outputs of a gigabyte, and one core beside all of them: two variables."""
    two, without = box(8_400_000, 2, 2.0), WITH_MEMORY_OF_THEIR_OWN
    polynomial, large = "(1 + xy)³ + x⁴ − 2y², a gigabyte", f"{KINS[2]}, one gigabyte and two"
    return [
        *[
            _expression(f"points-{n}", KINS[2], _kin, box(n, 2, 2.0), (4,), group=POINTS)
            for n in (1_000, 10_000, 100_000, 1_000_000)
        ],
        _expression("bytes-polynomial", polynomial, _polynomial, two[:4_800_000], (6,), group=BYTES, without=without),
        _expression("bytes-kin-2", large, _kin, two, (4, 6), group=BYTES, without=without),
        _expression(
            "cores-kin-2",
            KINS[2],
            _kin,
            box(100_000, 2, 2.0),
            (2, 4, 6, 8, 10),
            group=CORES,
            without=WITH_THREADS_OF_THEIR_OWN,
        ),
    ]


def _expression(
    name: str, title: str, formula: Formula, rows: np.ndarray, orders: Sequence[int], **more: Any
) -> Problem:
    # One function object a problem: the project finds a compiled kernel again by it.
    return Problem(name, title, lambda v: formula(list(v), jnp), rows, tuple(orders), formula, **more)


def _orders(variables: int) -> list[int]:
    return [n for n in range(1, HIGHEST + 1) if count(variables, n) <= TERMS]


def _logistic_form(x: Sequence[Any], m: Any) -> Any:
    return (1.0 - m.exp(-x[0])) / (1.0 + m.exp(-x[0]))


def _sin_plus_cos(x: Sequence[Any], m: Any) -> Any:
    return m.sin(x[0]) + m.cos(x[0])


def _kin(x: Sequence[Any], m: Any) -> Any:
    """sin(Σ_{i<j} xᵢxⱼ) exp(−|x|²/2) + tanh(Σ i xᵢ); without pairs, at D = 1, the sine is of x²."""
    pairs = sum(a * b for a, b in combinations(x, 2)) if len(x) > 1 else x[0] * x[0]
    return m.sin(pairs) * m.exp(-sum(a * a for a in x) / 2.0) + m.tanh(sum((i + 1.0) * a for i, a in enumerate(x)))


def _polynomial(x: Sequence[Any], m: Any) -> Any:
    u, v = x
    cube = 1.0 + u * v
    return cube * cube * cube + u * u * u * u - 2.0 * v * v
