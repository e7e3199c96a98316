"""Arrays of series, whole or as single numbers, and the ways between.

In whole form a value is one `Series` of dense parts. In the form of single numbers it is an object array of `Series` of
sparse parts, so that each keeps its own zeros. A value that does not move with the variables is a plain array.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from taylorkit.lowering import xla
from taylorkit.series import monomials
from taylorkit.series.algebra import Series
from taylorkit.series.parts import Dense, Sparse
from taylorkit.series.symbols import Program, Symbol

Value = Any
"""A plain array, a `Series`, or an object array of `Series`."""


def moves(value: Value) -> bool:
    """Whether a value is made of series."""
    return isinstance(value, Series) or (isinstance(value, np.ndarray) and value.dtype == object)


def concrete(array: Any) -> bool:
    """Whether an array's entries are known while tracing."""
    return not isinstance(array, jax.core.Tracer)


def known_number(array: Any) -> float | None:
    """The one number that is at every entry of a plain array, where that can be seen."""
    if not concrete(array) or np.size(array) == 0:
        return None
    flat = np.asarray(array).reshape(-1)
    same = flat.dtype.kind in "iuf" and (flat == flat[0]).all()
    return float(flat[0]) if same else None


def whole_constant(array: Any, variables: int) -> Series:
    """A plain array as a series in whole form."""
    part = Dense(jnp.asarray(array)[None], variables, 0)
    return Series(lambda k: part, stop=0, known=known_number(array))


def number_constants(array: Any, program: Program) -> np.ndarray:
    """A plain array as series of single numbers."""
    shape = np.shape(array)
    if concrete(array) and np.asarray(array).dtype.kind == "f":
        entries = [_number(program, float(a)) for a in np.asarray(array).reshape(-1)]
    else:
        entries = [_leaf(program, entry) for entry in _entries(array)]
    return object_array(entries, shape)


def _number(program: Program, a: float) -> Series:
    part = Sparse({0: program.number(a)})
    return Series(lambda k: part, stop=0, known=a)


def _leaf(program: Program, entry: Any) -> Series:
    part = Sparse({0: program.leaf(entry)})
    return Series(lambda k: part, stop=0, known=known_number(entry))


def _entries(array: Any) -> list[Any]:
    if concrete(array):
        return list(np.asarray(array).reshape(-1))
    flat = jnp.reshape(array, -1)
    return [flat[i] for i in range(flat.size)]


def object_array(entries: list[Any], shape: tuple[int, ...]) -> np.ndarray:
    """Objects in an array of a shape; NumPy is not asked to guess."""
    array = np.empty(len(entries), object)
    for i, entry in enumerate(entries):
        array[i] = entry
    return array.reshape(shape)


def explode(series: Series, shape: tuple[int, ...], variables: int, program: Program) -> np.ndarray:
    """Whole form to single numbers: each coefficient of each entry becomes a leaf."""
    tables: dict[int, list[list[Any]] | None] = {}

    def table(degree: int) -> list[list[Any]] | None:
        if degree not in tables:
            part = series.part(degree)
            tables[degree] = None if part is None else [_entries(row) for row in part.array]
        return tables[degree]

    def entry(i: int) -> Series:
        def degree(k: int) -> Sparse | None:
            rows = table(k)
            if rows is None:
                return None
            codes = monomials.codes(variables, k)
            return Sparse({code: program.leaf(row[i]) for code, row in zip(codes, rows, strict=True)})

        return Series(degree, series.start, series.stop)

    return object_array([entry(i) for i in range(int(np.prod(shape, dtype=int)))], shape)


def rows(series: Series, variables: int, program: Program) -> Series:
    """A whole series with a symbol for each of its coefficients, which are arrays: what recurrences work on."""
    if series.twin is None:
        series.twin = _rows(series, variables, program)
    return series.twin


def _rows(series: Series, variables: int, program: Program) -> Series:
    if series.known is not None and series.stop == 0:
        return _number(program, series.known)

    def degree(k: int) -> Sparse | None:
        part = series.part(k)
        if part is None:
            return None
        codes = monomials.codes(variables, k)
        arrays = part.array
        return Sparse({code: program.leaf(arrays[i if len(arrays) > 1 else 0]) for i, code in enumerate(codes)})

    return Series(degree, series.start, series.stop)


def stacked(twin: Series, variables: int, program: Program, aval: Any, order: int | None) -> Series:
    """The whole series whose coefficients the symbols of `twin` stand for; up to `order` at once where it is given."""
    computed: list[bool] = []

    def degree(k: int) -> Dense | None:
        if order is not None and not computed:
            xla.compute(program, [s for j in range(order + 1) for s in symbols(twin, j)], aval.dtype)
            computed.append(True)
        part = twin.part(k)
        if part is None:
            return None
        codes = monomials.codes(variables, k)
        terms = part.terms
        found = xla.values(program, [terms[c] for c in codes if c in terms], aval.dtype)
        zero = jnp.zeros(aval.shape, aval.dtype)
        given = iter(jnp.broadcast_to(a, aval.shape) for a in found)
        return Dense(jnp.stack([next(given) if c in terms else zero for c in codes]), variables, k)

    series = Series(degree, twin.start, twin.stop, twin.known)
    series.twin = twin
    return series


def shaped(series: Series, aval: Any) -> Series:
    """A whole series whose parts all have the shape of its value: a recurrence leaves rows of numbers as they are."""

    def degree(k: int) -> Dense | None:
        part = series.part(k)
        return None if part is None else part.broadcast(aval.shape)

    return Series(degree, series.start, series.stop, series.known)


def collapse(array: np.ndarray, variables: int, program: Program, dtype: Any, order: int | None) -> Series:
    """Single numbers to whole form: what the program's symbols stand for is computed.

    Up to `order` at once where it is given, because one kernel then serves all degrees; else a degree at a time.
    """
    entries: list[Series] = list(array.reshape(-1))
    if not entries:
        return whole_constant(jnp.zeros(array.shape, dtype), variables)
    if order is not None:
        xla.compute(program, [s for e in entries for k in range(order + 1) for s in symbols(e, k)], dtype)

    def degree(k: int) -> Dense | None:
        parts = [entry.part(k) for entry in entries]
        if k and all(part is None for part in parts):
            return None
        zero = program.number(0.0)
        rows = [
            [zero if part is None else part.terms.get(code, zero) for part in parts]
            for code in monomials.codes(variables, k)
        ]
        values = xla.values(program, [symbol for row in rows for symbol in row], dtype)
        stacked = jnp.stack(jnp.broadcast_arrays(*values)) if len(values) > 1 else jnp.asarray(values[0])[None]
        return Dense(stacked.reshape(len(rows), *array.shape), variables, k)

    start = min(entry.start for entry in entries)
    return Series(degree, start, max(entry.stop for entry in entries))


def symbols(series: Series, degree: int) -> list[Symbol]:
    """The symbols of one degree of a single number's series."""
    part = series.part(degree)
    return [] if part is None else list(part.terms.values())
