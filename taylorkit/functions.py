"""The named functions: formula, domain, source. To add one: one entry in TABLE, one line in the tests' table of cases.

A function of several variables takes them as scalars unless its entry says `call="vector"`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jax import Array
from jax.scipy.special import erfc

MML = "Deisenroth, Faisal & Ong, Mathematics for Machine Learning (2020)"
EVERYWHERE = (-math.inf, math.inf)


@dataclass(frozen=True)
class Function:
    """A function with what a reader needs to know of it.

    `latex` is the formula's right-hand side and `signature` its left; `domain` holds one open interval a variable,
    outside of which f is not meant to be expanded.
    """

    name: str
    function: Callable[..., Array]
    latex: str
    signature: str
    variables: tuple[str, ...]
    source: str
    domain: tuple[tuple[float, float], ...] = ()
    call: str = "scalars"

    @property
    def domain_text(self) -> str:
        """The domain in words: `x in (0, inf)`, or `all real numbers`."""
        bounded = [
            f"{name} in ({low:g}, {high:g})"
            for name, (low, high) in zip(self.variables, self.domain, strict=False)
            if (low, high) != EVERYWHERE
        ]
        return ", ".join(bounded) or "all real numbers"


def _two_variable(x: Array, y: Array) -> Array:
    return jnp.sin(x * y) * jnp.exp(-(x**2 + y**2) / 2) + jnp.tanh(x + 2 * y)


# A call that is struck at 100 and ends after a year, at these yearly rates, compounded continuously.
STRIKE, EXPIRY, RATE, DIVIDEND = 100.0, 1.0, 0.03, 0.01


def _normal(z: Array) -> Array:
    """Φ(z), the normal distribution: by erfc, which keeps its digits where Φ is small."""
    return erfc(-z / math.sqrt(2)) / 2


def _black_scholes_call(spot: Array, volatility: Array, time: Array) -> Array:
    left = EXPIRY - time
    deviation = volatility * jnp.sqrt(left)
    d1 = (jnp.log(spot / STRIKE) + (RATE - DIVIDEND) * left) / deviation + deviation / 2
    discounted_strike = STRIKE * jnp.exp(-RATE * left)
    return spot * jnp.exp(-DIVIDEND * left) * _normal(d1) - discounted_strike * _normal(d1 - deviation)


def _logistic_form(x: Array) -> Array:
    return (1 - jnp.exp(-x)) / (1 + jnp.exp(-x))


_ENTRIES = (
    Function(
        "sin_plus_cos",
        lambda x: jnp.sin(x) + jnp.cos(x),
        r"\sin x + \cos x",
        "f(x)",
        ("x",),
        f"{MML}, examples 5.3 and 5.4, figure 5.4",
    ),
    Function(
        "sin_plus_cos_quadratic",
        lambda x: 1 + x - x**2 / 2,
        r"1 + x - x^2/2",
        "T_2(x)",
        ("x",),
        "closed form of the second Taylor polynomial of sin x + cos x about 0",
    ),
    Function(
        "tanh_half",
        _logistic_form,
        r"\frac{1 - e^{-x}}{1 + e^{-x}}",
        "t(x)",
        ("x",),
        "tanh(x/2) as Autograd's and JAX's first example writes it",
    ),
    Function(
        "square_plus_exp",
        lambda x: x**2 + jnp.exp(x),
        r"x^2 + e^x",
        "f(x)",
        ("x",),
        "the smallest function whose graph branches and joins",
    ),
    Function(
        "mml_5_15",
        lambda x, y: x**2 + 2 * x * y + y**3,
        r"x^2 + 2xy + y^3",
        "g(x, y)",
        ("x", "y"),
        f"{MML}, example 5.15",
    ),
    Function(
        "mml_5_15_plane",
        lambda x, y: 6 * x + 14 * y - 21,
        r"6x + 14y - 21",
        "T_1(x, y)",
        ("x", "y"),
        f"{MML}, example 5.15: the tangent plane about (1, 2)",
    ),
    Function(
        "mml_5_15_quadratic",
        lambda x, y: x**2 + 6 * y**2 - 12 * y + 2 * x * y + 8,
        r"x^2 + 6y^2 - 12y + 2xy + 8",
        "T_2(x, y)",
        ("x", "y"),
        f"{MML}, example 5.15: the quadratic about (1, 2)",
    ),
    Function(
        "squares_and_line",
        lambda x, y, z: x**2 + 3 * y + z**2,
        r"x^2 + 3y + z^2",
        "h(x, y, z)",
        ("x", "y", "z"),
        "a gradient that can be read off: (2x, 3, 2z)",
    ),
    Function(
        "cubed_sum",
        lambda v: jnp.sum(v) ** 3 / 6,
        r"\frac{1}{6} (w + x + y + z)^3",
        "f(w, x, y, z)",
        ("w", "x", "y", "z"),
        "its third derivative is the tensor of ones, so that it sums the entries of a tensor power",
        call="vector",
    ),
    Function(
        "two_variable",
        _two_variable,
        r"\sin(xy)\, e^{-(x^2+y^2)/2} + \tanh(x + 2y)",
        "f(x, y)",
        ("x", "y"),
        "the project's benchmark in two variables",
    ),
    Function(
        "runge",
        lambda x: 1 / (1 + x**2),
        r"\frac{1}{1 + x^2}",
        "f(x)",
        ("x",),
        "C. Runge (1901): smooth on the real line, radius of convergence sqrt(1 + x^2)",
    ),
    Function(
        "log",
        jnp.log,
        r"\ln x",
        "f(x)",
        ("x",),
        "radius of convergence x about x",
        domain=((0.0, math.inf),),
    ),
    Function(
        "rosenbrock",
        lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2,
        r"(1 - x)^2 + 100 (y - x^2)^2",
        "f(x, y)",
        ("x", "y"),
        "H. H. Rosenbrock (1960): a polynomial of degree 4",
    ),
    Function(
        "softplus",
        jax.nn.softplus,
        r"\ln(1 + e^x)",
        "f(x)",
        ("x",),
        "a custom_jvp function of jax.nn",
    ),
    Function(
        "black_scholes_call",
        _black_scholes_call,
        r"S e^{-q(T-t)}\, \Phi(d_1) - K e^{-r(T-t)}\, \Phi(d_1 - \sigma\sqrt{T-t})",
        r"V(S, \sigma, t)",
        ("S", "sigma", "t"),
        "F. Black & M. Scholes (1973), R. C. Merton (1973); S spot, σ volatility, t calendar time in years; "
        "K = 100, T = 1, r = 0.03, q = 0.01, d₁ = (ln(S/K) + (r − q + σ²/2)(T − t)) / (σ √(T − t))",
        domain=((0.0, math.inf), (0.0, math.inf), (-math.inf, EXPIRY)),
    ),
    Function(
        "kinked",
        lambda x: jnp.abs(x) * jnp.cos(x),
        r"|x| \cos x",
        "f(x)",
        ("x",),
        "not differentiable at 0",
    ),
)

TABLE: dict[str, Function] = {entry.name: entry for entry in _ENTRIES}
