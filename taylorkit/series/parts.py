"""One degree of a series: a homogeneous polynomial in D variables, in either of two forms.

| form | coefficients | keeps |
|---|---|---|
| `Sparse` | one symbol a monomial that is there | which monomials vanish; for single numbers |
| `Dense` | one array (C, *shape), C monomials in graded order | arrays whole, for matrix products |

No part at all (None) is zero. The recurrences need no more than these operations.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from math import nan
from operator import add, mul
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from taylorkit import multi_index
from taylorkit.series import monomials
from taylorkit.series.symbols import Symbol

# Up to so many products a part is written out, each product its own operation; above, rows are gathered, which
# compiles at once and runs slower.
UNROLLED = 600
# The same where rows are single numbers: gathered at once they compile to one loop, which soon runs faster, too.
UNROLLED_NUMBERS = 16


@dataclass(frozen=True, eq=False)
class Sparse:
    """Symbols by the code of their monomial."""

    terms: dict[int, Symbol]

    def __add__(self, other: "Sparse") -> "Part | None":
        terms = dict(self.terms)
        for code, symbol in other.terms.items():
            terms[code] = terms[code] + symbol if code in terms else symbol
        return _sparse(terms)

    def scale(self, factor: float) -> "Part | None":
        return _sparse({code: symbol.program.scale(factor, symbol) for code, symbol in self.terms.items()})

    def number(self, value: float) -> "Sparse":
        """A number as a part of degree 0."""
        return Sparse({0: next(iter(self.terms.values())).program.number(value)})

    def call(self, name: Any, function: Callable[..., Any], *others: "Sparse") -> "Sparse":
        """A function of degree 0, of this part and others of degree 0."""
        symbols = [part.terms[0] for part in (self, *others)]
        return Sparse({0: symbols[0].program.call(name, function, symbols)})

    def along(self, lengths: "Symbol | None") -> "Sparse":
        """Its value at the direction of `sides`, a part of degree 0; `lengths` of a polynomial in an affine form."""
        program = next(iter(self.terms.values())).program
        if lengths is None:
            weighed = [program.scale(monomials.at_direction(code), symbol) for code, symbol in self.terms.items()]
        else:
            weighed = [reduce(mul, [lengths] * (code & 255), symbol) for code, symbol in self.terms.items()]
        return Sparse({0: reduce(add, weighed)})

    def vanishes(self) -> "Sparse":
        """1 where every coefficient is 0, else 0: a part of degree 0."""
        symbols = list(self.terms.values())
        return Sparse({0: symbols[0].program.call(("vanish", len(symbols)), _all_zero, symbols)})

    def certainly(self, value: float) -> bool:
        """Whether a part of degree 0 is known to be this number."""
        return self.terms[0].constant == value

    def touched(self) -> dict[int, Symbol]:
        """For each variable that stands in it whether a coefficient of such a monomial is other than 0: 1 or 0."""
        found: dict[int, list[Symbol]] = {}
        for code, symbol in self.terms.items():
            for variable in monomials.variables_of(code):
                found.setdefault(variable, []).append(symbol)
        return {variable: _any(symbols) for variable, symbols in found.items()}

    def unbounded(self, slopes: "Sparse | None", infinity: "Sparse", given: Sequence["Sparse"]) -> "Part | None":
        """In place of each coefficient that of `slopes` times infinity, NaN where there is none; and 0 for derivatives
        along a variable in which none of the parts `given` has a coefficient, but has in another."""
        factor, terms = infinity.terms[0], {} if slopes is None else slopes.terms
        program = factor.program
        found: dict[int, list[Symbol]] = {}
        for part in given:
            for variable, symbol in part.touched().items():
                found.setdefault(variable, []).append(symbol)
        active = {variable: _any(symbols) for variable, symbols in found.items()}
        one = _any(list(active.values())) if active else program.number(0.0)

        def limit(code: int) -> Symbol:
            blown = factor * terms[code] if code in terms else program.number(nan)
            along = [active.get(variable, program.number(0.0)) for variable in monomials.variables_of(code)]
            still = program.call(("still", len(along)), _still, [one, *along])
            if still.constant is not None:
                return program.number(0.0) if still.constant else blown
            return program.choose(still, [blown, program.number(0.0)])

        return _sparse({code: limit(code) for code in self.terms})

    @staticmethod
    def choose(which: "Sparse", cases: Sequence["Sparse | None"]) -> "Part | None":
        switch = which.terms[0]
        codes = dict.fromkeys(code for case in cases if case is not None for code in case.terms)
        zero = switch.program.number(0.0)
        tables = [{} if case is None else case.terms for case in cases]
        return _sparse({code: switch.program.choose(switch, [t.get(code, zero) for t in tables]) for code in codes})

    @staticmethod
    def convolve(products: Sequence[tuple[float, "Sparse", "Sparse"]]) -> "Part | None":
        # Monomial by monomial, so that what belongs together stands together in the program; and products of one weight
        # are summed before they are weighed: a square costs half the multiplications.
        found: dict[int, dict[float, list[tuple[Symbol, Symbol]]]] = {}
        for weight, left, right in products:
            for factor, code, x, y in _factors(left, right):
                found.setdefault(code, {}).setdefault(weight * factor, []).append((x, y))
        return _sparse({code: _weighed(found[code]) for code in sorted(found)})


def _weighed(products: dict[float, list[tuple[Symbol, Symbol]]]) -> Symbol:
    """Σ weight Σ x y."""
    sums = [(weight, reduce(add, (x * y for x, y in found))) for weight, found in products.items()]
    return reduce(add, (total.program.scale(weight, total) for weight, total in sums))


def _factors(left: Sparse, right: Sparse) -> list[tuple[float, int, Symbol, Symbol]]:
    """(weight, monomial, x, y) of each product of two terms."""
    if left is right:
        items = list(left.terms.items())
        return [
            (1.0 if i == j else 2.0, a + b, x, y)
            for i, (a, x) in enumerate(items)
            for j, (b, y) in enumerate(items[: i + 1])
        ]
    return [(1.0, a + b, x, y) for a, x in left.terms.items() for b, y in right.terms.items()]


def _sparse(terms: dict[int, Symbol]) -> "Sparse | None":
    """A part without the terms that are known to vanish; a value (degree 0) is always there."""
    kept = {code: symbol for code, symbol in terms.items() if code == 0 or symbol.constant != 0}
    return Sparse(kept) if kept else None


@dataclass(frozen=True, eq=False)
class Dense:
    """An array (C, *shape) of the coefficients of one degree in `variables` variables."""

    array: jax.Array
    variables: int
    degree: int

    def __add__(self, other: "Dense") -> "Dense":
        return Dense(_sum(self.array, other.array), self.variables, self.degree)

    def scale(self, factor: float) -> "Dense | None":
        return None if factor == 0 else self.map(lambda a: a if factor == 1 else a * factor)

    def number(self, value: float) -> "Dense":
        """A number as a part of degree 0."""
        return Dense(jnp.full((1,), value, self.array.dtype), self.variables, 0)

    def map(self, function: Callable[[jax.Array], jax.Array]) -> "Dense":
        """The part whose array is function(array)."""
        return Dense(function(self.array), self.variables, self.degree)

    def broadcast(self, shape: tuple[int, ...]) -> "Dense":
        """The part with each row of this shape."""
        rank = np.ndim(self.array)
        if rank == len(shape) + 1 and np.shape(self.array)[1:] == shape:
            return self
        rows = len(self.array)
        filled = jnp.reshape(self.array, (rows, *[1] * (len(shape) + 1 - rank), *np.shape(self.array)[1:]))
        return self.map(lambda _: jnp.broadcast_to(filled, (rows, *shape)))

    def call(self, name: Any, function: Callable[..., Any], *others: "Dense") -> "Dense":
        value = function(*_aligned([self.array, *(part.array for part in others)]))
        return Dense(lax.optimization_barrier(value), self.variables, 0)

    def along(self, lengths: None) -> "Dense":
        weights = [monomials.at_direction(code) for code in monomials.codes(self.variables, self.degree)]
        rows = jnp.broadcast_to(self.array, (len(weights), *self.array.shape[1:]))
        return Dense(jnp.tensordot(jnp.asarray(weights, rows.dtype), rows, 1)[None], self.variables, 0)

    def vanishes(self) -> "Dense":
        zero = (self.array == 0).all(axis=0, keepdims=True)
        return Dense(zero.astype(self.array.real.dtype), self.variables, 0)

    def certainly(self, value: float) -> bool:
        return False

    def unbounded(self, slopes: "Dense | None", infinity: "Dense", given: Sequence["Dense"]) -> "Dense":
        """The same; 0 for derivatives along variables in which none of the parts `given` has a coefficient."""
        blown = self.array * nan if slopes is None else jnp.multiply(*_aligned([infinity.array, slopes.array]))
        touched = [_touched(part) for part in given]
        if not touched:
            return self.map(lambda _: blown)
        active = reduce(jnp.logical_or, _aligned(touched))
        within = (_exponents(self.variables, self.degree) > 0).astype(blown.real.dtype)
        along = jnp.tensordot(within, (~active & active.any(axis=0, keepdims=True)).astype(within.dtype), 1)
        return self.map(lambda _: jnp.where(*_aligned([along > 0, jnp.zeros_like(blown[:1]), blown])))

    @staticmethod
    def choose(which: "Dense", cases: Sequence["Dense | None"]) -> "Dense":
        like = next(case for case in cases if case is not None)
        arrays = [jnp.zeros_like(like.array) if case is None else case.array for case in cases]
        switch, *aligned = _aligned([which.array, *arrays])
        shape = jnp.broadcast_shapes(switch.shape, *(a.shape for a in aligned))
        chosen = lax.select_n(jnp.broadcast_to(switch, shape), *(jnp.broadcast_to(a, shape) for a in aligned))
        return Dense(chosen, like.variables, like.degree)

    @staticmethod
    def convolve(products: Sequence[tuple[float, "Dense", "Dense"]]) -> "Dense | None":
        return bilinear(jnp.multiply, products)


Part: TypeAlias = Any
"""A `Sparse` or a `Dense`: one of them throughout, so that the recurrences need not ask which."""


def bilinear(multiply: Callable[[Any, Any], Any], products: Sequence[tuple[float, Dense, Dense]]) -> Dense | None:
    """Σ weight · left · right of one degree, for any product of two arrays that is linear in each: Σ over monomials."""
    if not products:
        return None
    _, left, right = products[0]
    degree, variables = left.degree + right.degree, left.variables
    scaled = [(a if w == 1 else Dense(a.array * w, variables, a.degree), b) for w, a, b in products]
    # One factor of degree 0 multiplies all rows of the other; so do all when there is one monomial to each degree.
    whole = [(a, b) for a, b in scaled if 1 in (len(a.array), len(b.array))]
    rest = [(a, b) for a, b in scaled if 1 not in (len(a.array), len(b.array))]
    sums = [_outer(multiply, a.array, b.array) for a, b in whole]
    if rest:
        count = sum(len(a.array) * len(b.array) for a, b in rest)
        numbers = multiply is jnp.multiply and all(a.array.ndim == b.array.ndim == 1 for a, b in rest)
        most, gathered = (UNROLLED_NUMBERS, _gathered_at_once) if numbers else (UNROLLED, _gathered)
        sums.append((_unrolled if count <= most else gathered)(multiply, rest))
    return Dense(reduce(_sum, sums), variables, degree)


def _outer(multiply: Callable[[Any, Any], Any], a: jax.Array, b: jax.Array) -> jax.Array:
    if multiply is jnp.multiply:
        return jnp.multiply(*_aligned([a, b]))
    if len(a) == 1:
        return jax.vmap(multiply, (None, 0))(a[0], b)
    return jax.vmap(multiply, (0, None))(a, b[0])


def _unrolled(multiply: Callable[[Any, Any], Any], products: list[tuple[Dense, Dense]]) -> jax.Array:
    variables = products[0][0].variables
    rows: list[list[Any]] = [[] for _ in monomials.codes(variables, products[0][0].degree + products[0][1].degree)]
    for a, b in products:
        left, right = list(a.array), list(b.array)
        for row, found in zip(rows, monomials.pairs(variables, a.degree, b.degree), strict=True):
            row.extend(multiply(left[i], right[j]) for i, j in found)
    # Without the barrier XLA computes the sums again wherever the stack is read.
    return jnp.stack(lax.optimization_barrier([reduce(jnp.add, row) for row in rows]))


def _gathered(multiply: Callable[[Any, Any], Any], products: list[tuple[Dense, Dense]]) -> jax.Array:
    rows = []
    for a, b in products:
        first, second = monomials.padded_pairs(a.variables, a.degree, b.degree)
        left, right = _with_zero(a.array), _with_zero(b.array)
        rows += [jax.vmap(multiply)(left[i], right[j]) for i, j in zip(first, second, strict=True)]
    return reduce(_sum, rows)


def _gathered_at_once(multiply: Callable[[Any, Any], Any], products: list[tuple[Dense, Dense]]) -> jax.Array:
    """All factors of all products by one gather each, and one sum: as good for numbers, too much memory for arrays."""
    tables = [monomials.padded_pairs(a.variables, a.degree, b.degree) for a, b in products]
    left, right = (
        _rows_of([pair[side].array for pair in products], [table[side] for table in tables]) for side in (0, 1)
    )
    # Without the barrier XLA computes the sums again wherever they are read.
    return lax.optimization_barrier(multiply(left, right).sum(axis=0))


def _rows_of(arrays: Sequence[jax.Array], tables: Sequence[np.ndarray]) -> jax.Array:
    """The entries of each array that its table (rows, monomials) names, below one another."""
    starts = np.cumsum([0, *(len(a) + 1 for a in arrays[:-1])])
    places = np.concatenate([table + start for table, start in zip(tables, starts, strict=True)])
    return jnp.concatenate(list(map(_with_zero, arrays))).at[places].get(mode="promise_in_bounds")


def _with_zero(array: jax.Array) -> jax.Array:
    """One row of zeros behind the last."""
    return jnp.concatenate([array, jnp.zeros_like(array[:1])])


def _all_zero(*coefficients: Any) -> Any:
    zero = reduce(jnp.logical_and, (c == 0 for c in coefficients))
    return zero.astype(coefficients[0].real.dtype)


def _any(symbols: list[Symbol]) -> Symbol:
    """1 where one of the symbols is other than 0, else 0."""
    program = symbols[0].program
    if any(s.constant for s in symbols):
        return program.number(1.0)
    return program.call(("any", len(symbols)), _one, symbols)


def _one(*numbers: Any) -> Any:
    return reduce(jnp.logical_or, (n != 0 for n in numbers)).astype(numbers[0].dtype)


def _still(one: Any, *along: Any) -> Any:
    """Whether one variable is active and one of these is not."""
    return ((one > 0) & reduce(jnp.logical_or, (a == 0 for a in along))).astype(one.dtype)


def _exponents(variables: int, degree: int) -> np.ndarray:
    """(monomials, variables)."""
    return multi_index.multi_indices(variables, degree)[-len(monomials.codes(variables, degree)) :]


def _touched(part: Dense) -> jax.Array:
    """(variables, *shape): whether a coefficient of a monomial with this variable is other than 0."""
    with_it = (_exponents(part.variables, part.degree) > 0).T.astype(part.array.real.dtype)
    return jnp.tensordot(with_it, (part.array != 0).astype(with_it.dtype), 1) > 0


def _sum(a: jax.Array, b: jax.Array) -> jax.Array:
    return jnp.add(*_aligned([a, b]))


def _aligned(arrays: Sequence[jax.Array]) -> list[jax.Array]:
    """Rows of numbers get the axes of the rows of arrays that they meet."""
    rank = max(np.ndim(a) for a in arrays)
    return [jnp.reshape(a, (len(a), *[1] * (rank - np.ndim(a)), *np.shape(a)[1:])) for a in arrays]
