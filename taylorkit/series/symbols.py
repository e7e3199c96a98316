"""The program: a straight line of additions and multiplications over leaves.

Only degree 0 needs transcendental functions; every coefficient above it is made of + and ×. A symbol is one number of
that line, before anything is computed: folding zeros, ones and repeated subexpressions here keeps what reaches a
compiler short, and whoever lowers the line (XLA below) sees the whole of it.

A symbol is a `leaf` (an array that is handed in), a `constant`, the `sum` or `product` of two symbols, a `choice`
between two by a third, or a `call` of a function of degree 0 (exp u₀, 1/b₀, …).
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax


class Symbol:
    """One number of the program. Symbols of one program are equal exactly if they are the same object."""

    __slots__ = ("arguments", "kind", "place", "program")

    def __init__(self, program: "Program", place: int, kind: str, arguments: tuple[Any, ...]):
        self.program, self.place, self.kind, self.arguments = program, place, kind, arguments

    @property
    def constant(self) -> float | None:
        return self.arguments[0] if self.kind == "constant" else None

    def __add__(self, other: "Symbol") -> "Symbol":
        return self.program.add(self, other)

    def __mul__(self, other: "Symbol") -> "Symbol":
        return self.program.multiply(self, other)


@dataclass
class Program:
    """Hash-consed symbols in the order in which they were made, which is an order in which they can be computed."""

    symbols: list[Symbol] = field(default_factory=list)
    known: dict[Hashable, Symbol] = field(default_factory=dict)
    computed: dict[int, Any] = field(default_factory=dict)

    def _symbol(self, kind: str, arguments: tuple[Any, ...], key: Hashable) -> Symbol:
        found = self.known.get(key)
        if found is None:
            found = self.known[key] = Symbol(self, len(self.symbols), kind, arguments)
            self.symbols.append(found)
        return found

    def leaf(self, value: Any) -> Symbol:
        """An array that is handed in; kept alive by the symbol, so that its id is its name."""
        return self._symbol("leaf", (value,), ("leaf", id(value)))

    def number(self, value: float) -> Symbol:
        return self._symbol("constant", (value,), ("constant", value, np.signbit(value)))

    def add(self, a: Symbol, b: Symbol) -> Symbol:
        x, y = a.constant, b.constant
        if x == 0:
            return b
        if y == 0:
            return a
        if x is not None and y is not None:
            return self.number(x + y)
        a, b = (a, b) if a.place <= b.place else (b, a)
        return self._symbol("sum", (a, b), ("sum", a.place, b.place))

    def multiply(self, a: Symbol, b: Symbol) -> Symbol:
        x, y = a.constant, b.constant
        if x is not None and y is not None:
            return self.number(x * y)
        if x is not None:
            return self.scale(x, b)
        if y is not None:
            return self.scale(y, a)
        a, b = (a, b) if a.place <= b.place else (b, a)
        return self._symbol("product", (a, b), ("product", a.place, b.place))

    def scale(self, factor: float, a: Symbol) -> Symbol:
        if factor == 1:
            return a
        if factor == 0:
            return self.number(0.0)
        if a.kind == "constant":
            return self.number(factor * a.arguments[0])
        if a.kind == "product" and a.arguments[0].constant == -1:  # −(−a), and signs move outwards
            return self.scale(-factor, a.arguments[1])
        constant = self.number(factor)
        return self._symbol("product", (constant, a), ("product", constant.place, a.place))

    def choose(self, which: Symbol, cases: Sequence[Symbol]) -> Symbol:
        """cases[which]."""
        if all(case is cases[0] for case in cases):
            return cases[0]
        return self._symbol("choice", (which, *cases), ("choice", which.place, *(c.place for c in cases)))

    def call(self, name: Hashable, function: Callable[..., Any], arguments: Sequence[Symbol]) -> Symbol:
        """function(*arguments), known by its name: what stands at degree 0."""
        return self._symbol("call", (function, *arguments), ("call", name, *(a.place for a in arguments)))

    def values(self, wanted: Iterable[Symbol], dtype: Any) -> list[Any]:
        """The arrays that the symbols stand for, by XLA; each symbol is computed once."""
        wanted = list(wanted)
        for symbol in self._needed(wanted):
            self.computed[symbol.place] = LOWER[symbol.kind](self, symbol, dtype)
        return [self.computed[symbol.place] for symbol in wanted]

    def _needed(self, wanted: list[Symbol]) -> list[Symbol]:
        """The symbols not computed yet on which `wanted` rests, in order."""
        waiting, needed = list(wanted), {}
        while waiting:
            symbol = waiting.pop()
            if symbol.place not in self.computed and symbol.place not in needed:
                needed[symbol.place] = symbol
                waiting.extend(a for a in symbol.arguments if isinstance(a, Symbol))
        return [needed[place] for place in sorted(needed)]


def _operands(program: Program, symbol: Symbol) -> list[Any]:
    return [program.computed[a.place] for a in symbol.arguments if isinstance(a, Symbol)]


def _called(program: Program, symbol: Symbol, dtype: Any) -> Any:
    # The barrier keeps XLA from computing a transcendental function again in each of its many users.
    return lax.optimization_barrier(symbol.arguments[0](*_operands(program, symbol)))


def _chosen(program: Program, symbol: Symbol, dtype: Any) -> Any:
    which, *cases = _operands(program, symbol)
    return lax.select_n(which, *(jnp.broadcast_to(c, jnp.shape(which)) for c in cases))


LOWER: dict[str, Callable[[Program, Symbol, Any], jax.Array]] = {
    "leaf": lambda program, symbol, dtype: symbol.arguments[0],
    "constant": lambda program, symbol, dtype: jnp.asarray(symbol.arguments[0], dtype),
    "sum": lambda program, symbol, dtype: lax.add(*_operands(program, symbol)),
    "product": lambda program, symbol, dtype: lax.mul(*_operands(program, symbol)),
    "choice": _chosen,
    "call": _called,
}
