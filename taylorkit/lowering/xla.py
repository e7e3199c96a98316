"""A program lowered to XLA: one loop over the points that keeps every intermediate number in registers.

Left to itself XLA's CPU compiler writes one loop an output and computes in each what they share again. A reduction over
windows is the one operation of XLA that has many results and any scalar program for a body: with windows of one entry,
the program's inputs for operands and the straight line for a body, it is a loop over points that evaluates the line
once a point and is vectorised.

Functions of degree 0 (exp u₀, …) are computed before, each behind a barrier, so that none is computed twice.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import jax.numpy as jnp
from jax import lax

from taylorkit.series.symbols import Program, Symbol

# A line shorter than SHORT is left to XLA's own fusion. A longer one is cut into kernels of at most LONG operations and
# ARRAYS arrays in and as many out: LLVM was seen to vectorise 3,300 operations and not 4,200, 105 arrays and not 132.
SHORT, LONG, ARRAYS = 8, 3_000, 96


_apart: ContextVar[bool] = ContextVar("apart", default=False)


@contextmanager
def one_by_one() -> Iterator[None]:
    """While this is open, lines are written as operations by themselves: JAX has no derivative of their kernels."""
    token = _apart.set(True)
    try:
        yield
    finally:
        _apart.reset(token)


def values(program: Program, wanted: Sequence[Symbol], dtype: Any) -> list[Any]:
    """The arrays that the symbols stand for. Functions of degree 0 are kept for the next time they are asked for."""
    _calls(program, wanted, dtype)
    line = [s for s in program.needed(wanted, program.computed) if s.kind in LINE]
    if len(line) <= SHORT or _apart.get():
        for symbol in program.needed(wanted, program.computed):
            program.computed[symbol.place] = _single(program, symbol, dtype)
        return [program.computed[s.place] for s in wanted]
    known: dict[int, Any] = dict(program.computed)
    for start, stop in cuts(line, wanted):
        live = {a.place for s in line[stop:] for a in s.operands} | {s.place for s in wanted}
        _kernel(line[start:stop], live, known, dtype)
    return [known[s.place] if s.place in known else _single(program, s, dtype) for s in wanted]


def compute(program: Program, wanted: Sequence[Symbol], dtype: Any) -> None:
    """Compute symbols and keep what they stand for."""
    for symbol, value in zip(wanted, values(program, wanted, dtype), strict=True):
        program.computed[symbol.place] = value


LINE = ("sum", "product", "choice")


def _calls(program: Program, wanted: Sequence[Symbol], dtype: Any) -> None:
    """Compute the calls and leaves below `wanted`, with what little stands below them."""
    below = program.needed(wanted, program.computed)
    calls = [s for s in below if s.kind == "call"]
    for symbol in program.needed(calls, program.computed):
        program.computed[symbol.place] = _single(program, symbol, dtype)
    for symbol in below:
        if symbol.kind == "leaf":
            program.computed[symbol.place] = symbol.arguments[0]


def _single(program: Program, symbol: Symbol, dtype: Any) -> Any:
    """One symbol as one operation of XLA."""
    operands = [program.computed[a.place] for a in symbol.operands]
    if symbol.kind == "leaf":
        return symbol.arguments[0]
    if symbol.kind == "call":
        return lax.optimization_barrier(symbol.arguments[0](*operands))
    return _scalar(symbol, operands, dtype)


def _scalar(symbol: Symbol, operands: list[Any], dtype: Any) -> Any:
    if symbol.kind == "constant":
        return jnp.asarray(symbol.arguments[0], dtype)
    if symbol.kind == "sum":
        return operands[0] + operands[1]
    if symbol.kind == "product":
        return operands[0] * operands[1]
    which, *cases = operands
    chosen = cases[0]
    for place, case in enumerate(cases[1:], 1):
        chosen = jnp.where(which == place, case, chosen)
    return chosen


def cuts(line: list[Symbol], wanted: Sequence[Symbol]) -> list[tuple[int, int]]:
    """The pieces of the line, from and to."""
    last = {a.place: i for i, s in enumerate(line) for a in s.operands}
    last |= {s.place: len(line) for s in wanted}
    found, start = [], 0
    while start < len(line):
        stop = _cut(line, start, last)
        found.append((start, stop))
        start = stop
    return found


def _cut(line: list[Symbol], start: int, last: dict[int, int]) -> int:
    """Where the piece from `start` ends: where it hands over the least, not before half of the way that it may go."""
    first, stop = line[start].place, min(start + LONG, len(line))
    # ending[i]: how many numbers of the piece are used for the last time by operation i.
    ending = Counter(last.get(s.place, i) for i, s in enumerate(line[start:stop], start))
    alive, read, handed = 0, set[int](), {start + 1: 1}
    for i in range(start, stop):
        alive += 1 - ending[i]
        read.update(a.place for a in line[i].operands if a.kind != "constant" and a.place < first)
        if len(read) > ARRAYS:
            break
        if alive <= ARRAYS:
            handed[i + 1] = alive
    furthest = max(handed)
    if furthest == len(line):
        return furthest
    return min((i for i in handed if i - start >= (furthest - start) / 2), key=lambda i: (handed[i], -i))


def _kernel(line: list[Symbol], live: set[int], known: dict[int, Any], dtype: Any) -> None:
    """Add to `known` those of the line's values that are asked for later."""
    own = {s.place for s in line}
    sources = {a.place: a for s in line for a in s.operands if a.place not in own}
    inputs = [place for place, source in sources.items() if source.kind != "constant"]
    results = [s for s in line if s.place in live]

    def body(_: tuple, given: tuple) -> tuple:
        numbers = dict(zip(inputs, given[: len(inputs)], strict=True))
        numbers |= {p: s.arguments[0] for p, s in sources.items() if s.kind == "constant"}
        for symbol in line:
            numbers[symbol.place] = _scalar(symbol, [numbers[a.place] for a in symbol.operands], dtype)
        found = [jnp.asarray(numbers[s.place], dtype) for s in results]
        return (*found, *given[len(found) :])

    # Operands and results come in pairs of one type; the shorter list is filled up.
    width = max(len(inputs), len(results))
    shape = jnp.broadcast_shapes((1,), *(jnp.shape(known[p]) for p in inputs))
    operands = [jnp.broadcast_to(jnp.asarray(known[p]).astype(dtype), shape) for p in inputs]
    operands += [jnp.zeros(shape, dtype)] * (width - len(operands))
    start = (jnp.zeros((), dtype),) * width
    ones = (1,) * len(shape)
    found = lax.reduce_window(tuple(operands), start, body, ones, ones, "VALID")
    single = all(jnp.shape(known[p]) == () for p in inputs)
    known.update({s.place: a[0] if single else a for s, a in zip(results, found[: len(results)], strict=True)})
