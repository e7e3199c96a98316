"""Functions whose high derivatives lose digits at some points, here as in JAX, and JAX's own derivatives of functions
within f, where those are wrong: preflight names them."""

from collections.abc import Iterator

from jax.extend.core import Jaxpr, JaxprEqn

from taylorkit.inspection.narrow import arrays
from taylorkit.rewriting import equations, source_line, subjaxprs
from taylorkit.series.origins import name_of, origin
from taylorkit.series.rules.spence import TABLE, is_spence
from taylorkit.series.signatures import is_derived
from taylorkit.trace import Traced

LIMITS = {
    "_dawsn": "dawsn(x) loses digits of its derivatives for |x| above 5: half of them at order 4 and x = 12",
    "regularized_incomplete_beta": "betainc loses digits of high derivatives near 0 and 1: at order 6, 0.01 it keeps 7",
    "polygamma": "polygamma, the derivative of digamma, is wrong in JAX at negative numbers",
}
WITHIN = "f takes a derivative of {name} itself, by JAX's rule, whose further derivatives are wrong {where}"
DERIVED = {
    "sinc": ("sinc", "near 0"),
    "sici_jvp": ("sici", "near 0"),
    "bessel_jn": ("bessel_jn", "near 0, and lose digits elsewhere"),
}
BESSEL = ("bessel_i0e", "bessel_i1e")
SPENCE = "derivatives of spence lose digits from order 5 on, mapped or derived within f as it is here"


def warnings(traced: Traced) -> Iterator[str]:
    """A sentence for each of them in f."""
    for equation in equations(traced.jaxpr.jaxpr):
        if words := LIMITS.get(name_of(equation) or equation.primitive.name) or _derived(equation):
            yield _placed(words, equation)
    yield from _of_bessel_functions(traced.jaxpr.jaxpr)
    if any(array.shape == (8,) and array[0] == TABLE for array, _ in arrays(traced.jaxpr)) and not any(
        map(is_spence, equations(traced.jaxpr.jaxpr))
    ):
        yield SPENCE


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


def _placed(words: str, equation: JaxprEqn) -> str:
    return f"{words} ({source_line(equation) or 'a line that JAX does not tell'})"
