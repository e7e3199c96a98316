"""The program: a straight line of additions and multiplications over leaves.

Only degree 0 needs transcendental functions; every coefficient above it is made of + and ×. A symbol is one number of
that line, before anything is computed: folding zeros, ones and repeated subexpressions here keeps what reaches a
compiler short, and whoever lowers the line (`xla` here) sees the whole of it.

A symbol is a `leaf` (an array that is handed in), a `constant`, the `sum` or `product` of two symbols, a `choice`
between two by a third, or a `call` of a function of degree 0 (exp u₀, 1/b₀, …).
"""

from collections.abc import Callable, Container, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np


class Symbol:
    """One number of the program. Symbols of one program are equal exactly if they are the same object."""

    __slots__ = ("arguments", "kind", "place", "program")

    def __init__(self, program: "Program", place: int, kind: str, arguments: tuple[Any, ...]):
        self.program, self.place, self.kind, self.arguments = program, place, kind, arguments

    @property
    def operands(self) -> list["Symbol"]:
        return [a for a in self.arguments if isinstance(a, Symbol)]

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

    degrees: tuple[int, int] = (1, 0)
    """The number of variables and the order of the series that it computes."""
    symbols: list[Symbol] = field(default_factory=list)
    known: dict[Hashable, Symbol] = field(default_factory=dict)
    computed: dict[int, Any] = field(default_factory=dict)
    """Arrays by the place of the symbol that they are the values of."""

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
        value = float(value)  # 2 and 2.0 are one key: whichever comes first is kept
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
        if a.kind == "product" and (inner := a.arguments[0].constant) and 1e-30 < abs(factor * inner) < 1e30:
            return self.scale(factor * inner, a.arguments[1])  # numbers move outwards, and meet there
        constant = self.number(factor)
        return self._symbol("product", (constant, a), ("product", constant.place, a.place))

    def choose(self, which: Symbol, cases: Sequence[Symbol]) -> Symbol:
        """cases[which]."""
        if all(case is cases[0] for case in cases):
            return cases[0]
        return self._symbol("choice", (which, *cases), ("choice", which.place, *(c.place for c in cases)))

    def call(self, name: Hashable, function: Callable[..., Any], arguments: Sequence[Symbol]) -> Symbol:
        """function(*arguments), known by its name: what stands at degree 0."""
        if all(a.kind == "constant" for a in arguments):
            with jax.ensure_compile_time_eval():
                value = function(*(jnp.asarray(a.constant) for a in arguments))
            return self.number(float(value)) if jnp.issubdtype(value.dtype, jnp.floating) else self.leaf(value)
        return self._symbol("call", (function, *arguments), ("call", name, *(a.place for a in arguments)))

    def needed(self, wanted: Iterable[Symbol], given: Container[int] = ()) -> list[Symbol]:
        """The symbols on which `wanted` rests, in order, down to those whose places are `given`."""
        waiting, found = list(wanted), {}
        while waiting:
            symbol = waiting.pop()
            if symbol.place not in given and symbol.place not in found:
                found[symbol.place] = symbol
                waiting.extend(symbol.operands)
        return [found[place] for place in sorted(found)]
