"""Functions that Euler's operator maps to combinations of themselves and a few companions.

    E y_i = Σ_j (E u_ij) y_j:      e = exp u: E e = (E u) e,      s, c = sin u, cos u: E s = (E u) c, E c = −(E u) s

The products y_i z_j of two such families are one again, whose matrix is the sum of the two. Where the u are short (a
polynomial of a few terms), exp(w) sin(u) costs less as such a system of two than as a dense product of two series:
each coefficient takes as many multiplications as the u have terms, instead of as many as there are pairs of monomials.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from math import inf
from typing import Any

from jax import lax

from taylorkit.multi_index import count
from taylorkit.series.algebra import Degree, Series, add, call, integral, scale
from taylorkit.series.parts import Part, Sparse

# Companions of one function, at most.
MEMBERS = 4

Row = tuple[tuple[int, float, Series], ...]
"""The matrix's entries of one member: (j, sign, u_ij)."""


@dataclass(frozen=True, eq=False)
class System:
    """The members' values at degree 0, the function itself first, and the matrix; `closed` where it is cheaper so."""

    values: tuple[Callable[[], Part], ...]
    rows: tuple[Row, ...]
    closed: bool = False


def attached(name: str, v: Series, inputs: Sequence[Series]) -> System | None:
    """The system of v, the result of a primitive of these inputs, where it has one."""
    if name in MAKERS:
        (u,) = inputs
        short = u.stop < inf and u.start == 0 and u.stop > 0 and isinstance(u.part(0), Sparse)
        return MAKERS[name](v, u) if short else None
    if name == "mul":
        return _times(*inputs)
    if name == "neg" and inputs[0].system is not None:
        return _scaled(inputs[0].system, lambda value: _present(value.scale(-1)))
    return None


def degrees(v: Series) -> Degree:
    """The parts of v above degree 0 by its system."""
    system = v.system
    members = [v]

    def member(i: int) -> Series:
        return Series(lambda k: system.values[i]() if k == 0 else above(i, k))

    def above(i: int, k: int) -> Part | None:
        return reduce(add, (scale(sign, integral(u, members[j], k)) for j, sign, u in system.rows[i]), None)

    members += [member(i) for i in range(1, len(system.rows))]
    return lambda k: above(0, k)


def _alone(v: Series, u: Series) -> System:
    return System((lambda: v.value,), (((0, 1.0, u),),))


def _pair(companion: Callable[[Any], Any], there: float, back: float) -> Callable[[Series, Series], System]:
    """v' = there · c, c' = back · v."""
    return lambda v, u: System((lambda: v.value, lambda: call(companion, u.value)), (((1, there, u),), ((0, back, u),)))


MAKERS: dict[str, Callable[[Series, Series], System]] = {
    "exp": _alone,
    "sin": _pair(lax.cos, 1.0, -1.0),
    "cos": _pair(lax.sin, -1.0, 1.0),
    "sinh": _pair(lax.cosh, 1.0, 1.0),
    "cosh": _pair(lax.sinh, 1.0, 1.0),
}


def _times(a: Series, b: Series) -> System | None:
    """Of a product with a constant, or of two functions with systems."""
    for constant, other in ((a, b), (b, a)):
        if constant.stop == 0 and other.system is not None and isinstance(constant.part(0), Sparse):
            return _scaled(other.system, partial(_product_of, constant.value))
    if a.system is None or b.system is None or len(a.system.rows) * len(b.system.rows) > MEMBERS:
        return None
    product = _product(a.system, b.system)
    variables, order = next(iter(a.value.terms.values())).program.degrees
    apart = count(2 * variables, order) + sum(_cost(s, variables, order) for s in (a.system, b.system))
    return product if _cost(product, variables, order) < apart else None


def _product(a: System, b: System) -> System:
    many = len(b.rows)
    values = tuple(partial(_product_of_values, x, y) for x in a.values for y in b.values)
    rows = tuple(
        tuple((p * many + j, sign, u) for p, sign, u in a.rows[i])
        + tuple((i * many + q, sign, w) for q, sign, w in b.rows[j])
        for i in range(len(a.rows))
        for j in range(many)
    )
    return System(values, rows, closed=True)


def _scaled(system: System, change: Callable[[Part], Part]) -> System:
    def changed(value: Callable[[], Part]) -> Callable[[], Part]:
        return lambda: change(value())

    return System(tuple(map(changed, system.values)), system.rows)


def _product_of(a: Part, b: Part) -> Part:
    return _present(type(a).convolve([(1.0, a, b)]))


def _product_of_values(a: Callable[[], Part], b: Callable[[], Part]) -> Part:
    return _product_of(a(), b())


def _present(part: Part | None) -> Part:
    assert part is not None, "a value at degree 0 is never left out"
    return part


def _cost(system: System, variables: int, order: int) -> int:
    """Products of all members up to the order."""
    return sum(_products(u, variables, order) for row in system.rows for _, _, u in row)


def _products(u: Series, variables: int, order: int) -> int:
    upto = range(1, int(min(u.stop, order)) + 1)
    parts = ((j, u.part(j)) for j in upto)
    return sum(len(p.terms) * count(variables, order - j) for j, p in parts if isinstance(p, Sparse))
