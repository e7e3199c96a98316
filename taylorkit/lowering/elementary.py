"""Exponentials and circular functions of our own, in double precision: few instructions, and no call between them.

In single precision the C library's vector routines serve, and on a GPU its own.
"""

from collections.abc import Callable, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from taylorkit.lowering.line import Line

# Beside its routines a machine may show the bits of its numbers: what stands here is made of them.
BITS = "bits"


class Missing(Exception):
    """A primitive without an instruction."""


def routine(line: "Line", name: str, x: int) -> int:
    """The C library's. Raises Missing where it has none."""
    if name not in line.functions:
        raise Missing(name)
    return line.put(name, x)


def exp(line: "Line", inputs: list[int], params: dict[str, Any]) -> int:
    """2^n (1 + p) by the parts of x: 17 instructions, in half of the time of the C library's routine."""
    if not ours(line, params):
        return routine(line, "exp", inputs[0])
    n, p = _parts(line, inputs[0])
    return line.put("scale", line.put("add", line.number(1.0), p), n)


def ours(line: "Line", params: dict[str, Any]) -> bool:
    return BITS in line.functions and params["dtype"] == np.float64


def _parts(line: "Line", x: int) -> tuple[int, int]:
    """n, the whole number next to x / log 2, and p = eʳ − 1 = r + r² q(r) of the rest r = x − n log 2."""
    put, number = line.put, line.number
    # Further out it is 0 or infinite; NaN passes both comparisons as it is.
    x = _bounded(line, x, 760.0)
    n = put("roundeven", put("mul", x, number(1.4426950408889634)))
    r = put("fma", n, number(-LOG_2[0]), x)
    r = put("fma", n, number(-LOG_2[1]), r)
    return n, put("fma", put("mul", r, r), _polynomial(line, r, EXP), r)


def _bounded(line: "Line", x: int, most: float) -> int:
    for sign, comparison in ((1, "gt"), (-1, "lt")):
        beyond = line.put(comparison, x, line.number(sign * most), type="truth")
        x = line.put("select", beyond, line.number(sign * most), x)
    return x


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


def circular(name: str) -> Callable[["Line", list[int], dict[str, Any]], int]:
    """sin or cos: |x| = n π/2 + r with |r| ≤ π/4, and n says which of sin r, cos r it is, and with which sign.

    The first step of the reduction is exact, the third leaves 1e-49 n. n is read from the last bits of
    |x| 2/π + 1.5 2⁵², whose unit in the last place is 1. Sine and cosine of one x share all but the last choice. Beyond
    FAR the C library computes, under a branch that is hardly ever taken.
    """

    def write(line: "Line", inputs: list[int], params: dict[str, Any]) -> int:
        if not ours(line, params) or name not in line.functions:
            return routine(line, name, inputs[0])
        (x,), put, number = inputs, line.put, line.number
        size = put("abs", x)  # −0 would lose its sign on the way
        whole = put("fma", size, number(0.6366197723675814), number(1.5 * 2.0**52))
        n = put("sub", whole, number(1.5 * 2.0**52))
        r = reduce(lambda rest, part: put("fma", n, number(-part), rest), HALF_PI, size)
        z = put("mul", r, r)
        sine = put("fma", put("mul", r, z), _polynomial(line, z, SIN), r)
        cosine = put("fma", z, put("fma", z, _polynomial(line, z, COS), number(-0.5)), number(1.0))
        odd = put("odd", whole, type="truth")
        near = put("select", odd, *((cosine, sine) if name == "sin" else (sine, cosine)))
        # cos x = sin(x + π/2): one quarter further on.
        turned = put("flip", near, whole if name == "sin" else put("add", whole, number(1.0)))
        return put(f"beyond_{name}", x, put("signed", turned, x) if name == "sin" else turned)

    return write


# As far as x 2/π is within a millionth of n and n has bits to spare.
FAR = 2.0**30
HALF_PI = tuple(map(float.fromhex, ("0x1.921fb54442d18p+0", "0x1.1a62633145c06p-54", "0x1.c1cd129024e09p-107")))
# (sin r / r − 1) / z and ((cos r − 1) / z + 1/2) / z for z = r² ≤ (π/4)², the highest first: Chebyshev interpolation in
# 60 digits, to 1.4e-17 of sin r and 7e-19 of cos r.
SIN = (
    1.591810123027412e-10,
    -2.5051131455427946e-08,
    2.755731610068303e-06,
    -0.0001984126983675497,
    0.008333333333330946,
    -0.16666666666666666,
)
COS = (
    -1.1382614868556325e-11,
    2.0876146024689747e-09,
    -2.7557317270560326e-07,
    2.4801587298763433e-05,
    -0.0013888888888887395,
    0.041666666666666664,
)


def logistic(line: "Line", inputs: list[int], params: dict[str, Any]) -> int:
    one = line.number(1.0)
    return line.put("div", one, line.put("add", one, exp(line, [line.put("neg", inputs[0])], params)))


def tanh(line: "Line", inputs: list[int], params: dict[str, Any]) -> int:
    """−m / (1 + t) with the sign of x, t = exp(−2|x|), m = t − 1 = (2^n − 1) + 2^n p: no digits are lost, near 0 nor
    elsewhere, and the derivative takes the same t and 1 / (1 + t)."""
    if not ours(line, params):
        return routine(line, "tanh", inputs[0])
    (x,), put, one = inputs, line.put, line.number(1.0)
    double = put("mul", line.number(-2.0), put("abs", x))
    n, p = _parts(line, double)
    power = put("scale", one, n)
    m = put("fma", power, p, put("sub", power, one))
    share = put("div", one, put("add", one, exp(line, [double], params)))
    return put("copysign", put("mul", m, share), x)


def _polynomial(line: "Line", x: int, coefficients: Sequence[float]) -> int:
    """By Horner's rule, the highest first."""
    first, *others = map(line.number, coefficients)
    return reduce(lambda value, c: line.put("add", line.put("mul", value, x), c), others, first)
