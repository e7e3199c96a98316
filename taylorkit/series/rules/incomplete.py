"""Incomplete gamma and beta functions in their last operand: v' is a product of powers (DLMF 8.8.13, 8.17.1).

The powers are written as powers, not by a logarithm, whose derivatives cancel near 0. Their numbers are computed with
all factors at once, which alone may be too large.
"""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from jax.extend.core import JaxprEqn
from jax.scipy.special import betaln, gammaln, xlog1py, xlogy

from taylorkit.series import kinds
from taylorkit.series.algebra import Degree, Series, add, call, convolve, knot, power_degrees, scale, times
from taylorkit.series.forms import Value, moves
from taylorkit.series.general import from_jvp
from taylorkit.series.parts import Part
from taylorkit.series.registry import Rule, whole
from taylorkit.series.rules.elementary import follows
from taylorkit.series.rules.powers import at_zero_of, number


@whole("igamma", "igammac")
def igamma(run: Any, equation: JaxprEqn, inputs: list[Value]) -> list[Value]:
    """±e^{−u} u^{a−1} / Γ(a)."""
    sign = {"igamma": 1, "igammac": -1}[equation.primitive.name]

    def degrees(v: Series, a: Series, u: Series, **_: Any) -> Degree:
        def value(a: Any, x: Any) -> Any:
            return jnp.exp(xlogy(a - 1, x) - jnp.where(x == 0, 0, x + gammaln(a)))

        def decay(a: Any, x: Any) -> Any:
            return jnp.where(x == 0, jnp.exp(-gammaln(a)), 1)

        falling = knot(lambda: call(decay, a.value, u.value, name="decay of igamma"), lambda w: follows(-w, u))
        return follows(_power(u, a, lambda: call(value, a.value, u.value, name="power of igamma")) * falling * sign, u)

    return _in_last(run, equation, inputs, degrees)


@whole("regularized_incomplete_beta")
def betainc(run: Any, equation: JaxprEqn, inputs: list[Value]) -> list[Value]:
    """u^{a−1} (1 − u)^{b−1} / B(a, b)."""

    def degrees(v: Series, a: Series, b: Series, u: Series, **_: Any) -> Degree:
        def left(a: Any, b: Any, x: Any) -> Any:
            return jnp.exp(
                xlogy(a - 1, x) + jnp.where(x == 0, 0, xlog1py(b - 1, jnp.where(x == 1, 0, -x)) - betaln(a, b))
            )

        def right(a: Any, b: Any, x: Any) -> Any:
            return jnp.where(x == 0, jnp.exp(-betaln(a, b)), jnp.where(x == 1, jnp.exp(xlogy(b - 1, 1 - x)), 1))

        rising = _power(u, a, lambda: call(left, a.value, b.value, u.value, name="left of betainc"))
        falling = _power(1 - u, b, lambda: call(right, a.value, b.value, u.value, name="right of betainc"))
        return follows(rising * falling, u)

    return _in_last(run, equation, inputs, degrees)


def _in_last(run: Any, equation: JaxprEqn, inputs: list[Value], degrees: Callable[..., Degree]) -> list[Value]:
    if any(map(moves, inputs[:-1])):
        return from_jvp(run, equation, inputs)
    return kinds.elementwise(run, equation, inputs, Rule("elementwise", degrees))


def _power(u: Series, a: Series, value: Callable[[], Part]) -> Series:
    """c u^{a−1}, where `value` is c u₀^{a−1}, and c = 1 where u₀ = 0."""
    r = number(a)
    return knot(value, lambda v: _by_exponent(v, u, a - 1) if r is None else _by_number(v, u, r - 1))


def _by_number(v: Series, u: Series, r: float) -> Degree:
    if r == 0:
        return lambda k: None
    regular = power_degrees(v, u, r)
    return regular if r < 0 else at_zero_of(u, r, regular)


def _by_exponent(v: Series, u: Series, y: Series) -> Degree:
    """k u₀ v_k = y Σ_j j u_j v_{k−j} − Σ_j (k−j) u_j v_{k−j}: for the y of each entry."""
    inverse = call(lambda x: 1 / x, u.value, name="reciprocal")

    def degree(k: int) -> Part | None:
        raised = times(convolve(u.euler, v, k, 1), y.value)
        lowered = convolve(u, v, k, 1, weight=lambda j: j - k)
        return times(scale(1 / k, add(raised, lowered)), inverse)

    return degree
