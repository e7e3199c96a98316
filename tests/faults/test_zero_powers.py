"""Powers of a base that vanishes: derivatives that exist, and the limits of those that do not."""

import itertools
import json
from collections.abc import Callable
from functools import cache
from math import inf, nan
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

import taylorkit as tk
from taylorkit.lowering import machine

METHODS = ["series:xla", *(["series:llvm"] if machine.target() else [])]
# Two computations in double precision of some ten operations.
ROUNDING = 1e-13
CASES: dict[str, tuple[Callable[[Any], Any], float, list[float]]] = {
    "x^2.5": (lambda x: x**2.5, 0.0, [0, 0, 0, inf, -inf, inf]),
    "x^0.3": (lambda x: x**0.3, 0.0, [0, inf, -inf, inf, -inf, inf]),
    "x^3.0": (lambda x: x**3.0, 0.0, [0, 0, 0, 6, 0, 0]),
    "x^3.0 of a negative base": (lambda x: x**3.0, -2.0, [-8, 12, -12, 6, 0, 0]),
    "x^0": (lambda x: x**0.0, 0.0, [1, 0, 0, 0, 0, 0]),
    "sqrt": (jnp.sqrt, 0.0, [0, inf, -inf, inf, -inf, inf]),
    "sqrt(-x)": (lambda x: jnp.sqrt(-x), 0.0, [0, -inf, -inf, -inf, -inf, -inf]),
    "cbrt": (jnp.cbrt, 0.0, [0, inf, -inf, inf, -inf, inf]),
    "((x-1)^2)^(5/3)": (lambda x: ((x - 1) ** 2) ** (1 / 0.6), 1.0, [0, 0, 0, 0, nan, nan]),
    "|x|^3": (lambda x: (x * x) ** 1.5, 0.0, [0, 0, 0, nan, nan, nan]),
    "the exponent is an array's": (lambda x: (x ** jnp.array([2.0, 3.5, 1.0]))[1], 0.0, [0, 0, 0, 0, inf, -inf]),
    "sqrt(x)^3": (lambda x: jnp.sqrt(x) ** 3, 0.0, [0, 0, inf, -inf, inf, -inf]),
    "sqrt(x^2)^3": (lambda x: jnp.sqrt(x * x) ** 3, 0.0, [0, 0, 0, nan, nan, nan]),
    "sqrt(x)^4": (lambda x: jnp.sqrt(x) ** 4, 0.0, [0, 0, 2, 0, 0, 0]),
    "x x^2.5": (lambda x: x**2.5 * x, 0.0, [0, 0, 0, 0, inf, -inf]),
    "x sqrt x": (lambda x: x * jnp.sqrt(x), 0.0, [0, 0, inf, -inf, inf, -inf]),
    "cbrt(x)^6": (lambda x: jnp.cbrt(x) ** 6.0, 0.0, [0, 0, 2, 0, 0, 0]),
    "sqrt(x)^1.5 sqrt(x)": (lambda x: jnp.sqrt(x) ** 1.5 * jnp.sqrt(x), 0.0, [0, 0, inf, -inf, inf, -inf]),
    "sqrt(x^4)": (lambda x: jnp.sqrt(x**4), 0.0, [0, 0, 2, 0, 0, 0]),
    "cbrt(x^3)": (lambda x: jnp.cbrt(x**3), 0.0, [0, 1, 0, 0, 0, 0]),
    "cbrt(x^6)": (lambda x: jnp.cbrt(x**6), 0.0, [0, 0, 2, 0, 0, 0]),
    "sqrt(x x x x)": (lambda x: jnp.sqrt(x * x * x * x), 0.0, [0, 0, 2, 0, 0, 0]),
    "x sqrt(sqrt(sin(x)^8))": (lambda x: x * jnp.sqrt(jnp.sqrt(jnp.sin(x) ** 8)), 0.0, [0, 0, 0, 6, 0, -40]),
    "sqrt(x^2)": (lambda x: jnp.sqrt(x**2), 0.0, [0, nan, nan, nan, nan, nan]),
    "sqrt(x^6)": (lambda x: jnp.sqrt(x**6), 0.0, [0, 0, 0, nan, nan, nan]),
    "(x^4)^0.6": (lambda x: (x**4) ** 0.6, 0.0, [0, 0, 0, nan, nan, nan]),
    "sqrt(x^3)": (lambda x: jnp.sqrt(x**3), 0.0, [0, 0, inf, -inf, inf, -inf]),
    "cbrt(x^4)": (lambda x: jnp.cbrt(x**4), 0.0, [0, 0, nan, nan, nan, nan]),
    "sin(x)^1.5": (lambda x: jnp.sin(x) ** 1.5, 0.0, [0, 0, inf, -inf, inf, -inf]),
}


@pytest.mark.parametrize("method", METHODS)
def test_fault_W13_powers_at_zero(method: str) -> None:
    for name, (f, x, exact) in CASES.items():
        found = tk.derivatives(f, np.array([x]), 5, method).packed[:, 0]
        np.testing.assert_allclose(found, exact, rtol=ROUNDING, err_msg=name)


@pytest.mark.parametrize("width", [4, 17], ids=["as numbers", "as arrays"])
def test_fault_W13_exponents_in_an_array(width: int) -> None:
    """x_i^p_j for whole and other exponents: only ∂^k/∂x_i^k of the same x_i are other than 0."""
    exponents = [0.0, 1.0, 2.0, 2.5]

    def powers(x: Any) -> Any:
        return (x[:, None] ** jnp.asarray(exponents)[None]).reshape(-1)

    d = tk.derivatives(powers, np.zeros((1, width)), 3 if width < 10 else 1, "series")
    exact = {(0, 0): 1.0, (1, 1): 1.0, (2, 2): 2.0, (3, 3): inf}
    found = d.packed[..., 0].reshape(-1, width, len(exponents))
    for alpha, row in zip(d.multi_indices, found, strict=True):
        for i, j in itertools.product(range(width), range(len(exponents))):
            own = alpha[i] == alpha.sum()
            assert row[i, j] == (exact.get((int(alpha.sum()), j), 0.0) if own else 0.0), (alpha, i, exponents[j])


def test_fault_W13_what_else_is_there_stays_right() -> None:
    """sqrt x + y² at x = 0: only derivatives in x alone have no finite limit, and status says so."""
    d = tk.derivatives(lambda v: jnp.sqrt(v[0]) + v[1] ** 2, np.array([[0.0, 3.0]]), 2, "series")
    np.testing.assert_array_equal(d.packed[:, 0], [9, inf, 6, -inf, 0, 2])


@cache
def water() -> dict[str, Any]:
    return json.loads(Path(__file__).with_name("iapws95.json").read_text())


def residual(delta: Any, tau: Any, lib: Any = jnp, critical: bool = True) -> Any:
    """φʳ(δ, τ) of IAPWS-95, its equation 6.6; the terms of the critical point without |δ − 1| where not `critical`."""
    total = 0.0
    for term in water()["terms"]:
        count = len(term["n"])
        for i in range(count):
            t = {key: values[i] if isinstance(values, list) else values for key, values in term.items()}
            if term["type"] == "ResidualHelmholtzNonAnalytic":
                square = (delta - 1) ** 2
                theta = 1 - tau + (t["A"] * square ** (0.5 / t["beta"]) if critical else 0)
                distance = theta**2 + (t["B"] * square ** t["a"] if critical else 0)
                psi = lib.exp(-t["C"] * square - t["D"] * (tau - 1) ** 2)
                total = total + t["n"] * distance ** t["b"] * delta * psi
                continue
            value = t["n"] * delta ** t["d"] * tau ** t["t"]
            if t.get("l"):
                value = value * lib.exp(-(delta ** t["l"]))
            if term["type"] == "ResidualHelmholtzGaussian":
                value = value * lib.exp(-t["eta"] * (delta - t["epsilon"]) ** 2 - t["beta"] * (tau - t["gamma"]) ** 2)
            total = total + value
    return total


def test_fault_W13_water_on_its_critical_isochore() -> None:
    """IAPWS-95 at δ = 1, T = 500 K, where (δ − 1)² has the powers 5/3 and 7/2: to order 3 as if they were not there;
    the fourth derivative in δ is infinite. Beside it the values of its table 6, to the digits printed there."""
    critical, T = water()["critical"], 500.0
    tau = critical["T"] / T
    points = np.array([838.025 / critical["rho"], 1.0]), np.array([tau, tau])
    d = tk.derivatives(residual, points, 4, "series")
    table = [-3.42693206, -0.364366650, -5.81403435, 0.856063701, -1.12176915, -2.23440737]
    np.testing.assert_allclose(d.packed[:6, 0], table, rtol=5e-9)
    with mpmath.workdps(50):
        smooth = mpmath.taylor(lambda x: residual(mpmath.mpf(x), mpmath.mpf(tau), mpmath, critical=False), 1, 3)
    along_delta = [d.packed[i, 1] for i in (0, 1, 3, 6)]
    exact = [float(c) * f for c, f in zip(smooth, (1, 1, 2, 6), strict=True)]
    np.testing.assert_allclose(along_delta, exact, rtol=1e-11)  # sums of 56 terms, some a hundred times the sum
    assert not np.isfinite(d.packed[10, 1]) and np.isfinite(d.packed[:10]).all()


def test_fault_W13_where_jax_is_right_it_agrees() -> None:
    """Powers away from zero against nested derivatives."""
    with jax.numpy_rank_promotion("allow"):
        points = np.array([[0.7, 1.9], [2.5, 0.3]])
        for f in (lambda v: (v[0] * v[1] + v[1] ** 2) ** 1.7, lambda v: jnp.cbrt(v[0] - 3 * v[1])):
            ours, other = (tk.derivatives(f, points, 3, m).packed for m in ("series", "nested"))
            np.testing.assert_allclose(ours, other, rtol=1e-11, atol=1e-12)


# Powers of r = √(x² + y²), each with what it is where its derivatives exist, and the order up to which they do.
DISTANCES: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any], int]] = {
    "r^2": (lambda r: r**2, lambda v: v[0] ** 2 + v[1] ** 2, 4),
    "r r": (lambda r: r * r, lambda v: v[0] ** 2 + v[1] ** 2, 4),
    "r^3": (lambda r: r**3, lambda v: 0 * v[0], 2),
    "r r r": (lambda r: r * r * r, lambda v: 0 * v[0], 2),
    "r^4": (lambda r: r**4, lambda v: (v[0] ** 2 + v[1] ** 2) ** 2, 4),
    "r^5": (lambda r: r**2 * r**3, lambda v: 0 * v[0], 4),
}


# Products of powers of x, whose sum is the power that counts.
PRODUCTS: dict[str, tuple[Callable[[Any], Any], float]] = {
    "x x^½": (lambda x: x * jnp.sqrt(x), 1.5),
    "x³ x^½": (lambda x: x**3 * jnp.sqrt(x), 3.5),
    "x x x^½": (lambda x: x * x * jnp.sqrt(x), 2.5),
    "x² (x x) x^0.7": (lambda x: x**2 * (x * x) * x**0.7, 4.7),
    "(x²)² x^½": (lambda x: (x**2) ** 2 * jnp.sqrt(x), 4.5),
    "x^½ x^½": (lambda x: jnp.sqrt(x) * jnp.sqrt(x), 1.0),
}


def test_fault_W13_products_of_powers() -> None:
    for name, (f, power) in PRODUCTS.items():
        found = tk.derivatives(f, np.zeros(1), 5, "series").packed[:, 0]
        whole = power == int(power)
        exist = [k <= power or whole for k in range(6)]
        assert [bool(np.isfinite(v)) for v in found] == exist, (name, found)
        np.testing.assert_allclose(
            found[exist], [float(whole and k == power) for k in range(6) if exist[k]], atol=ROUNDING
        )


@pytest.mark.parametrize("method", METHODS[-1:])
def test_fault_W13_powers_of_a_distance(method: str) -> None:
    point = np.zeros((1, 2))
    for name, (f, smooth, order) in DISTANCES.items():
        found = tk.derivatives(lambda v, f=f: f(jnp.sqrt(v[0] ** 2 + v[1] ** 2)), point, 4, method).packed[:, 0]
        count = (order + 1) * (order + 2) // 2
        exact = tk.derivatives(smooth, point, 4, "nested").packed[:count, 0]
        np.testing.assert_allclose(found[:count], exact, atol=ROUNDING, err_msg=name)
        assert not np.isfinite(found[count:]).any(), name


@pytest.mark.parametrize("method", METHODS[-1:])
def test_fault_W13_a_whole_exponent_that_moves(method: str) -> None:
    """x^y at x = 0, y = m: as x^m up to order m; above it ∂_x^m ∂_y x^y is m! log x + …, which has no limit. Where y
    moves nothing, all derivatives are those of x^m."""
    for m in (1, 2):
        point = np.array([[0.0, m]])
        for f in (lambda v: v[0] ** v[1], lambda v, m=m: jnp.exp(v[1]) * v[0] ** (2 * v[1] - m)):
            d = tk.derivatives(f, point, 3, method)
            for (a, b), found in zip(d.multi_indices.tolist(), d.packed[:, 0], strict=True):
                scale = np.exp(m) if f(np.array([2.0, m])) > 2.0**m else 1.0
                if a == m and b and (scale == 1 or a + b > m):
                    assert not np.isfinite(found), (m, a, b)
                elif b == 0 or a + b <= m:
                    assert found == pytest.approx(scale * float(np.prod(range(1, m + 1))) * (a == m)), (m, a, b)
        still = tk.derivatives(lambda v, m=m: v[0] ** (m + 0 * v[1] ** 2), point, 3, method).packed[:, 0]
        other = tk.derivatives(lambda v, m=m: v[0] ** m, point, 3, "series").packed[:, 0]
        np.testing.assert_array_equal(still, other)
