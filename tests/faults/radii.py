"""`python -m tests.faults.radii`: the estimated radius of convergence over the true one, for 57 functions.

Functions with a singularity at a known distance, then entire ones, each at several points and orders 4 to 12. Prints
the share, or – where it is not determined. Fails where an estimate is too large.
"""

import argparse
import sys
from collections.abc import Callable
from math import inf, pi
from typing import Any

import numpy as np
from scipy import special as sp

from taylorkit import error

ORDERS = range(4, 13)
# The estimate may lie so far above the radius. It is no bound: erf(log x) reaches 1.08 at order 12.
ABOVE = 1.1

Case = tuple[Callable[[Any], Any], tuple[complex, ...], list[float]]


def atan(x: Any) -> Any:
    return 0.5j * (np.log(1 - 1j * x) - np.log(1 + 1j * x))


# The function, its singularities that may be nearest, and points.
SINGULAR: dict[str, Case] = {
    "log": (np.log, (0,), [0.3, 1, 5]),
    "sqrt": (np.sqrt, (0,), [0.3, 5]),
    "cube root": (lambda x: x ** (1 / 3), (0,), [1, 2]),
    "x^1.5": (lambda x: x**1.5, (0,), [1, 3]),
    "x^4.5": (lambda x: x**4.5, (0,), [1, 3]),
    "x^-5": (lambda x: x**-5, (0,), [1, 2]),
    "x log x": (lambda x: x * np.log(x), (0,), [1, 2]),
    "log log": (lambda x: np.log(np.log(x)), (0, 1), [2, 3]),
    "erf log": (lambda x: sp.erf(np.log(x)), (0,), [0.3, 1, 2, 5]),
    "exp(1/x)": (lambda x: np.exp(1 / x), (0,), [1, 2]),
    "exp(-1/x)": (lambda x: np.exp(-1 / x), (0,), [1, 2]),
    "Runge": (lambda x: 1 / (1 + x * x), (1j, -1j), [0, 0.3, 0.8, 3, -3]),
    "atan": (atan, (1j, -1j), [0, 0.5, 2]),
    "asinh": (lambda x: np.log(x + np.sqrt(x * x + 1)), (1j, -1j), [0, 1, 2]),
    "log(1 + x^2)": (lambda x: np.log(1 + x * x), (1j, -1j), [0, 1, 2]),
    "sqrt(1 + x^2)": (lambda x: np.sqrt(1 + x * x), (1j, -1j), [0, 1, 2]),
    "asin": (np.arcsin, (1, -1), [0, 0.5, -0.3]),
    "atanh": (np.arctanh, (1, -1), [0, 0.5]),
    "double pole": (lambda x: (1 - x) ** -2, (1,), [0, 0.5]),
    "triple pole": (lambda x: (1 - x) ** -3, (1,), [0, 0.5]),
    "exp x / (1 - x)": (lambda x: np.exp(x) / (1 - x), (1,), [0, 0.5]),
    "two poles": (lambda x: 1 / (1 - x) + 1 / (2 + x), (1, -2), [0, -1]),
    "four poles": (lambda x: 1 / (1 + x**4), tuple(np.exp(1j * pi * (1 + 2 * k) / 4) for k in range(4)), [0, 0.5, 1]),
    "poles beside the axis": (lambda x: 1 / ((x - 1) ** 2 + 0.04), (1 + 0.2j, 1 - 0.2j), [0, 0.5, 2]),
    "a pole and a log": (lambda x: 0.01 / (1 - x) + np.log(2 + x), (1, -2), [0, 0.3]),
    "sin x / (x - 2)": (lambda x: np.sin(x) / (x - 2), (2,), [0, 1]),
    "tan": (np.tan, (pi / 2, -pi / 2), [0, 0.3, 1]),
    "sec": (lambda x: 1 / np.cos(x), (pi / 2, -pi / 2), [0, 1]),
    "exp x tan x": (lambda x: np.exp(x) * np.tan(x), (pi / 2, -pi / 2), [0, 0.5]),
    "tanh": (np.tanh, (pi / 2 * 1j,), [0, 0.5, 1]),
    "logistic": (lambda x: 1 / (1 + np.exp(-x)), (pi * 1j,), [0, 1, 3]),
    "softplus": (lambda x: np.log(1 + np.exp(x)), (pi * 1j,), [0, 1, 3]),
    "x / (exp x - 1)": (lambda x: x / np.expm1(x), (2j * pi,), [1, 2]),
    "1 / (2 + cos x)": (lambda x: 1 / (2 + np.cos(x)), (pi + 1j * np.arccosh(2),), [2.5, 3]),
    "gamma": (sp.gamma, (0,), [0.5, 1, 2, 3, 4]),
    "log gamma": (sp.loggamma, (0,), [1, 2, 3, 10]),
    "digamma": (sp.digamma, (0,), [1, 3]),
    "dilogarithm": (lambda x: sp.spence(1 - x), (1,), [-1, 0, 0.5]),
    "Lambert W": (sp.lambertw, (-np.exp(-1),), [0.5, 1, 2]),
    "Bessel K0": (lambda x: sp.kv(0, x), (0,), [1, 3]),
    "Bessel Y0": (lambda x: sp.yv(0, x), (0,), [1, 3]),
    "exponential integral": (sp.exp1, (0,), [1, 3]),
}
# A pole of residue 1e-6 does not show in the first degrees, whatever is made of them.
WEAK: dict[str, Case] = {"1e-6 / (1 - x) + 1 / (3 - x)": (lambda x: 1e-6 / (1 - x) + 1 / (3 - x), (1,), [0])}
# Of an entire function any radius is a low estimate.
ENTIRE: dict[str, Case] = {
    "exp": (np.exp, (), [0, 0.3]),
    "sin": (np.sin, (), [0.3, 1]),
    "sin + cos": (lambda x: np.sin(x) + np.cos(x), (), [0.3, 1]),
    "sinh 10 x": (lambda x: np.sinh(10 * x), (), [0.3]),
    "x exp 2 x": (lambda x: x * np.exp(2 * x), (), [0.3]),
    "erf": (sp.erf, (), [0, 0.3, 1, 2]),
    "exp x^2": (lambda x: np.exp(x * x), (), [0.3, 1, 2]),
    "exp -x^2": (lambda x: np.exp(-x * x), (), [0.3, 1, 2]),
    "sin x^2": (lambda x: np.sin(x * x), (), [0.3, 1, 2]),
    "exp exp x": (lambda x: np.exp(np.exp(x)), (), [0, 0.3, 1]),
    "exp cos x": (lambda x: np.exp(np.cos(x)), (), [0.3, 1, 2]),
    "Bessel J0": (lambda x: sp.jv(0, x), (), [0.3, 1, 5]),
    "Airy": (lambda x: sp.airy(x)[0], (), [0.3, 1, 3]),
    "1 / gamma": (sp.rgamma, (), [0.5, 1, 3]),
}


def radius(case: Case, center: float) -> float:
    return float(min((abs(center - s) for s in case[1]), default=inf))


def coefficients(case: Case, center: float, order: int) -> np.ndarray:
    """By Cauchy's integral on the circle of half the radius, 64 points: relative errors below 1e-8 to order 20."""
    r = min(1.0, radius(case, center) / 2)
    values = case[0](center + r * np.exp(2j * pi * np.arange(64) / 64))
    return (np.fft.fft(values) / 64).real[: order + 1] / r ** np.arange(order + 1)


def shares(cases: dict[str, Case], order: int) -> dict[tuple[str, float], float]:
    """Of each function at each point the estimate over the radius; the estimate itself where that is infinite."""
    at = [(name, c) for name, case in cases.items() for c in case[2]]
    found = error.convergence_radius(np.stack([coefficients(cases[n], c, order) for n, c in at], axis=1), 1)
    true = [radius(cases[name], c) for name, c in at]
    return {key: float(e / r if r < inf else e) for key, e, r in zip(at, found, true, strict=True)}


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    bad = 0
    for title, cases in (("estimate / radius", SINGULAR), ("too weak to be seen", WEAK), ("estimate; ∞", ENTIRE)):
        table = [shares(cases, order) for order in ORDERS]
        print(f"{title:<30}     x  order {'     '.join(map(str, ORDERS))}")
        for name, c in table[0]:
            row = [column[name, c] for column in table]
            print(f"{name:<30} {c:5}      " + " ".join("  –  " if np.isnan(s) else f"{s:5.2f}" for s in row))
            bad += cases is SINGULAR and any(s > ABOVE for s in row)
    print(f"{len(SINGULAR) + len(WEAK) + len(ENTIRE)} functions: {bad} estimated at more than {ABOVE} of their radius")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
