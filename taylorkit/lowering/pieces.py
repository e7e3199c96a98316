"""A long line in pieces, and where the numbers lie that one piece leaves for later ones.

A processor runs a piece for all points of a tile before it goes on to the next: its code is fetched once for many
points, and the numbers between pieces stay in a cache. Compilers take time that grows faster than a piece does.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from taylorkit.lowering.line import GIVEN, Line

# Instructions of one piece: as many as LLVM compiles in linear time. 700 and 1,500 ran slower and compiled no sooner.
PIECE = 4_000


@dataclass(frozen=True)
class Piece:
    """Instructions `computed` in order; their operands from elsewhere lie in slots, and what is `kept` goes there."""

    computed: tuple[int, ...]
    read: dict[int, int]
    kept: dict[int, tuple[int, ...]]
    """Slots by place: one for later pieces, one for each result that the number is."""


@dataclass(frozen=True)
class Layout:
    """The pieces, and the slots: first the inputs', then the results', then those that are used over and over."""

    pieces: tuple[Piece, ...]
    slots: int


def layout(line: Line) -> Layout:
    computed = [p for p, i in enumerate(line.instructions) if i.operation not in GIVEN]
    parts = [computed[k : k + PIECE] for k in range(0, len(computed), PIECE)] or [[]]
    number = {place: k for k, part in enumerate(parts) for place in part}
    last = {a: number[place] for place in computed for a in line.instructions[place].operands}
    slots = Slots(line.inputs + len(line.results))
    found = {p: i.arguments[0] for p, i in enumerate(line.instructions) if i.operation == "input"}
    pieces = [_piece(line, k, part, number, last, found, slots) for k, part in enumerate(parts)]
    return Layout(tuple(pieces), slots.most)


class Slots:
    """Slots that are given out, and taken back when the last piece that reads them is over."""

    def __init__(self, first: int):
        self.most, self.free = first, list[int]()
        self.ending: dict[int, list[int]] = {}

    def take(self, until: int) -> int:
        slot = self.free.pop() if self.free else self.most
        self.most = max(self.most, slot + 1)
        self.ending.setdefault(until, []).append(slot)
        return slot

    def over(self, piece: int) -> None:
        self.free += self.ending.pop(piece, [])


def _piece(
    line: Line,
    k: int,
    part: list[int],
    number: dict[int, int],
    last: dict[int, int],
    found: dict[int, int],
    slots: Slots,
) -> Piece:
    own = set(part)
    outer = dict.fromkeys(a for p in part for a in line.instructions[p].operands if a not in own)
    read = {p: found[p] for p in outer if p in found}
    kept: dict[int, tuple[int, ...]] = {}
    for place in part:
        if last.get(place, -1) > k:
            found[place] = slots.take(last[place])
            kept[place] = (found[place],)
    for slot, place in _results(line, k, number):
        kept[place] = (*kept.get(place, ()), slot)
        if place not in own and place in found:
            read[place] = found[place]
    slots.over(k)
    return Piece(tuple(part), read, kept)


def _results(line: Line, k: int, number: dict[int, int]) -> Iterator[tuple[int, int]]:
    """The results' slots that this piece fills: what is not computed is filled by the first."""
    for row, place in enumerate(line.results):
        if number.get(place, 0) == k:
            yield line.inputs + row, place
