"""Powers. A whole exponent, whatever its type, is a whole power: x³·⁰ at −2 and x²·⁰ at 0 are as right as x³ and x²."""

from collections.abc import Callable
from functools import partial
from math import ceil, inf, nan
from math import sqrt as root
from typing import Any

import jax.numpy as jnp

from taylorkit.series import branch_points
from taylorkit.series.algebra import (
    Degree,
    Series,
    add,
    call,
    choose,
    convolve,
    knot,
    logarithm,
    power_degrees,
    scale,
    times,
)
from taylorkit.series.parts import Part
from taylorkit.series.registry import elementwise


def whole_power(v: Series, u: Series, r: int) -> Degree:
    """Repeated squaring for r ≥ 0, which needs no division; the recurrence below."""
    if r < 0:
        return power_degrees(v, u, r)
    if r == 0:
        return lambda k: None
    base, s = u.whole or (u, 1)
    v.whole = base, r * s
    return _of_root(v, u, r, _repeated(u, r).part)


def _of_root(v: Series, u: Series, r: float, regular: Degree) -> Degree:
    """u^r; where u = w^s is 0 that of w, w^{rs}, of which more derivatives exist than of w^s."""
    if u.root is None or r <= 0:
        return regular
    base, s = u.root
    v.root = base, r * s
    return at_zero_of(base, r * s, regular)


def at_zero_of(base: Series, r: float, regular: Degree) -> Degree:
    """base^r by `regular`; where base is 0 as far as its derivatives exist."""
    if r != int(r):
        return branch_points.around(regular, base, r)
    at_zero = _repeated(base, int(r)).part

    def degree(k: int) -> Part | None:
        zero = call(lambda a: (a == 0).astype(jnp.int32), base.value, name="is zero")
        return choose(zero, [regular(k), at_zero(k)])

    return degree


def _repeated(u: Series, r: int) -> Series:
    if r == 1:
        return u
    half = _repeated(u, r // 2)
    square = half * half
    return square * u if r % 2 else square


@elementwise("integer_pow", stop=lambda u, y: (y * u if y else 0) if y >= 0 else inf)
def integer_pow(v: Series, u: Series, y: int, **_: Any) -> Degree:
    return whole_power(v, u, y)


@elementwise("pow")
def pow_(v: Series, u: Series, y: Series, **_: Any) -> Degree:
    """Constant exponents by their recurrence; else E v = v (y E u / u + log u E y).

    An exponent whose number tracing does not show is looked at where the base is 0: there a whole one is a product of
    so many factors, and the formula has none.
    """
    exponent = number(y)
    if exponent is not None and exponent == int(exponent):
        return whole_power(v, u, int(exponent))
    if exponent is not None:
        return real_power(v, u, exponent)
    slope = v * (logarithm_of_base(u) * y.euler)
    if u.stop == 0:
        return lambda k: scale(1 / k, slope.part(k))
    slope = v * (y * u.euler / u) + slope if y.stop > 0 else v * (y * u.euler / u)
    powers = [Series.constant(u.value.number(1.0)), u]

    def sloped(k: int) -> Any:
        return scale(1 / k, slope.part(k))

    moved = _moved_exponent(u, y) if y.stop > 0 else lambda k: None
    singular = branch_points.singular_degrees(sloped, u, lambda k: call(_infinity(k), y.value, name=("infinity", k)), y)

    def degree(k: int) -> Any:
        while len(powers) <= k:
            powers.append(powers[-1] * u)
        lower = [part.vanishes() for part in map(u.part, range(1, k + 1)) if part is not None]
        which = call(_case(k), u.value, y.value, *lower, name=("power at zero", k))
        found = choose(which, [*(p.part(k) for p in powers[: k + 1]), None, sloped(k), singular(k)])
        return add(found, choose(call(_passed(k), u.value, y.value, name=("passed", k)), [None, moved(k)]))

    return degree


def _moved_exponent(u: Series, y: Series) -> Degree:
    """NaN for derivatives by a variable that y moves with: of u^y at u = 0 and a whole y those of an order above y are
    log 0, or there from one side alone. Those by others are of u^y for that y."""

    def unknown(j: int) -> Part | None:
        part = y.part(j) if j else None
        if part is None:
            return None
        blown = part.unbounded(part, u.value.number(nan), [part])
        return choose(call(lambda still: still.astype(jnp.int32), part.vanishes(), name="still"), [blown, None])

    # Any numbers other than 0 of which no two cancel: a coefficient for each monomial of what u and y move with.
    reach = Series(lambda k: add(u.part(k), scale(root(2), y.part(k))) if k else None, 1)
    every = knot(lambda: u.value.number(1.0), lambda v: partial(convolve, reach, v))
    return (Series(unknown, 1) * every).part


def _passed(degree: int) -> Callable[[Any, Any], Any]:
    """1 where u = 0 and y is a whole number below the degree."""

    def passed(u: Any, y: Any) -> Any:
        real = jnp.real(y)
        return ((u == 0) & (y == jnp.round(real)) & (real >= 0) & (real < degree)).astype(jnp.int32)

    return passed


def _case(degree: int) -> Callable[..., Any]:
    """Where u = 0 and y is whole: y, at most degree + 1, which stands for 0; where y is another number > 0 that, too,
    or degree + 3 where the derivative has no limit; elsewhere degree + 2."""

    def case(u: Any, y: Any, *vanishing: Any) -> Any:
        real = jnp.real(y)
        whole = (y == jnp.round(real)) & (real >= 0)
        lowest = 1 + sum(jnp.cumprod(jnp.stack(jnp.broadcast_arrays(*vanishing)), axis=0)) if vanishing else 1
        flat = (degree < lowest * real) & ((degree // jnp.where(real > 0, real, 1)) <= degree)
        broken = jnp.where(flat, degree + 1, degree + 3)
        at_zero = jnp.where(whole, jnp.clip(real, 0, degree + 1), jnp.where(real > 0, broken, degree + 2))
        return jnp.where(u == 0, at_zero, degree + 2).astype(jnp.int32)

    return case


def _infinity(degree: int) -> Callable[[Any], Any]:
    """∞ with the sign of y (y − 1) … (y − degree + 1)."""

    def infinity(y: Any) -> Any:
        sign = 1.0
        for i in range(degree):
            sign = sign * jnp.sign(jnp.real(y) - i)
        return sign * jnp.inf

    return infinity


def real_power(v: Series, u: Series, r: float) -> Degree:
    """The recurrence; at a zero of u what its limit is."""
    regular = power_degrees(v, u, r)
    if r <= 0:
        return regular
    return _rooted(v, u, r, regular)


def _rooted(v: Series, u: Series, r: float, regular: Degree) -> Degree:
    """u^r by `regular`, r > 0; at a zero of u what its limit is."""
    if u.root is not None:
        return _of_root(v, u, r, regular)
    if u.whole is not None and not jnp.iscomplexobj(getattr(u.value, "array", 0.0)):
        return _of_whole(v, u, r, regular)
    v.root = u, r
    return branch_points.around(regular, u, r)


def _of_whole(v: Series, u: Series, r: float, regular: Degree) -> Degree:
    """u = w^s of a whole s: w^{rs}, and |w|^{rs} where s is even, which has a kink or worse unless rs is even, too."""
    assert u.whole is not None
    base, s = u.whole
    power = round(r * s, 12)
    whole = power == int(power)
    if s % 2 or (whole and power % 2 == 0):
        v.whole, v.root = ((base, int(power)), None) if whole else (None, (base, power))
        return at_zero_of(base, power, regular)
    v.root = u, r
    broken = branch_points.around(regular, u, r)
    flat = at_zero_of(base, ceil(power), broken)
    return lambda k: flat(k) if k < power else broken(k)


def logarithm_of_base(u: Series) -> Series:
    """log u; of a constant 0, whose powers do not move, 0 and not −∞."""
    if u.stop > 0:
        return logarithm(u)
    value = call(lambda a: jnp.where(a == 0, 0.0, jnp.log(jnp.where(a == 0, 1.0, a))), u.value, name="log of base")
    return Series.constant(value)


def number(u: Series) -> float | None:
    """The one number that a constant series is at every entry, where it is known while tracing."""
    return u.known if u.stop == 0 else None


@elementwise("sqrt")
def sqrt(v: Series, u: Series, **_: Any) -> Degree:
    """2 v₀ v_k = u_k − Σ_{j=1..k−1} v_j v_{k−j}."""
    inverse = call(lambda a: 0.5 / a, v.value, name="half reciprocal")

    def regular(k: int) -> Part | None:
        return times(add(u.part(k), scale(-1, convolve(v, v, k, 1, k - 1))), inverse)

    return _rooted(v, u, 0.5, regular)


def product_of_powers(v: Series, a: Series, b: Series, product: Degree) -> Degree:
    """u^r u^s by `product`; where u is 0 that of u^{r + s}, if r or s is not whole."""
    (base, r), (other, s) = (x.root or x.whole or (x, 1) for x in (a, b))
    if base is not other:
        return product
    if a.root is None and b.root is None:
        v.whole = base, int(r + s)
        return product
    v.root = base, r + s
    return at_zero_of(base, r + s, product)


@elementwise("square", start=lambda a: 2 * a, stop=lambda a, **_: 2 * a)
def square(v: Series, u: Series, **_: Any) -> Degree:
    return whole_power(v, u, 2)


@elementwise("rsqrt")
def rsqrt(v: Series, u: Series, **_: Any) -> Degree:
    return power_degrees(v, u, -0.5)


@elementwise("cbrt")
def cbrt(v: Series, u: Series, **_: Any) -> Degree:
    return real_power(v, u, 1 / 3)
