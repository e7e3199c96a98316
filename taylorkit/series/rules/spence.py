"""Spence's function, ∫_1^x log(t) / (1 − t) dt, which JAX has by quotients of polynomials, piece by piece.

It is no function of JAX's own in a program but the `piecewise` that it is written with: known by its body.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.extend.core import JaxprEqn
from jax.scipy import special

from taylorkit import precision
from taylorkit.rewriting import equations
from taylorkit.series.algebra import Degree, Series, logarithm, quotient
from taylorkit.series.composition import either, whole
from taylorkit.series.registry import named
from taylorkit.series.rules.elementary import follows

# The first of the coefficients that JAX has it of.
TABLE = 4.65128586073990045278e-5
# Terms of the series below: 16 digits at x = 4, where each is 3/4 of the one before.
TERMS = 130


def is_spence(equation: JaxprEqn) -> bool:
    """Whether a call of JAX's `_piecewise` is that of spence: its body is the same, and what the body holds."""
    if equation.params.get("name") != "_piecewise":
        return False
    x = equation.invars[0].aval
    return str(x.dtype) in ("float32", "float64") and _written(equation) in _bodies(x.shape, str(x.dtype))


@cache
def _bodies(shape: tuple[int, ...], dtype: str) -> list[Any]:
    with precision.scope(np.dtype(dtype)):
        own = equations(jax.make_jaxpr(special.spence)(jax.ShapeDtypeStruct(shape, dtype)).jaxpr)
    return [_written(e) for e in own if e.params.get("name") == "_piecewise"][:1]


def _written(equation: JaxprEqn) -> Any:
    closed = equation.params["jaxpr"]
    return str(closed), [np.asarray(c).tolist() for c in closed.consts]


@named("_piecewise", "spence", fits=is_spence, operand=0)
def spence(outs: list[Series], u: Series, equation: JaxprEqn) -> list[Degree]:
    """v' = −log(u) / (u − 1): DLMF 25.12.2."""
    near = whole(u, coefficient, "log(x)/(x - 1)")
    far = quotient(logarithm(u), u - 1)
    slope = Series(either(lambda x: (x > 0.6) & (x < 4), u, near.part, far.part, "spence"))
    return [follows(slope * -1, u)]


def coefficient(j: int) -> Callable[[Any], Any]:
    """The j-th Taylor coefficient of log(x) / (x − 1) = ∫_0^1 dt / (1 + t (x − 1)), which is (−1/x)^j I_j.

    I_j = ∫_0^1 s^j ds / (x − s (x − 1)) by s = t x / (1 + t (x − 1)), so x I_j = (x − 1) I_{j+1} + 1/(j + 1): for
    x > 1/2 from the furthest first, where each step makes an error less.
    """

    def value(x: Any) -> Any:
        x = jnp.clip(x, 0.6, 4.0)

        def step(i: int, further: Any) -> Any:
            return ((x - 1) * further + 1 / (j + TERMS - i)) / x

        return (-1 / x) ** j * lax.fori_loop(0, TERMS, step, jnp.zeros_like(x))

    return value
