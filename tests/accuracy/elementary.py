"""Every elementary function of JAX, once: f, the same in flint, how errors may grow (radii.py), where, and its c.

A constant in a function is one that both precisions hold. Points are at home in f's domain, small and large, off its
kinks. c is the power of two above twice what was measured in either precision (`python -m tests.accuracy`).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from flint import arb
from jax import lax
from jax.scipy import special

from tests.accuracy import exact, radii
from tests.accuracy.exact import Series, flipped, power
from tests.accuracy.radii import Radius


class Elementary(NamedTuple):
    function: Callable[[Any], Any]
    exact: Series
    radius: Radius
    points: tuple[float, ...]
    # Dividing the shorter factor of a recurrence first, and fused products, cost tan, atan, sin/(2 + cos) a few units.
    c: float
    # XLA writes some special functions out in thousands of operations, each time that a degree asks for one more.
    order: int = 16


# As many points in each: operations of one shape are compiled once.
ALL = (-5.0, -0.7, -1e-3, 1e-12, 1e-8, 0.3, 1.0, 6.5)
RIGHT = (1e-12, 1e-8, 1e-3, 0.3, 0.9, 2.5, 40.0, 1e6)
NOT_ZERO = (-1e6, -7.0, -0.3, -1e-3, 1e-8, 0.05, 1.7, 40.0)
INSIDE = (-0.999, -0.6, -1e-3, 0.0, 1e-12, 1e-8, 0.3, 0.96875)
OUTSIDE = (1.0009765625, 1.01, 1.5, 2.0, 3.7, 40.0, 1e3, 1e6)
# Where log1p(exp(−|x|)) is below the rounding of x, JAX's own rule for logaddexp, exp(x − out), has no digits left; the
# rule is honoured, its error with it.
UNSATURATED = (-4.0, -0.7, 0.0, 1e-12, 1e-3, 1.3, 2.5, 4.0)
LINE = (-30.0, -8.0, -0.7, 0.0, 1e-12, 1e-3, 1.3, 30.0)
UNIT = (1e-8, 1e-3, 0.1, 0.3, 0.5, 0.7, 0.9, 0.999)
TAIL = (-8.0, -2.5, -0.3, 1e-8, 0.7, 2.0, 5.0, 8.0)
BESSEL = (-30.0, -3.0, -0.5, 0.25, 1.0, 2.5, 8.0, 40.0)
# Between the kinks of |sin x|, floor, round, fmod and their kin.
OFF_KINKS = (-2.6, -1.3, -0.7, 0.3, 0.7, 1.2, 2.2, 2.6)

# Not a simple fraction, and the same in single precision.
EXPONENT = float(np.float32(np.pi))

strict, sine = radii.no_cancellation, radii.exponential_type(1)


def bessel(sigma: float) -> Radius:
    """I₁' = I₀ − I₁/x: entire, and divided by x on the way. exp(−x) I grows as exp(2z), exp(x) of it once more."""
    return radii.smallest(radii.zero, radii.exponential_type(sigma))


def sign(u: Any) -> int:
    return 1 if u[0] > 0 else -1


def asinh(u: Any) -> Any:
    return (u + (1 + u * u).sqrt()).log()


def tanh(u: Any) -> Any:
    return 1 - 2 / ((2 * u).exp() + 1)


def softplus(u: Any) -> Any:
    return (1 + u.exp()).log()


def sinc(u: Any) -> Any:
    return (arb.pi() * u).sin() / (arb.pi() * u)


ARITHMETIC = {
    "add": Elementary(lambda x: x + jnp.sin(x), lambda u: u + u.sin(), sine, ALL, 2),
    "sub": Elementary(lambda x: jnp.cos(x) - x, lambda u: u.cos() - u, sine, ALL, 4),
    "mul": Elementary(lambda x: x * jnp.sin(x), lambda u: u * u.sin(), sine, ALL, 8),
    "div": Elementary(
        lambda x: jnp.sin(x) / (2 + jnp.cos(x)), lambda u: u.sin() / (2 + u.cos()), radii.cosine_is_minus_two, ALL, 20
    ),
    "runge": Elementary(lambda x: 1 / (1 + x**2), lambda u: 1 / (1 + u * u), radii.imaginary_units, ALL, 128),
    "reciprocal": Elementary(lambda x: 1 / x, lambda u: 1 / u, radii.zero, NOT_ZERO, 32),
    "neg": Elementary(lambda x: -jnp.exp(-x), lambda u: -(-u).exp(), strict, ALL, 16),
    "square": Elementary(lax.square, lambda u: u * u, strict, NOT_ZERO, 2),
    "abs": Elementary(lambda x: jnp.abs(jnp.sin(x)), lambda u: u.sin() * sign(u.sin()), strict, OFF_KINKS, 16),
    "sign": Elementary(lambda x: jnp.sign(jnp.sin(x)), lambda u: exact.constant(sign(u))(u), strict, OFF_KINKS, 1),
    "floor": Elementary(
        lambda x: jnp.floor(2 * x), lambda u: exact.constant(float((2 * u[0]).floor()))(u), strict, OFF_KINKS, 1
    ),
    "ceil": Elementary(
        lambda x: jnp.ceil(2 * x), lambda u: exact.constant(float((2 * u[0]).ceil()))(u), strict, OFF_KINKS, 1
    ),
    "round": Elementary(
        jnp.round, lambda u: exact.constant(float((u[0] + arb("0.5")).floor()))(u), strict, OFF_KINKS, 1
    ),
    "fmod": Elementary(
        lambda x: jnp.fmod(x, 0.5) * x, lambda u: u * (u - sign(u) * (abs(u[0]) * 2).floor() / 2), strict, OFF_KINKS, 2
    ),
    "remainder": Elementary(
        lambda x: jnp.remainder(x, 0.5) * x, lambda u: u * (u - (u[0] * 2).floor() / 2), strict, OFF_KINKS, 2
    ),
    "max": Elementary(
        lambda x: jnp.maximum(jnp.sin(x), 0.25 * x),
        lambda u: u.sin() if u.sin()[0] > u[0] / 4 else u / 4,
        strict,
        OFF_KINKS,
        16,
    ),
    "min": Elementary(
        lambda x: jnp.minimum(jnp.sin(x), 0.25 * x),
        lambda u: u.sin() if u.sin()[0] < u[0] / 4 else u / 4,
        strict,
        OFF_KINKS,
        8,
    ),
    "clamp": Elementary(
        lambda x: jnp.exp(lax.clamp(-1.0, x, 1.0)),
        lambda u: u.exp() if abs(u[0]) < 1 else exact.constant(sign(u))(u).exp(),
        strict,
        OFF_KINKS,
        16,
    ),
    "where": Elementary(
        lambda x: jnp.where(x > 0, jnp.sqrt(jnp.where(x > 0, x, 1.0)), jnp.exp(x)),
        lambda u: u.sqrt() if u[0] > 0 else u.exp(),
        radii.zero,
        OFF_KINKS,
        2,
    ),
}

POWERS = {
    "integer_pow 3": Elementary(lambda x: x**3, lambda u: u**3, strict, NOT_ZERO, 4),
    "integer_pow 7": Elementary(lambda x: x**7, lambda u: u**7, strict, NOT_ZERO, 8),
    "integer_pow -1": Elementary(lambda x: x**-1, lambda u: 1 / u, radii.zero, NOT_ZERO, 32),
    "integer_pow -3": Elementary(lambda x: x**-3, lambda u: 1 / u**3, radii.zero, NOT_ZERO, 32),
    "x ** 3.0": Elementary(
        lambda x: lax.pow(x, jnp.asarray(3.0, x.dtype)), lambda u: u**3, strict, (-2.0, -1e-3, 0.0, 1e-8, 3.7), 2
    ),
    "x ** 2.0": Elementary(
        lambda x: lax.pow(x, jnp.asarray(2.0, x.dtype)), lambda u: u**2, strict, (-2.0, -1e-3, 0.0, 1e-8, 3.7), 2
    ),
    "x ** -2.0": Elementary(
        lambda x: lax.pow(x, jnp.asarray(-2.0, x.dtype)), lambda u: 1 / u**2, radii.zero, (-2.0, -1e-3, 1e-8, 3.7), 64
    ),
    "x ** 0.5": Elementary(lambda x: x**0.5, lambda u: u.sqrt(), radii.zero, RIGHT, 2),
    "x ** pi": Elementary(lambda x: x**EXPONENT, lambda u: power(u, EXPONENT), radii.zero, RIGHT, 8),
    "x ** -2.5": Elementary(lambda x: x**-2.5, lambda u: power(u, -2.5), radii.zero, RIGHT, 32),
    "x ** x": Elementary(
        lambda x: x**x,
        lambda u: (u * u.log()).exp(),
        radii.smallest(radii.zero, radii.entire(lambda x: 1 + abs(float(np.log(x))))),
        (1e-8, 1e-3, 0.3, 0.9, 1.5, 2.5, 7.0, 20.0),
        8,
    ),
    "2.5 ** x": Elementary(lambda x: 2.5**x, lambda u: (arb(2.5).log() * u).exp(), strict, LINE, 32),
    "sqrt": Elementary(jnp.sqrt, lambda u: u.sqrt(), radii.zero, RIGHT, 2),
    "rsqrt": Elementary(lax.rsqrt, lambda u: 1 / u.sqrt(), radii.zero, RIGHT, 4),
    "cbrt": Elementary(
        jnp.cbrt, flipped(lambda u: (u.log() / 3).exp(), -1), radii.zero, (-1e6, -0.3, 1e-8, 0.05, 2.0), 4
    ),
    "hypot": Elementary(
        lambda x: jnp.hypot(x, 3.0),
        lambda u: (u * u + 9).sqrt(),
        lambda x, k: min(abs(complex(x, 3)), abs(x) if abs(x) > 3 else np.inf),
        ALL,
        8,
    ),
}

EXPONENTIALS = {
    "exp": Elementary(jnp.exp, lambda u: u.exp(), strict, LINE, 16),
    "exp2": Elementary(jnp.exp2, lambda u: (arb(2).log() * u).exp(), strict, LINE, 64),
    "expm1": Elementary(jnp.expm1, lambda u: u.exp() - 1, strict, LINE, 16),
    "log": Elementary(jnp.log, lambda u: u.log(), radii.zero, RIGHT, 4),
    "log2": Elementary(jnp.log2, lambda u: u.log() / arb(2).log(), radii.zero, RIGHT, 4),
    "log10": Elementary(jnp.log10, lambda u: u.log() / arb(10).log(), radii.zero, RIGHT, 4),
    "log1p": Elementary(
        jnp.log1p,
        lambda u: (1 + u).log(),
        radii.singular_at(-1),
        (-0.999, -0.5, -1e-8, 0.0, 1e-12, 1e-3, 2.0, 1e6),
        4,
    ),
    "logistic": Elementary(jax.nn.sigmoid, lambda u: 1 / (1 + (-u).exp()), radii.pi_i, LINE, 32),
    "log_sigmoid": Elementary(jax.nn.log_sigmoid, lambda u: -softplus(-u), radii.pi_i, UNSATURATED, 32),
    "softplus": Elementary(jax.nn.softplus, softplus, radii.pi_i, UNSATURATED, 32),
    "logaddexp": Elementary(
        lambda x: jnp.logaddexp(x, 1.0),
        lambda u: softplus(u - 1) + 1,
        radii.singular_at(1 + 1j * np.pi),
        UNSATURATED,
        32,
    ),
    "xlogy": Elementary(lambda x: special.xlogy(x, x), lambda u: u * u.log(), radii.zero, RIGHT, 4),
    "xlog1py": Elementary(
        lambda x: special.xlog1py(x, x), lambda u: u * (1 + u).log(), radii.singular_at(-1), RIGHT, 8
    ),
}

CIRCULAR = {
    "sin": Elementary(jnp.sin, lambda u: u.sin(), strict, LINE, 16),
    "cos": Elementary(jnp.cos, lambda u: u.cos(), strict, LINE, 16),
    "tan": Elementary(jnp.tan, lambda u: u.tan(), radii.tangent, (-30.0, -1.5, -0.7, 0.0, 1e-12, 1e-3, 1.3, 8.0), 20),
    "asin": Elementary(jnp.arcsin, lambda u: u.asin(), radii.units, INSIDE, 4),
    "acos": Elementary(jnp.arccos, lambda u: u.acos(), radii.units, INSIDE, 4),
    "atan": Elementary(jnp.arctan, lambda u: u.atan(), radii.imaginary_units, ALL, 8),
    "atan2 above": Elementary(
        lambda x: jnp.arctan2(x, 2.0), lambda u: exact.atan2(u, 0 * u + 2), radii.singular_at(2j), ALL, 4
    ),
    "atan2 below": Elementary(
        lambda x: jnp.arctan2(-2.0, x), lambda u: exact.atan2(0 * u - 2, u), radii.singular_at(2j), ALL, 8
    ),
    "sinc": Elementary(
        jnp.sinc,
        sinc,
        radii.smallest(radii.zero, radii.exponential_type(float(np.pi))),
        (-4.3, -0.3, -1e-3, 0.01, 0.5, 1.25, 2.6, 6.4),
        64,
    ),
    "sinh": Elementary(jnp.sinh, lambda u: (u.exp() - (-u).exp()) / 2, strict, LINE, 64),
    "cosh": Elementary(jnp.cosh, lambda u: (u.exp() + (-u).exp()) / 2, strict, LINE, 64),
    "tanh": Elementary(jnp.tanh, tanh, radii.half_pi_i, (-20.0, -5.0, -0.7, 0.0, 1e-12, 1e-8, 1e-3, 2.0), 32),
    "asinh": Elementary(jnp.arcsinh, flipped(asinh, -1), radii.imaginary_units, ALL, 4),
    "acosh": Elementary(jnp.arccosh, lambda u: (u + (u * u - 1).sqrt()).log(), radii.units, OUTSIDE, 4),
    "atanh": Elementary(jnp.arctanh, lambda u: ((1 + u) / (1 - u)).log() / 2, radii.units, INSIDE, 8),
}

SPECIAL = {
    "erf": Elementary(special.erf, lambda u: u.erf(), radii.gaussian, TAIL, 8),
    "erfc": Elementary(special.erfc, lambda u: u.erfc(), radii.gaussian, TAIL, 8),
    "erf_inv": Elementary(special.erfinv, exact.inverse_erf, radii.units, INSIDE, 32),
    "lgamma": Elementary(
        special.gammaln, lambda u: u.lgamma(), radii.gamma_poles, (1e-8, 1e-3, 0.3, 0.9, 1.5, 2.5, 7.0, 40.0), 512
    ),
    "digamma": Elementary(
        special.digamma, exact.digamma, radii.gamma_poles, (1e-8, 1e-3, 0.3, 0.9, 1.2, 2.5, 7.0, 40.0), 128
    ),
    "polygamma": Elementary(
        lambda x: special.polygamma(2, x),
        exact.polygamma(2),
        radii.gamma_poles,
        (1e-8, 1e-3, 0.3, 0.9, 1.2, 2.5, 7.0, 40.0),
        128,
    ),
    "zeta": Elementary(
        lambda x: special.zeta(3.0, x),
        exact.hurwitz_zeta(3),
        radii.gamma_poles,
        (1e-8, 1e-3, 0.3, 0.9, 1.2, 2.5, 7.0, 40.0),
        8,
        1,
    ),
    "i0": Elementary(special.i0, flipped(exact.bessel_i(0), 1), bessel(3), BESSEL, 16, 8),
    "i1": Elementary(special.i1, flipped(exact.bessel_i(1), -1), bessel(3), BESSEL, 64, 8),
    "i0e": Elementary(special.i0e, flipped(lambda u: (-u).exp() * exact.bessel_i(0)(u), 1), bessel(2), BESSEL, 32, 8),
    "i1e": Elementary(special.i1e, flipped(lambda u: (-u).exp() * exact.bessel_i(1)(u), -1), bessel(2), BESSEL, 64, 8),
    "igamma": Elementary(
        lambda x: special.gammainc(2.5, x), exact.gamma_lower(2.5), radii.zero, (1e-3, 0.3, 0.9, 2.5, 7.0, 12.0), 64
    ),
    "igammac": Elementary(
        lambda x: special.gammaincc(2.5, x),
        lambda u: 1 - exact.gamma_lower(2.5)(u),
        radii.zero,
        (1e-3, 0.3, 0.9, 2.5, 7.0, 12.0),
        32,
    ),
    "betainc": Elementary(
        lambda x: special.betainc(2.5, 3.5, x), exact.beta_lower(2.5, 3.5), radii.singular_at(0, 1), UNIT, 128
    ),
}

TABLE = ARITHMETIC | POWERS | EXPONENTIALS | CIRCULAR | SPECIAL
