"""Functions whose high derivatives lose digits at some points, here as in JAX, and JAX's own derivatives of functions
within f, where those are wrong: preflight names them."""

from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
from jax.extend.core import Jaxpr, JaxprEqn, Literal

from taylorkit.differentiation.gradients import has_gradient, inexact
from taylorkit.differentiation.methods import Method
from taylorkit.inspection.narrow import arrays
from taylorkit.rewriting import equations, source_line, subjaxprs
from taylorkit.series.general import jvp_program
from taylorkit.series.ingredients import is_jax_own
from taylorkit.series.origins import name_of, origin
from taylorkit.series.rules.spence import TABLE, is_spence
from taylorkit.series.signatures import is_derived
from taylorkit.trace import Traced

LIMITS = {
    "_dawsn": "dawsn(x) loses digits of its derivatives for |x| above 5: half of them at order 4 and x = 12",
    "hyp1f1": "hyp1f1 has few digits in JAX where it cancels, at x far below 0, and so have its derivatives",
    "hyp2f1": "hyp2f1 has few digits in JAX where x is near 1, and so have its derivatives",
    "_sph_harm": "derivatives of sph_harm_y in its polar angle are wrong near the poles from order 2 on, and NaN there",
    "_wofz": "wofz loses digits of high derivatives near the real axis, all of them from order 6 and |x| = 8 on",
    "polygamma": "polygamma, the derivative of digamma, is wrong in JAX at negative numbers",
}
EQUAL = (
    "where {values} are equal to eight digits, derivatives from order 2 on are NaN, also of what is smooth there, as "
    "the sum of their logs or squares; beside it that loses digits: write it with {instead}"
)
LIMITS["eigh"] = EQUAL.format(values="eigenvalues", instead="slogdet or a trace")
LIMITS["svd"] = EQUAL.format(values="singular values", instead="det or a trace of aᵀa")
WITHIN = "f takes a derivative of {name} itself, by JAX's rule, whose further derivatives are wrong {where}"
DERIVED = {
    "sinc": ("sinc", "near 0"),
    "sici_jvp": ("sici", "near 0"),
    "bessel_jn": ("bessel_jn", "near 0, and lose digits elsewhere"),
}
BESSEL = ("bessel_i0e", "bessel_i1e")
SPENCE = "derivatives of spence lose digits from order 5 on, mapped or derived within f as it is here"

BOXCOX = (
    "expm1(c x)/x loses digits of derivatives in x near 0 (boxcox and boxcox1p in λ), and what stands for it at 0 does "
    "not have its derivatives"
)
OTHERWISE = "{found}: method = {method!r} takes JAX's; series is right"

PADDED = (
    "XLA computes cumsum of one number that is padded alike on both sides wrongly, as if the number came first: "
    "write jnp.concatenate instead of pad"
)


def warnings(traced: Traced) -> Iterator[str]:
    """A sentence for each of them in f."""
    yield from dict.fromkeys(_of_equations(traced))
    yield from _of_bessel_functions(traced.jaxpr.jaxpr)
    yield from dict.fromkeys([*_padded_sums(traced.jaxpr.jaxpr), *_of_gradient(traced)])
    if any(array.shape == (8,) and array[0] == TABLE for array, _ in arrays(traced.jaxpr)) and not any(
        map(is_spence, equations(traced.jaxpr.jaxpr))
    ):
        yield SPENCE


def _of_equations(traced: Traced) -> Iterator[str]:
    for equation in equations(traced.jaxpr.jaxpr):
        if words := LIMITS.get(name_of(equation) or equation.primitive.name) or _derived(equation):
            yield _placed(words, equation)
    yield from _vanishing_quotients(traced.jaxpr.jaxpr)


def by_method(traced: Traced, method: Method | None) -> Iterator[str]:
    """A sentence where series is right and this method, which takes JAX's derivatives, is not everywhere."""
    if method is not None and method.name != "series" and (found := inexact(traced)):
        yield OTHERWISE.format(found=found, method=method.name)


def _vanishing_quotients(jaxpr: Jaxpr) -> Iterator[str]:
    """expm1(c x)/x: of 0 and 0 at x = 0."""
    made = {var: e for e in jaxpr.eqns for var in e.outvars}
    for equation in jaxpr.eqns:
        if equation.primitive.name == "div":
            above, below = equation.invars
            if below in _factors(above, made):
                yield _placed(BOXCOX, equation)
        for inner in subjaxprs(equation):
            yield from _vanishing_quotients(inner)


def _factors(atom: Any, made: dict[Any, JaxprEqn]) -> list[Any]:
    """u of expm1(u), with its factors where it is a product."""
    inner = _operands(atom, made, "expm1")
    return [*inner, *(f for u in inner for f in _operands(u, made, "mul"))]


def _operands(atom: Any, made: dict[Any, JaxprEqn], name: str) -> list[Any]:
    equation = None if isinstance(atom, Literal) else made.get(atom)
    return list(equation.invars) if equation is not None and equation.primitive.name == name else []


def _derived(equation: JaxprEqn) -> str | None:
    """Of a call that JAX made from a function by a derivative."""
    found = DERIVED.get(origin(equation) or "")
    return WITHIN.format(name=found[0], where=found[1]) if found and is_derived(equation) else None


def _of_bessel_functions(jaxpr: Jaxpr) -> Iterator[str]:
    """The derivative of I_n(u) e^−|u| holds the sign of u."""
    signs = {e.invars[0] for e in jaxpr.eqns if e.primitive.name == "sign"}
    for equation in jaxpr.eqns:
        if equation.primitive.name in BESSEL and equation.invars[0] in signs:
            yield _placed(WITHIN.format(name="a Bessel function I0 or I1", where="near 0"), equation)
        for inner in subjaxprs(equation):
            yield from _of_bessel_functions(inner)


def _padded_sums(jaxpr: Jaxpr) -> Iterator[str]:
    """Running sums that XLA gets wrong, in whatever program they stand."""
    made = {var: e for e in jaxpr.eqns for var in e.outvars}
    for equation in jaxpr.eqns:
        pad = made.get(equation.invars[0]) if equation.primitive.name == "cumsum" else None
        while pad is not None and pad.primitive.name == "slice" and pad.invars[0].aval == pad.outvars[0].aval:
            pad = made.get(pad.invars[0])
        if pad is not None and pad.primitive.name == "pad":
            axis = equation.params["axis"]
            low, high, _ = pad.params["padding_config"][axis]
            if low == high > 0 and pad.invars[0].aval.shape[axis] == 1:
                yield _placed(PADDED, equation)
        for inner in subjaxprs(equation):
            yield from _padded_sums(inner)


def _of_gradient(traced: Traced) -> Iterator[str]:
    """The same in the gradient that `nested` and `reverse` begin with, where a rule of the user's has such a sum."""
    own = (e for e in equations(traced.jaxpr.jaxpr) if e.primitive.name == "custom_jvp_call")
    rules = [_rule(traced, e) for e in own if not is_jax_own(e.params["jvp_jaxpr_fun"])]
    summed = any(e.primitive.name == "cumsum" for rule in rules if rule for e in equations(rule))
    if summed and traced.shape == () and has_gradient(traced):
        with traced.scope():
            point = jax.ShapeDtypeStruct((traced.variables,), traced.dtype)
            program = jax.make_jaxpr(jax.grad(traced.replay))(point)
        yield from _padded_sums(program.jaxpr)


def _rule(traced: Traced, equation: JaxprEqn) -> Jaxpr | None:
    floats = [jnp.issubdtype(a.aval.dtype, jnp.inexact) for a in equation.invars]
    try:
        with traced.scope():
            return jvp_program(equation, floats).jaxpr
    except Exception:  # what it cannot do is said elsewhere
        return None


def _placed(words: str, equation: JaxprEqn) -> str:
    return f"{words} ({source_line(equation) or 'a line that JAX does not tell'})"
