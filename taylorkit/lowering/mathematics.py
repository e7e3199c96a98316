"""Functions of degree 0 as instructions: each primitive of JAX that a scalar program is made of is a row of a table.

Whole numbers are carried as real ones, which hold them exactly as far as a choice counts.
"""

from collections.abc import Callable, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.extend.core import Jaxpr, JaxprEqn, Literal

from taylorkit.trace import subjaxprs

if TYPE_CHECKING:
    from taylorkit.lowering.line import Line


class Missing(Exception):
    """A primitive without an instruction."""


# Instructions by the name of the primitive; those of FUNCTIONS where the machine has them.
REALS = frozenset("add sub mul div neg sqrt abs max min floor ceil".split())
COMPARISONS = frozenset("eq ne lt le gt ge".split())
TRUTHS = frozenset("and or xor not".split())
FUNCTIONS = frozenset(
    "log sin cos tan sinh cosh asin acos atan asinh acosh atanh exp2 expm1 log1p cbrt erf erfc pow atan2".split()
)
SAME = frozenset("copy copy_p broadcast_in_dim reshape squeeze optimization_barrier".split())
ROUTINES = FUNCTIONS | {"exp"}
# What is wanted of whole numbers; their arithmetic may wrap around, which that of real ones does not.
WHOLE = frozenset("convert_element_type select_n clamp max min".split())


def write(line: "Line", function: Callable[..., Any], arguments: Sequence[int], dtype: np.dtype) -> int:
    """The place of function(*arguments). Raises Missing where a primitive of it has no instruction."""
    kinds = {"real": dtype, "truth": np.dtype(bool)}
    shapes = [jax.ShapeDtypeStruct((), kinds[line.type(a)]) for a in arguments]
    closed = jax.make_jaxpr(function)(*shapes)
    return _run(line, closed.jaxpr, closed.consts, arguments, dtype)[0]


def _run(line: "Line", jaxpr: Jaxpr, constants: Sequence[Any], inputs: Sequence[int], dtype: np.dtype) -> list[int]:
    values = dict(zip(jaxpr.constvars, [_known(line, c) for c in constants], strict=True))
    values |= dict(zip(jaxpr.invars, inputs, strict=True))

    def read(atom: Any) -> int:
        return _known(line, atom.val) if isinstance(atom, Literal) else values[atom]

    for equation in jaxpr.eqns:
        found = _equation(line, equation, [read(a) for a in equation.invars], dtype)
        values |= dict(zip(equation.outvars, found, strict=True))
    return [read(atom) for atom in jaxpr.outvars]


def _known(line: "Line", value: Any) -> int:
    if isinstance(value, jax.core.Tracer) or np.size(value) != 1:
        raise Missing("an array")
    number = np.asarray(value).reshape(())
    if number.dtype == bool:
        return line.put("truth", bool(number), type="truth")
    return line.number(float(number))


def _equation(line: "Line", equation: JaxprEqn, inputs: list[int], dtype: np.dtype) -> list[int]:
    name, aval = equation.primitive.name, equation.outvars[0].aval
    inner = list(subjaxprs(equation))
    if len(inner) == 1 and name in INLINED:
        closed = next(v for v in equation.params.values() if getattr(v, "jaxpr", None) is not None)
        return _run(line, inner[0], closed.consts, inputs, dtype)
    if aval.size != 1 or any(a.aval.size != 1 for a in equation.invars):
        raise Missing(f"{name} of an array")
    _check_type(name, aval.dtype, dtype)
    return [_primitive(line, name, inputs, equation)]


INLINED = frozenset("jit pjit closed_call custom_jvp_call custom_vjp_call".split())


def _check_type(name: str, found: np.dtype, dtype: np.dtype) -> None:
    whole = jnp.issubdtype(found, jnp.integer) and name in WHOLE
    if not (found in (dtype, np.dtype(bool)) or whole):
        raise Missing(f"{name} of {found}")


def _primitive(line: "Line", name: str, inputs: list[int], equation: JaxprEqn) -> int:
    truth = any(line.type(i) == "truth" for i in inputs)
    if (name in REALS and not truth) or (name in FUNCTIONS and name in line.functions):
        return line.put(name, *inputs)
    if name in COMPARISONS and not truth:
        return line.put(name, *inputs, type="truth")
    if name in TRUTHS and truth:
        return line.put(name, *inputs, type="truth")
    if name in SAME:
        return inputs[0]
    if name in COMPOSED:
        return COMPOSED[name](line, inputs, {"dtype": equation.outvars[0].aval.dtype, **equation.params})
    raise Missing(name)


def choose(line: "Line", which: int, *cases: int) -> int:
    """cases[which], of a truth or of a whole number."""
    if line.type(which) == "truth":
        return line.put("select", which, cases[1], cases[0], type=line.type(cases[0]))
    chosen = cases[0]
    for place, case in enumerate(cases[1:], 1):
        here = line.put("eq", which, line.number(place), type="truth")
        chosen = line.put("select", here, case, chosen, type=line.type(case))
    return chosen


def _convert(line: "Line", inputs: list[int], params: dict[str, Any]) -> int:
    (source,), target = inputs, np.dtype(params["new_dtype"])
    if target.kind == "b" and line.type(source) != "truth":
        return line.put("ne", source, line.number(0.0), type="truth")
    if target.kind != "b" and line.type(source) == "truth":
        return line.put("select", source, line.number(1.0), line.number(0.0))
    return line.put("trunc", source) if target.kind in "iu" else source


def _whole_power(line: "Line", inputs: list[int], params: dict[str, Any]) -> int:
    exponent = params["y"]
    if exponent == 0:
        return line.number(1.0)
    power = _repeated(line, inputs[0], abs(exponent))
    return power if exponent > 0 else line.put("div", line.number(1.0), power)


def _repeated(line: "Line", base: int, exponent: int) -> int:
    if exponent == 1:
        return base
    half = _repeated(line, base, exponent // 2)
    square = line.put("mul", half, half)
    return line.put("mul", square, base) if exponent % 2 else square


def _sign(line: "Line", inputs: list[int], _: dict[str, Any]) -> int:
    (x,), zero = inputs, line.number(0.0)
    positive, negative = (line.put(c, x, zero, type="truth") for c in ("gt", "lt"))
    below = line.put("select", negative, line.number(-1.0), x)
    return line.put("select", positive, line.number(1.0), below)


def _logistic(line: "Line", inputs: list[int], params: dict[str, Any]) -> int:
    one = line.number(1.0)
    return line.put("div", one, line.put("add", one, _exp(line, [line.put("neg", inputs[0])], params)))


def _exp(line: "Line", inputs: list[int], params: dict[str, Any]) -> int:
    """2^n (1 + r + r² p(r)) with n the whole number next to x / log 2 and r = x − n log 2: 17 instructions where the
    processor scales by powers of 2, in half of the time of the C library's routine, which serves elsewhere."""
    if SCALE not in line.functions or params["dtype"] != np.float64:
        if "exp" not in line.functions:
            raise Missing("exp")
        return line.put("exp", inputs[0])
    put, number = line.put, line.number
    # Further out it is 0 or infinite; NaN passes both comparisons as it is.
    x = _bounded(line, inputs[0], 760.0)
    n = put("roundeven", put("mul", x, number(1.4426950408889634)))
    r = put("fma", n, number(-LOG_2[0]), x)
    r = put("fma", n, number(-LOG_2[1]), r)
    square = put("mul", r, r)
    return put(SCALE, put("add", number(1.0), put("fma", square, _polynomial(line, r, EXP), r)), n)


def _bounded(line: "Line", x: int, most: float) -> int:
    for sign, comparison in ((1, "gt"), (-1, "lt")):
        beyond = line.put(comparison, x, line.number(sign * most), type="truth")
        x = line.put("select", beyond, line.number(sign * most), x)
    return x


SCALE = "scalef"
# log 2 in two parts, the first with zeros enough at its end that n times it is exact.
LOG_2 = (float.fromhex("0x1.62e42fefa3800p-1"), float.fromhex("0x1.ef35793c76730p-45"))
# (eʳ − 1 − r) / r² on |r| ≤ log 2 / 2, the highest first: Chebyshev interpolation in 50 digits, to 2e-17 of eʳ.
EXP = (
    2.510038549551032e-08,
    2.7620088445409746e-07,
    2.7557268459997064e-06,
    2.4801521295954376e-05,
    1.9841269863053618e-04,
    1.3888888917213717e-03,
    8.333333333330062e-03,
    4.166666666662413e-02,
    0.16666666666666669,
    0.5,
)


def _tanh(line: "Line", inputs: list[int], params: dict[str, Any]) -> int:
    """x + x z P(z)/Q(z) with z = x² near 0, ±(1 − 2 t / (1 + t)) with t = exp(−2|x|) elsewhere: one exponential, which
    the derivative needs too, and one division. P, Q: Moshier, Cephes Mathematical Library, tanh.c, to 2.5e-16."""
    (x,), put, one = inputs, line.put, line.number(1.0)
    size, square, sign = put("abs", x), put("mul", x, x), _sign(line, inputs, {})
    t = _exp(line, [put("mul", line.number(-2.0), size)], params)
    small = put("lt", size, line.number(0.625), type="truth")
    numerator = put("select", small, put("mul", square, _polynomial(line, square, TANH_P)), t)
    denominator = put("select", small, _polynomial(line, square, TANH_Q), put("add", one, t))
    base = put("select", small, x, sign)
    factor = put("select", small, x, put("mul", line.number(-2.0), sign))
    return put("add", base, put("mul", factor, put("div", numerator, denominator)))


TANH_P = (-9.64399179425052238628e-1, -9.92877231001918586564e1, -1.61468768441708447952e3)
TANH_Q = (1.0, 1.12811678491632931402e2, 2.23548839060100448583e3, 4.84406305325125486048e3)


def _polynomial(line: "Line", x: int, coefficients: Sequence[float]) -> int:
    """By Horner's rule, the highest first."""
    first, *others = map(line.number, coefficients)
    return reduce(lambda value, c: line.put("add", line.put("mul", value, x), c), others, first)


def _finite(line: "Line", inputs: list[int], _: dict[str, Any]) -> int:
    return line.put("lt", line.put("abs", inputs[0]), line.number(float("inf")), type="truth")


def _clamp(line: "Line", inputs: list[int], _: dict[str, Any]) -> int:
    low, x, high = inputs
    return line.put("min", line.put("max", x, low), high)


def _round(line: "Line", inputs: list[int], params: dict[str, Any]) -> int:
    to_even = params["rounding_method"] == lax.RoundingMethod.TO_NEAREST_EVEN
    return line.put("roundeven" if to_even else "round", inputs[0])


COMPOSED: dict[str, Callable[["Line", list[int], dict[str, Any]], int]] = {
    "convert_element_type": _convert,
    "select_n": lambda line, inputs, _: choose(line, *inputs),
    "integer_pow": _whole_power,
    "square": lambda line, inputs, _: line.put("mul", inputs[0], inputs[0]),
    "rsqrt": lambda line, inputs, _: line.put("div", line.number(1.0), line.put("sqrt", inputs[0])),
    "sign": _sign,
    "exp": _exp,
    "logistic": _logistic,
    "tanh": _tanh,
    "is_finite": _finite,
    "clamp": _clamp,
    "round": _round,
    "add_any": lambda line, inputs, _: reduce(lambda a, b: line.put("add", a, b), inputs),
}
