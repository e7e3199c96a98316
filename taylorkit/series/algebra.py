"""Truncated Taylor series that are computed when they are asked for, degree by degree.

u = Σ u_k with u_k homogeneous of degree k. E = Σ xᵢ ∂ᵢ (Euler's operator) is a derivation with (E u)_k = k u_k, so the
recurrences of one variable hold in D variables, products of numbers read as products of homogeneous polynomials
(Griewank and Walther, *Evaluating Derivatives*, chapter 13; Neidinger, *SIAM Review* 2010):

    v = u w              v_k = Σ_{j=0..k} u_j w_{k−j}
    v with v' = g(u)     k v_k = Σ_{j=1..k} j u_j g_{k−j}

Being lazy is what lets a rule say "v' = 1 − v²" and mean it: degree k of v asks for degree k − 1 of the right side.
"""

from collections.abc import Callable, Sequence
from functools import partial, reduce
from math import inf
from typing import Any

from jax import lax

from taylorkit.series.parts import Part

Degree = Callable[[int], Part | None]


class Circular(RecursionError):
    """A degree that is asked for while it is being computed."""


class Series:
    """A power series whose parts are computed on demand and kept.

    `start` and `stop` bound the degrees that can be other than zero; they are known before anything is computed.
    `known` is the one number that a constant is at every entry, where tracing shows it.
    """

    circles = 0
    """How often `peek` found nothing for this reason: what was made of it must not be kept."""

    __slots__ = (
        *(
            "_busy",
            "_compute",
            "_euler",
            "_parts",
            "direction",
            "keep",
            "known",
            "restricted",
            "ridge",
            "root",
            "slope",
        ),
        *("source", "start", "stop", "system", "twin", "whole"),
    )

    def __init__(self, compute: Degree, start: int = 0, stop: float = inf, known: float | None = None):
        self._compute, self.start, self.stop, self.known = compute, start, stop, known
        self._parts: dict[int, Part | None] = {}
        self._busy: set[int] = set()
        self.keep: Callable[[int], bool] = lambda degree: True
        self.twin: Series | None = None
        """The same series in the other kind of parts, where it is known in both."""
        self.ridge: Any = None
        """The same as a function of one affine form, where it is known to be one: see `ridges`."""
        self.direction: Any = None
        """Of a function of one affine form, in one variable: how far that form changes along `monomials.direction`."""
        self.system: Any = None
        """The linear system that it solves, where it is known to solve a short one: see `systems`."""
        self.root: tuple[Series, float] | None = None
        """Of which series it is a power that is not whole, and which: a power of it is one of that series."""
        self.whole: tuple[Series, int] | None = None
        """The same of a power that is whole: it matters where powers of one series are multiplied."""
        self._euler: Series | None = None
        self.slope: Series | None = None
        """Its derivative in the first variable, where it was asked for: see `slopes`."""
        self.restricted: dict[int, Series] = {}
        """The same where so many variables, the first ones, are 0, where it was asked for."""
        self.source: tuple[Series, int] | None = None
        """Of which series it is such a restriction, and by how many variables."""

    @classmethod
    def constant(cls, part: Part | None) -> "Series":
        """A value that does not move with the variables."""
        return cls(lambda k: part, stop=0)

    def part(self, degree: int) -> Part | None:
        """The homogeneous part of one degree; None is zero."""
        if not self.start <= degree <= self.stop:
            return None
        if degree in self._parts:
            return self._parts[degree]
        if degree in self._busy:
            raise Circular(
                f"degree {degree} of a series rests on itself: a derivative rule that is not one, or that needs to see "
                "that an operand stays, within jax.jit"
            )
        self._busy.add(degree)
        try:
            part = self._compute(degree)
        finally:
            self._busy.discard(degree)
        if self.keep(degree):
            self._parts[degree] = part
        return part

    def peek(self, degree: int) -> Part | None:
        """`part`, but nothing where it is being computed: for operations that take whole series of which they use
        the lower degrees only."""
        try:
            return self.part(degree)
        except Circular:
            Series.circles += 1
            return None

    @property
    def value(self) -> Part:
        """The part of degree 0 where it is known to be there."""
        part = self.part(0)
        assert part is not None, "a value at degree 0 is never left out"
        return part

    def force(self, order: int) -> "Series":
        """Compute all degrees up to `order`."""
        for degree in range(order + 1):
            self.part(degree)
        return self

    @property
    def euler(self) -> "Series":
        """E u, whose part of degree k is k u_k."""
        if self._euler is None:
            self._euler = Series(lambda k: scale(k, self.part(k)), max(1, self.start), self.stop)
        return self._euler

    def __add__(self, other: Any) -> "Series":
        other = _lifted(other, self)
        return Series(
            lambda k: add(self.part(k), other.part(k)), min(self.start, other.start), max(self.stop, other.stop)
        )

    def __mul__(self, other: Any) -> "Series":
        if isinstance(other, int | float):
            return Series(lambda k: scale(other, self.part(k)), self.start, self.stop)
        return Series(lambda k: convolve(self, other, k), self.start + other.start, self.stop + other.stop)

    def __neg__(self) -> "Series":
        return self * -1

    def __sub__(self, other: Any) -> "Series":
        return self + (-other)

    def __rsub__(self, other: Any) -> "Series":
        return (-self) + other

    def __truediv__(self, other: "Series") -> "Series":
        return quotient(self, other)

    def __rtruediv__(self, other: float) -> "Series":
        return reciprocal(self) * other

    __radd__, __rmul__ = __add__, __mul__


def _lifted(number: Any, like: Series) -> Series:
    """A number as a series of the kind of another."""
    if isinstance(number, Series):
        return number
    return Series(lambda k: like.value.number(float(number)), stop=0, known=float(number))


def add(a: Part | None, b: Part | None) -> Part | None:
    if a is None or b is None:
        return b if a is None else a
    return a + b


def total(terms: Sequence[Series]) -> Series:
    """The sum of any number of series."""

    def degree(k: int) -> Part | None:
        return reduce(add, (u.part(k) for u in terms), None)

    return Series(degree, min((u.start for u in terms), default=0), max((u.stop for u in terms), default=0))


def scale(factor: float, part: Part | None) -> Part | None:
    return None if part is None else part.scale(factor)


def call(function: Callable[..., Any], *parts: Part, name: Any = None) -> Part:
    """A function of values of degree 0, such as `lax.cos`; known by its name, its own unless given."""
    first, *others = parts
    return first.call(name or function.__name__, function, *others)


def convolve(
    a: Series, b: Series, degree: int, first: int = 0, last: float = inf, weight: Callable[[int], float] | None = None
) -> Part | None:
    """Σ_j weight(j) a_j b_{degree−j} over first ≤ j ≤ last. Parts of b are asked for only where a has one."""
    low = int(max(first, a.start, degree - b.stop))
    high = int(min(last, a.stop, degree - b.start))
    symmetric = a is b and weight is None and low == degree - high
    products: list[tuple[float, Any, Any]] = []
    for j in range(low, (degree // 2 if symmetric else high) + 1):
        left = a.part(j)
        factor = 1.0 if weight is None else float(weight(j))
        if symmetric and 2 * j != degree:
            factor = 2.0
        right = None if left is None or factor == 0 else b.part(degree - j)
        if right is not None:
            products.append((factor, left, right))
    return type(products[0][1]).convolve(products) if products else None


def integral(u: Series, g: Series, degree: int) -> Part | None:
    """Degree k ≥ 1 of v where v' = g(u):  k v_k = Σ_{j=1..k} j u_j g_{k−j}."""
    if u.stop < degree:  # u has fewer coefficients than there are to be divided
        return convolve(Series(lambda j: scale(j / degree, u.part(j)), max(1, u.start), u.stop), g, degree)
    return scale(1 / degree, convolve(u.euler, g, degree))


def _above(u: Series, change: Callable[[Part | None], Part | None]) -> Series:
    """The parts of u above degree 0, changed."""
    return Series(lambda j: change(u.part(j)), max(1, u.start), u.stop)


def reciprocal(b: Series) -> Series:
    """1 / b:  q_k = −(1/b₀) Σ_{j=1..k} b_j q_{k−j}."""
    return knot(
        lambda: call(_inverse, b.value, name="reciprocal"),
        lambda q: partial(convolve, _above(b, lambda part: times(scale(-1, part), q.value)), q),
    )


def quotient(a: Series, b: Series, value: Callable[[], Part] | None = None) -> Series:
    """a / b:  b₀ q_k = a_k − Σ_{j=1..k} b_j q_{k−j}; `value` computes degree 0 where it is known better."""
    inverse = Series(lambda k: call(_inverse, b.value, name="reciprocal"), stop=0)

    def degree(k: int) -> Part | None:
        if k == 0 and value is not None:
            return value()
        rest = scale(-1, convolve(b, q, k, 1)) if k else None
        return times(add(a.part(k), rest), inverse.value)

    q = Series(degree, start=a.start)
    return q


def choose(which: Part, cases: Sequence[Part | None]) -> Part | None:
    """cases[which], entry by entry, as a selection and never as a product with masks: what is not chosen may be NaN."""
    there = [case for case in cases if case is not None]
    return type(there[0]).choose(which, cases) if there else None


def times(part: Part | None, value: Part) -> Part | None:
    """A part times a value of degree 0."""
    return None if part is None else type(part).convolve([(1.0, part, value)])


def power_degrees(v: Series, u: Series, r: float) -> Degree:
    """u^r for real r and u₀ ≠ 0, above degree 0:  k u₀ v_k = Σ_{j=1..k} (r j − (k−j)) u_j v_{k−j}."""
    inverse = call(_inverse, u.value, name="reciprocal")
    over = _above(u, lambda part: times(part, inverse))

    def degree(k: int) -> Part | None:
        if u.stop < k:  # as in `integral`
            weighed = Series(lambda j: scale((r * j - (k - j)) / k, over.part(j)), over.start, over.stop)
            return convolve(weighed, v, k)
        return scale(1 / k, convolve(over, v, k, weight=lambda j: r * j - (k - j)))

    return degree


def power(u: Series, r: float) -> Series:
    """u^r as a series of its own."""
    return knot(lambda: call(lambda a: a**r, u.value, name=("power", r)), lambda v: power_degrees(v, u, r))


def exponential(u: Series) -> Series:
    """exp u:  k v_k = Σ_{j=1..k} j u_j v_{k−j}."""
    return knot(lambda: call(lax.exp, u.value), lambda v: lambda k: integral(u, v, k))


def logarithm_degrees(v: Series, u: Series) -> Degree:
    """log u above degree 0:  k u₀ v_k = k u_k − Σ_{j=1..k−1} j v_j u_{k−j}."""
    inverse = call(_inverse, u.value, name="reciprocal")
    return lambda k: times(add(u.part(k), scale(-1 / k, convolve(v.euler, u, k, 1, k - 1))), inverse)


def logarithm(u: Series) -> Series:
    """log u as a series of its own."""
    return knot(lambda: call(lax.log, u.value), lambda v: logarithm_degrees(v, u))


def knot(value: Callable[[], Part | None], above: Callable[[Series], Degree], **bounds: Any) -> Series:
    """The series v with degree 0 `value()` and the parts `above(v)`, which may ask v for its lower ones."""
    v = Series(lambda k: value() if k == 0 else degrees(k), **bounds)
    degrees = above(v)
    return v


def _inverse(a: Any) -> Any:
    return 1 / a
