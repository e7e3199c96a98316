"""The straight line written out: instructions on real numbers and truths, one result each.

What a symbol calls (exp u₀, …) is taken apart into the same instructions where each of its primitives has one; what has
none is `handed` in: JAX computes it for all points before.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import jax
import numpy as np

from taylorkit.lowering import mathematics
from taylorkit.series.symbols import Program, Symbol

REAL, TRUTH = "real", "truth"
# What stands there without being computed.
GIVEN = frozenset(["input", "constant", "truth"])


class Instruction(NamedTuple):
    """One operation on earlier results, by their places; of an input its number, of a constant its value."""

    operation: str
    arguments: tuple[Any, ...]
    type: str

    @property
    def operands(self) -> tuple[int, ...]:
        return () if self.operation in GIVEN else self.arguments


@dataclass
class Line:
    """Instructions in an order in which they can be computed, none twice; `results` are places of what is wanted."""

    functions: frozenset[str]
    """The functions that the machine has instructions or routines for."""
    instructions: list[Instruction] = field(default_factory=list)
    results: list[int] = field(default_factory=list)
    inputs: int = 0
    known: dict[Instruction, int] = field(default_factory=dict)

    def put(self, operation: str, *arguments: Any, type: str = REAL) -> int:
        """The place of the instruction's result."""
        instruction = Instruction(operation, arguments, type)
        place = self.known.get(instruction)
        if place is None:
            place = self.known[instruction] = len(self.instructions)
            self.instructions.append(instruction)
        return place

    def number(self, value: float) -> int:
        # The text tells 0 from −0, which are equal.
        return self.put("constant", float(value).hex())

    def input(self, number: int) -> int:
        self.inputs = max(self.inputs, number + 1)
        return self.put("input", number)

    def type(self, place: int) -> str:
        return self.instructions[place].type

    @property
    def operations(self) -> int:
        """How many numbers a point computes."""
        return sum(i.operation not in GIVEN for i in self.instructions)


def write_out(
    program: Program, wanted: Sequence[Symbol], variables: Sequence[Symbol], dtype: np.dtype, functions: frozenset[str]
) -> tuple[Line, list[Symbol]]:
    """The line that computes `wanted` of the `variables`, its first inputs, and of what is handed in, its others."""
    line, handed = Line(functions), [*variables]
    outside = _outside(program, wanted, {v.place for v in variables}, dtype, functions)
    line.inputs = len(variables)
    places: dict[int, int] = {v.place: line.input(i) for i, v in enumerate(variables)}
    needed = program.needed(wanted, {v.place for v in variables})
    stopped = {s.place for s in needed if s.place in outside}
    for symbol in needed if not stopped else _down_to(program, wanted, stopped | {v.place for v in variables}):
        if symbol.place in stopped:
            places[symbol.place] = line.input(len(handed))
            handed.append(symbol)
        elif symbol.place not in places:
            places[symbol.place] = _instruction(line, symbol, [places[a.place] for a in symbol.operands], dtype)
    line.results = [places[s.place] for s in wanted]
    return line, handed[len(variables) :]


def _down_to(program: Program, wanted: Sequence[Symbol], ends: set[int]) -> list[Symbol]:
    """The symbols on which `wanted` rests, down to the `ends`, which are among them."""
    inner = program.needed(wanted, ends)
    used = {a.place: a for s in inner for a in s.operands} | {s.place: s for s in wanted}
    return sorted([*inner, *(s for p, s in used.items() if p in ends)], key=lambda s: s.place)


def _outside(
    program: Program, wanted: Sequence[Symbol], variables: set[int], dtype: np.dtype, functions: frozenset[str]
) -> set[int]:
    """The places of what the line cannot compute: arrays that only tracing knows, and calls without instructions."""
    trial, types = Line(functions), dict.fromkeys(variables, REAL)
    found = set[int]()
    for symbol in program.needed(wanted, variables):
        types[symbol.place] = REAL
        if symbol.kind == "leaf" and _constant(symbol) is None:
            found.add(symbol.place)
        elif symbol.kind == "call":
            arguments = [trial.put("input", 10**6 + a.place, type=types[a.place]) for a in symbol.operands]
            try:
                types[symbol.place] = trial.type(mathematics.write(trial, symbol.arguments[0], arguments, dtype))
            except (mathematics.Missing, TypeError):  # what is handed in has lost its type
                found.add(symbol.place)
    return found


def _constant(leaf: Symbol) -> float | None:
    """The number that a leaf is, where it is one."""
    value = leaf.arguments[0]
    return None if isinstance(value, jax.core.Tracer) or np.size(value) != 1 else float(np.asarray(value).reshape(()))


def _instruction(line: Line, symbol: Symbol, operands: list[int], dtype: np.dtype) -> int:
    if symbol.kind == "leaf":
        value = _constant(symbol)
        assert value is not None, "other leaves are handed in"
        return line.number(value)
    if symbol.kind == "constant":
        return line.number(symbol.arguments[0])
    if symbol.kind == "call":
        return mathematics.write(line, symbol.arguments[0], operands, dtype)
    if symbol.kind == "choice":
        return mathematics.choose(line, *operands)
    return line.put("add" if symbol.kind == "sum" else "mul", *operands)
