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

from taylorkit.lowering import elementary
from taylorkit.lowering.elementary import Missing
from taylorkit.trace import subjaxprs

if TYPE_CHECKING:
    from taylorkit.lowering.line import Line


# Instructions by the name of the primitive; those of FUNCTIONS where the machine has them.
REALS = frozenset("add sub mul div neg sqrt abs max min floor ceil".split())
COMPARISONS = frozenset("eq ne lt le gt ge".split())
TRUTHS = frozenset("and or xor not".split())
FUNCTIONS = frozenset(
    "log tan sinh cosh asin acos atan asinh acosh atanh exp2 expm1 log1p cbrt erf erfc pow atan2".split()
)
SAME = frozenset("copy copy_p broadcast_in_dim reshape squeeze optimization_barrier".split())
ROUTINES = FUNCTIONS | {"exp", "sin", "cos", "tanh"}
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
    "exp": elementary.exp,
    "logistic": elementary.logistic,
    "tanh": elementary.tanh,
    "sin": elementary.circular("sin"),
    "cos": elementary.circular("cos"),
    "is_finite": _finite,
    "clamp": _clamp,
    "round": _round,
    "add_any": lambda line, inputs, _: reduce(lambda a, b: line.put("add", a, b), inputs),
}
