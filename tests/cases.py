"""One table of functions to differentiate, each with the exact source of its derivatives.

The exact source is the same formula in python-flint's power series of real balls: `series` takes one `arb_series` a
variable and returns f's outputs, flattened. tests/derivatives/oracles.py turns it into partial derivatives. Every
named function of `taylorkit.functions` is here; to add one, add a line.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flint import arb

from taylorkit.calling import Form
from taylorkit.functions import DIVIDEND, EXPIRY, RATE, STRIKE, TABLE


@dataclass(frozen=True, eq=False)
class Case:
    """f, the form in which it takes a point, points as rows (N, D), the order to test to, and the exact source."""

    name: str
    function: Callable[..., Any]
    form: Form
    rows: np.ndarray
    order: int
    series: Callable[..., list[Any]]

    @property
    def variables(self) -> int:
        return self.rows.shape[1]

    @property
    def points(self) -> Any:
        """The rows as f's form of points."""
        forms = {"scalar": self.rows[:, 0], "vector": self.rows, "scalars": tuple(self.rows.T)}
        return forms[self.form]

    def at(self, n: int) -> Any:
        """One point, as f takes it."""
        forms = {"scalar": self.rows[n, 0], "vector": self.rows[n], "scalars": tuple(self.rows[n])}
        return forms[self.form]


def _named(name: str, rows: Sequence[Any], order: int, series: Callable[..., Any]) -> Case:
    """A function of the project's own table."""
    entry = TABLE[name]
    several = "vector" if entry.call == "vector" else "scalars"
    form: Form = "scalar" if len(entry.variables) == 1 else several
    return _own(name, entry.function, form, rows, order, lambda *u: [series(*u)])


def _own(
    name: str, f: Callable[..., Any], form: Form, rows: Sequence[Any], order: int, series: Callable[..., list[Any]]
) -> Case:
    columns = np.asarray(rows, np.float64)
    return Case(name, f, form, columns.reshape(len(columns), -1), order, series)


def tanh(u: Any) -> Any:
    e = (2 * u).exp()
    return (e - 1) / (e + 1)


def _gauss(x: Any, y: Any) -> Any:
    return (x * y).sin() * ((x * x + y * y) * -1 / 2).exp() + tanh(x + 2 * y)


def _call(spot: Any, volatility: Any, time: Any) -> Any:
    """Black and Scholes, with Φ by erf, not erfc."""
    left = EXPIRY - time
    deviation = volatility * left.sqrt()
    d1 = ((spot / STRIKE).log() + (RATE - DIVIDEND) * left) / deviation + deviation / 2
    first, second = (((z / arb(2).sqrt()).erf() + 1) / 2 for z in (d1, d1 - deviation))
    return spot * (-DIVIDEND * left).exp() * first - STRIKE * (-RATE * left).exp() * second


LINE = (-1.5, -0.3, 0.0, 0.4, 2.0)
PLANE = ((0.5, 0.25), (-1.2, 0.7), (0.0, 0.0), (1.0, 2.0))
SPACE = ((1.0, 2.0, 2.0), (-0.4, 0.3, 0.9))
FOUR = ((0.0, 1.0, 2.0, 3.0), (0.5, -0.25, 0.75, 1.5))
FIVE = ((0.1, -0.2, 0.3, 0.4, -0.5), (1.0, 0.5, 0.25, 0.0, -1.0))

MARKETS = ((100.0, 0.2, 0.0), (80.0, 0.35, 0.3), (125.0, 0.15, 0.9))

CASES = (
    _named("sin_plus_cos", LINE, 4, lambda x: x.sin() + x.cos()),
    _named("sin_plus_cos_quadratic", LINE, 3, lambda x: 1 + x - x * x / 2),
    _named("tanh_half", LINE, 5, lambda x: (1 - (-x).exp()) / (1 + (-x).exp())),
    _named("square_plus_exp", LINE, 3, lambda x: x * x + x.exp()),
    _named("mml_5_15", PLANE, 3, lambda x, y: x * x + 2 * x * y + y * y * y),
    _named("mml_5_15_plane", PLANE, 2, lambda x, y: 6 * x + 14 * y - 21),
    _named("mml_5_15_quadratic", PLANE, 2, lambda x, y: x * x + 6 * y * y - 12 * y + 2 * x * y + 8),
    _named("squares_and_line", SPACE, 2, lambda x, y, z: x * x + 3 * y + z * z),
    _named("cubed_sum", FOUR, 3, lambda w, x, y, z: (w + x + y + z) ** 3 / 6),
    _named("two_variable", PLANE, 3, _gauss),
    _named("runge", LINE, 4, lambda x: 1 / (1 + x * x)),
    _named("log", (0.05, 1.0, 7.0), 3, lambda x: x.log()),
    _named("rosenbrock", PLANE, 3, lambda x, y: (1 - x) ** 2 + 100 * (y - x * x) ** 2),
    _named("softplus", LINE, 3, lambda x: (1 + x.exp()).log()),
    _named("black_scholes_call", MARKETS, 2, _call),
    _named("kinked", (-1.5, 0.4, 2.0), 3, lambda x: (x if float(x[0]) > 0 else -x) * x.cos()),
    _own("constant", lambda x: 3.0, "scalar", LINE, 3, lambda x: [3 + 0 * x]),
    _own("identity", lambda x: x, "scalar", LINE, 3, lambda x: [x]),
    _own(
        "curve",
        lambda x: jnp.stack([jnp.sin(x), jnp.exp(-x), x**3]),
        "scalar",
        LINE,
        4,
        lambda x: [x.sin(), (-x).exp(), x**3],
    ),
    _own(
        "frame",
        lambda v: jnp.stack([jnp.stack([v[0] * v[1], jnp.sin(v[2])]), jnp.stack([jnp.exp(v[0]), v[1] - v[2]])]),
        "vector",
        SPACE,
        2,
        lambda x, y, z: [x * y, z.sin(), x.exp(), y - z],
    ),
    _own(
        "wave_of_five",
        lambda a, b, c, d, e: jnp.sin(a + 2 * b - c) * d + jnp.exp(e * a),
        "scalars",
        FIVE,
        2,
        lambda a, b, c, d, e: [(a + 2 * b - c).sin() * d + (e * a).exp()],
    ),
    _own(
        "softmax",
        jax.nn.softmax,
        "vector",
        SPACE,
        2,
        lambda x, y, z: [u.exp() / (x.exp() + y.exp() + z.exp()) for u in (x, y, z)],
    ),
)

IDS = [case.name for case in CASES]
