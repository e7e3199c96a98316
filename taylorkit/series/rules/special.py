"""Special functions whose derivatives in JAX are wrong at some points, or lose digits: rules of our own.

Formulas are those of the NIST Digital Library of Mathematical Functions (DLMF); β is its number.
"""

from collections.abc import Callable
from functools import partial, reduce
from itertools import accumulate
from math import comb, factorial, pi, sqrt
from operator import mul
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.extend.core import JaxprEqn, Literal
from jax.scipy import special

from taylorkit.rewriting import body, equations
from taylorkit.series.algebra import Degree, Series, add, call, exponential, integral, logarithm, quotient, scale
from taylorkit.series.composition import composed, either, of_powers, whole
from taylorkit.series.forms import known_number
from taylorkit.series.parts import Part
from taylorkit.series.registry import elementwise, named
from taylorkit.series.rules.elementary import follows
from taylorkit.series.sides import Sides
from taylorkit.series.signatures import entrywise, row

# Terms of a power series: within the radius where it is used the last is below 1e-20, its derivatives to order 20 too.
TERMS = 60


def sine_and_cosine(u: Series, sine_of_value: Callable[[], Part] | None = None) -> tuple[Series, Series]:
    """sin u and cos u; `sine_of_value` is sin u₀ where it is known better."""
    value = sine_of_value or (lambda: call(lax.sin, u.value))
    sine = Series(lambda k: value() if k == 0 else integral(u, cosine, k))
    cosine = Series(lambda k: call(lax.cos, u.value) if k == 0 else scale(-1, integral(u, sine, k)))
    return sine, cosine


def _sine_of_half_turns(u: Series) -> Callable[[], Part]:
    """sin πu₀, which is 0 at whole numbers, the poles of digamma."""

    def value(x: Any) -> Any:
        return jnp.where(x == jnp.round(x), 0, jnp.sin(pi * x))

    return lambda: call(value, u.value, name="sine of half turns")


@elementwise("digamma")
def digamma(v: Series, u: Series, **_: Any) -> Degree:
    """c_j = (−1)^{j+1} ζ(j + 1, u₀); below 0 by reflection, ψ(u) = ψ(1 − u) − π cot πu (DLMF 5.5.4)."""

    def coefficient(j: int) -> Callable[[Any], Any]:
        def value(x: Any) -> Any:
            turned = jnp.where(x > 0, 1.0, (-1.0) ** j).astype(x.dtype)
            return (-1) ** (j + 1) * turned * special.zeta(1.0 + j, jnp.where(x > 0, x, 1 - x))

        return value

    positive = composed(u, coefficient, "digamma")
    sine, cosine = sine_and_cosine(u * pi, _sine_of_half_turns(u))
    cotangent = quotient(cosine, sine) * -pi
    reflected = either(lambda x: x > 0, u, lambda k: None, cotangent.part, "reflected")
    return lambda k: add(positive(k), reflected(k))


# Σ (x²/4)^m / m!² and x/2 Σ (x²/4)^m / (m! (m + 1)!): DLMF 10.25.2.
I0 = [0.0 if m % 2 else 0.25 ** (m // 2) / factorial(m // 2) ** 2 for m in range(TERMS)]
I1 = [0.5 * 0.25 ** (m // 2) / factorial(m // 2) / factorial(m // 2 + 1) if m % 2 else 0.0 for m in range(TERMS)]


@elementwise("bessel_i0e")
def bessel_i0e(v: Series, u: Series, **_: Any) -> Degree:
    return _scaled_bessel(v, u, 0)


@elementwise("bessel_i1e")
def bessel_i1e(v: Series, u: Series, **_: Any) -> Degree:
    return _scaled_bessel(v, u, 1)


def _scaled_bessel(v: Series, u: Series, number: int) -> Degree:
    """e^{−|u|} I_n(u): of |u₀| < 2 by the power series of I_n; else with s the sign of u₀ (DLMF 10.29.2)

    v₀' = v₁ − s v₀,    v₁' = v₀ − s v₁ − v₁ / u.
    """
    near = _shrinking(u) * whole(u, of_powers((I0, I1)[number]), f"I{number}")
    sign = Series(lambda k: call(lax.sign, u.value), stop=0)
    pair = [v, v]

    def companion(k: int) -> Part | None:
        return call((lax.bessel_i0e, lax.bessel_i1e)[1 - number], u.value) if k == 0 else far[1 - number](k)

    pair[1 - number] = Series(companion)
    slopes = (lambda: pair[1] - sign * pair[0]), (lambda: pair[0] - sign * pair[1] - quotient(pair[1], u))
    made: dict[int, Series] = {}

    def above(place: int) -> Degree:
        return lambda k: integral(u, made.setdefault(place, slopes[place]()), k)

    far = [above(0), above(1)]
    return either(lambda x: abs(x) < 2, u, near.part, far[number], f"i{number}e")


@named("_i0", fits=entrywise())
def i0(outs: list[Series], u: Series, equation: JaxprEqn) -> list[Degree]:
    """v' = I₁, I₁' = v − I₁/u; of |u₀| < 2 by the power series."""
    first = Series(lambda k: call(special.i1, u.value) if k == 0 else integral(u, slope, k))
    slope = outs[0] - quotient(first, u)
    return [either(lambda x: abs(x) < 2, u, composed(u, of_powers(I0), "I0"), follows(first, u), "i0")]


def _shrinking(u: Series) -> Series:
    """e^{−|u|}, at 0 on the side that `sides` takes."""
    sides = Sides(u, Series.constant(u.value.number(0.0)))

    def degree(k: int) -> Part | None:
        if k == 0:
            return call(lambda x: -abs(x), u.value, name="minus modulus")
        part = u.part(k)
        return None if part is None else type(part).convolve([(-1.0, part, call(_one_sided, sides.at(k)))])

    return exponential(Series(degree))


def _one_sided(sign: Any) -> Any:
    return jnp.where(sign < 0, -1.0, 1.0).astype(sign.dtype)


# sin(x) / x.
CARDINAL = [0.0 if m % 2 else (-1.0) ** (m // 2) / factorial(m + 1) for m in range(TERMS)]


def cardinal_sine(u: Series) -> Series:
    """sin(u) / u, about 0 by its power series."""
    near, far = whole(u, of_powers(CARDINAL), "cardinal sine"), quotient(sine_and_cosine(u)[0], u)
    return Series(either(lambda x: abs(x) < pi, u, near.part, far.part, "cardinal sine"))


@named("sinc", fits=entrywise())
def sinc(outs: list[Series], u: Series, equation: JaxprEqn) -> list[Degree]:
    return [cardinal_sine(u * pi).part]


@named("fresnel", fits=entrywise(2))
def fresnel(outs: list[Series], u: Series, equation: JaxprEqn) -> list[Degree]:
    """S' = sin(π u²/2), C' = cos(π u²/2): DLMF 7.2.7."""
    return [follows(g, u) for g in sine_and_cosine(u * u * (pi / 2))]


@named("sici", fits=entrywise(2))
def sici(outs: list[Series], u: Series, equation: JaxprEqn) -> list[Degree]:
    """Si' = sin(u) / u, Ci' = cos(u) / u: DLMF 6.2.9."""
    return [follows(cardinal_sine(u), u), follows(quotient(sine_and_cosine(u)[1], u), u)]


@named("erfcx", "_erfcx", fits=entrywise())
def erfcx(outs: list[Series], u: Series, equation: JaxprEqn) -> list[Degree]:
    """v' = 2 u v − 2/√π; above 1, where that cancels, c_j = (−2)^j y_j as below."""
    slope = u * outs[0] * 2 - 2 / sqrt(pi)
    return [either(lambda x: x > 1, u, composed(u, scaled_integrals, "erfcx"), follows(slope, u), "erfcx")]


@named("log_ndtr", fits=entrywise())
def log_ndtr(outs: list[Series], u: Series, equation: JaxprEqn) -> list[Degree]:
    """v' = φ(u)/Φ(u) = exp(−u²/2 − v)/√2π; below −1.5, where its derivatives cancel, −u²/2 + log(erfcx(−u/√2)/2)."""
    mirrored = u * (-1 / sqrt(2))
    left = u * u * -0.5 + logarithm(whole(mirrored, scaled_integrals, "erfcx"))
    right = follows(exponential(u * u * -0.5 - outs[0]) * (1 / sqrt(2 * pi)), u)
    return [either(lambda x: x < -1.5, u, left.part, right, "log_ndtr")]


# Terms of the continued fraction: 16 digits at x = 1.
FRACTION = 160


def scaled_integrals(j: int) -> Callable[[Any], Any]:
    """x ↦ (−2)^j y_j for x ≥ 1: the j-th Taylor coefficient of erfcx, where y_n = exp(x²) iⁿerfc(x) (DLMF 7.18).

    y_{n−1} = 2 x y_n + 2 (n + 1) y_{n+1}, of which it is the solution that vanishes: ratios r_n = y_n / y_{n−1} from
    r_n = 1 / (2 x + 2 (n + 1) r_{n+1}), the furthest first, and y_{−1} = 2/√π.
    """

    def value(x: Any) -> Any:
        x = jnp.maximum(x, 1.0)

        def ratio(n: int, further: Any) -> Any:
            return 1 / (2 * x + 2 * (n + 1) * further)

        last = lax.fori_loop(0, FRACTION - j, lambda i, further: ratio(FRACTION - i, further), jnp.zeros_like(x))
        ratios = list(accumulate(range(j, -1, -1), lambda further, n: ratio(n, further), initial=last))[1:]
        return (-2) ** j * 2 / sqrt(pi) * reduce(mul, ratios)

    return value


@named("expn", fits=entrywise())
def expn(outs: list[Series], u: Series, equation: JaxprEqn) -> list[Degree] | None:
    """E_n' = −E_{n−1}, E_0 = e^{−u}/u (DLMF 8.19.13); of a whole n that the call shows."""
    number = _number_of(equation)
    if number is None or number < 0 or number != int(number):
        return None
    family = {0: quotient(exponential(-u), u)}

    def function(n: int) -> Series:
        def degree(k: int) -> Part | None:
            value = partial(special.expn, float(n))
            return call(value, u.value, name=("expn", n)) if k == 0 else scale(-1, integral(u, function(n - 1), k))

        return family.setdefault(n, Series(degree))

    return [function(int(number)).part]


def _number_of(equation: JaxprEqn) -> float | None:
    """n of a call of expn(n, x), whose body calls it once more with both."""
    closed = equation.params["call_jaxpr"]
    consts = dict(zip(closed.jaxpr.constvars, closed.consts, strict=True))
    for inner in closed.jaxpr.eqns:
        if len(inner.invars) == 2 and inner.params.get("name") == "expn":
            n = inner.invars[0]
            return known_number(n.val if isinstance(n, Literal) else consts.get(n, np.zeros(0)))
    return None


@named("bessel_jn", fits=row)
def bessel_jn(outs: list[Series], u: Series, equation: JaxprEqn) -> list[Degree]:
    """J_0 … J_v in a row, c_j = 2^{−j}/j! Σ_i (−1)^i C(j, i) J_{m−j+2i} (DLMF 10.6.7), of more functions of the row."""
    last = equation.outvars[0].aval.shape[0] - 1
    turns = max((e.params["length"] - 1 for e in equations(body(equation)) if e.primitive.name == "scan"), default=50)

    def coefficient(j: int) -> Callable[[Any], Any]:
        def value(x: Any) -> Any:
            row = special.bessel_jn(x[0], v=last + j, n_iter=turns + 2 * j)
            return jnp.stack([_mixed(row, m, j) for m in range(last + 1)])[None]

        return value

    return [composed(u, coefficient, "bessel_jn")]


def _mixed(row: Any, number: int, j: int) -> Any:
    total = 0.0
    for i in range(j + 1):
        n = number - j + 2 * i
        total = total + (-1) ** (i + min(n, 0)) * comb(j, i) * row[abs(n)]
    return total / (2**j * factorial(j))
