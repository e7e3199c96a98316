"""Series as lists of arrays: how they cross into the body of a loop or a branch and out again.

What crosses must have a structure that is known before the body is traced: for each variable the degrees that are
there, or that it does not move at all. A loop's carry must keep its structure, which is found as a fixed point.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp

from taylorkit.series import monomials
from taylorkit.series.algebra import Series
from taylorkit.series.forms import Value, moves
from taylorkit.series.parts import Dense

if TYPE_CHECKING:
    from taylorkit.series.interpreter import Run

Structure = tuple[int, ...]
"""The degrees of a variable that are there, 0 among them; (0,) does not move."""

PLAIN: Structure = (0,)


def structure(run: "Run", value: Value, aval: Any) -> Structure:
    """The degrees of a value up to the run's order."""
    if not moves(value):
        return PLAIN
    series = run.whole(value, aval)
    return (0, *(k for k in range(1, run.order + 1) if series.peek(k) is not None))


def join(a: Structure, b: Structure) -> Structure:
    return tuple(sorted({*a, *b}))


def spread(run: "Run", value: Value, aval: Any, degrees: Structure) -> list[jax.Array]:
    """A value as one array (rows, *shape) a degree; what is not there is zero, as degree 0 of the directions in a
    derivative rule may be. Degree 0 has no axis of rows."""
    if moves(value):
        series = run.whole(value, aval)
        parts = [series.peek(k) if k else series.part(0) for k in degrees]
        return [_array(run, part, aval, k) for k, part in zip(degrees, parts, strict=True)]
    value = jnp.broadcast_to(jnp.asarray(value, aval.dtype), aval.shape)
    return [value, *(_array(run, None, aval, k) for k in degrees[1:])]


def _array(run: "Run", part: Any, aval: Any, degree: int) -> jax.Array:
    rows = jnp.zeros((1, *aval.shape), aval.dtype) if part is None else part.broadcast(aval.shape).array
    whole = jnp.broadcast_to(rows, (_rows(run, degree), *aval.shape)).astype(aval.dtype)
    return whole if degree else whole[0]


def collect(run: "Run", arrays: Sequence[jax.Array], degrees: Structure) -> Value:
    """The other way, in whole form; a value that does not move comes back as its array."""
    if degrees == PLAIN:
        return arrays[0]
    table = {k: Dense(array if k else array[None], run.variables, k) for k, array in zip(degrees, arrays, strict=True)}
    return Series(table.get, stop=max(degrees))


def _rows(run: "Run", degree: int) -> int:
    return len(monomials.codes(run.variables, degree))


class Crossing:
    """Several values with their structures, flattened to one list of arrays."""

    def __init__(self, avals: Sequence[Any], structures: Sequence[Structure]):
        self.avals, self.structures = list(avals), list(structures)

    def spread(self, run: "Run", values: Sequence[Value]) -> list[jax.Array]:
        lists = zip(values, self.avals, self.structures, strict=True)
        return [array for v, aval, degrees in lists for array in spread(run, v, aval, degrees)]

    def collect(self, run: "Run", arrays: Sequence[jax.Array]) -> list[Value]:
        """In whole form."""
        given = iter(arrays)
        pieces = [[next(given) for _ in degrees] for degrees in self.structures]
        return [collect(run, p, d) for p, d in zip(pieces, self.structures, strict=True)]

    def inside(self, run: "Run", arrays: Sequence[jax.Array]) -> list[Value]:
        """In the form of the run that goes on with them."""
        values = self.collect(run, arrays)
        return [run.deliver(v, a) if moves(v) else v for v, a in zip(values, self.avals, strict=True)]

    def values(self, arrays: Sequence[jax.Array]) -> list[jax.Array]:
        """The arrays of degree 0."""
        given = iter(arrays)
        pieces = [[next(given) for _ in degrees] for degrees in self.structures]
        return [first for first, *_ in pieces]

    def shapes(self, run: "Run") -> list[jax.ShapeDtypeStruct]:
        """What the arrays look like, without computing any."""
        return [
            jax.ShapeDtypeStruct(aval.shape if k == 0 else (_rows(run, k), *aval.shape), aval.dtype)
            for aval, degrees in zip(self.avals, self.structures, strict=True)
            for k in degrees
        ]


def outgoing(
    run: "Run", crossing: Crossing, body: Callable[[list[Value]], list[Value]], avals: Sequence[Any]
) -> list[Structure]:
    """The structures of a body's results where its inputs have those of `crossing`; nothing is computed."""
    found: list[Structure] = []

    def trace(*arrays: jax.Array) -> list[Any]:
        run.renew()
        results = body(crossing.inside(run, arrays))
        found[:] = [structure(run, v, aval) for v, aval in zip(results, avals, strict=True)]
        return []

    jax.eval_shape(trace, *crossing.shapes(run))
    return found
