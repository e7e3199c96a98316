"""On which side of a tie derivatives are taken: that of x₀ + t d as t → 0+, with one direction d for the whole program.

d is `monomials.direction`. Along it every comparison that is tied at x₀ is decided, by the first degree at which the
two series differ. So all of max, min and abs lie in one piece of f, and a smooth function that is written with them has
its own derivatives.
"""

from typing import TYPE_CHECKING, Any

import jax.numpy as jnp
from jax.extend.core import JaxprEqn

from taylorkit.series.algebra import Series, add, call, scale
from taylorkit.series.forms import Value
from taylorkit.series.parts import Part

if TYPE_CHECKING:
    from taylorkit.series.interpreter import Run


class Sides:
    """For each degree the sign of a − b beside x₀, as far as the degrees up to it tell."""

    def __init__(self, a: Series, b: Series):
        self.a, self.b = a, b
        self.signs: list[Part] = []

    def at(self, degree: int) -> Part:
        """A part of degree 0: 1, −1, or 0 where nothing tells."""
        if not self.signs:
            self.signs.append(call(_compared, self.a.value, self.b.value))
        while len(self.signs) <= degree:
            k = len(self.signs)
            found = add(self.a.part(k), scale(-1, self.b.part(k)))
            known = self.signs[-1]
            self.signs.append(known if found is None else call(_or_else, known, found.along(_weights(self.a, self.b))))
        return self.signs[degree]


def equal_beside(run: "Run", equation: JaxprEqn, inputs: list[Value]) -> list[Any]:
    """Which operand an extreme took, as its derivative asks by u = max(u, w): the one that it takes beside x₀."""
    a, b = (run.whole(v, atom.aval) for v, atom in zip(inputs, equation.invars, strict=True))
    sides = Sides(Series(a.peek, stop=a.stop), Series(b.peek, stop=b.stop)).at(run.order)
    equal = jnp.broadcast_to(sides.array[0] == 0, equation.outvars[0].aval.shape)
    return [equal if equation.primitive.name == "eq" else ~equal]


def _weights(*series: Series) -> Any:
    """What the length of L grows by along d, of functions of one affine form; else None."""
    return next((s.direction for s in series if s.direction is not None), None)


def _compared(a: Any, b: Any) -> Any:
    return jnp.where(a > b, 1.0, jnp.where(b > a, -1.0, 0.0)).astype(jnp.result_type(a, b))


def _or_else(known: Any, change: Any) -> Any:
    return jnp.where(known == 0, jnp.sign(change), known)
