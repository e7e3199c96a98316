"""A line spelled in LLVM's language.

    kernel(counter, inputs, strides, out, row, points, scratch, mode)

takes tiles of points, as many as the counter gives it, until there are no more: it copies the inputs of a tile into the
scratch memory, runs each piece over the tile, one vector of points at a time, and copies the results to their rows, or
writes them there at once (MODES). Memory that will not be read again soon is written past the caches. Every thread
calls it with the same counter.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from taylorkit.lowering.elementary import BITS
from taylorkit.lowering.frame import Frame
from taylorkit.lowering.line import TRUTH, Line
from taylorkit.lowering.memory import LINE
from taylorkit.lowering.pieces import Layout, Piece
from taylorkit.lowering.spelling import BEYOND, Spelling, spelled

# Instructions up to which a line is compiled twice, for both ways to store a vector.
SHORT = 4_000


@dataclass(frozen=True)
class Target:
    """Vectors of so many bits, and its vector routines: which there are, and what stands before their names."""

    name: str
    bits: int
    prefix: str
    functions: frozenset[str]


@dataclass(frozen=True)
class Writer:
    """One line for one target: reals of `size` bytes, tiles of `tile` points."""

    line: Line
    layout: Layout
    target: Target
    size: int
    tile: int

    @cached_property
    def spelling(self) -> Spelling:
        return Spelling(self.target.bits // (8 * self.size), self.size, self.target.prefix)

    @property
    def real(self) -> str:
        return self.spelling.real

    @property
    def vector(self) -> str:
        return self.spelling.vector

    def text(self) -> str:
        results, many = len(self.line.results), len(self.layout.pieces)
        frame = Frame(self.real, self.size, self.tile, self.line.inputs, results, many, tuple(self.ways))
        pieces = [
            self.piece(f"{way}{k}", piece, how)
            for way, how in self.ways.items()
            for k, piece in enumerate(self.layout.pieces)
        ]
        return "\n".join([*self.declarations(), *pieces, *frame.text()])

    @property
    def ways(self) -> dict[str, str]:
        """How a piece stores results: plainly, and past the caches where a vector is a whole line of them."""
        plain, whole_lines = {"plain": f"align {self.size}"}, self.target.bits == 8 * LINE
        if not whole_lines or self.line.operations > SHORT:
            return plain
        return {**plain, "past": f"align {LINE}, !nontemporal !0"}

    def declarations(self) -> Iterator[str]:
        operations = {i.operation for i in self.line.instructions}
        called = operations | {routine for beyond, routine in BEYOND.items() if beyond in operations}
        yield from self.spelling.declarations(sorted(called & self.target.functions - {BITS}))

    def piece(self, name: str, piece: Piece, how: str) -> str:
        """One vector of points after the other through one piece; results are stored in their rows as `how` says."""
        body = "\n".join(self.body(piece, how))
        return f"""
define internal void @{name}(ptr %scratch, ptr %out, i64 %row) {{
entry:
  br label %loop
loop:
  %i = phi i64 [0, %entry], [%next, %on]
  %here = getelementptr inbounds {self.real}, ptr %scratch, i64 %i
  %there = getelementptr inbounds {self.real}, ptr %out, i64 %i
{body}
  br label %on
on:
  %next = add i64 %i, {self.spelling.lanes}
  %more = icmp ult i64 %next, {self.tile}
  br i1 %more, label %loop, label %done
done:
  ret void
}}"""

    def body(self, piece: Piece, how: str) -> Iterator[str]:
        loaded = set[int]()
        computed = set(piece.computed)
        for place in piece.computed:
            operation, arguments, type_ = self.line.instructions[place]
            for operand in arguments:
                if operand in piece.read and operand not in loaded:
                    loaded.add(operand)
                    yield from self.load(operand, piece.read[operand])
            yield self.spelling.instruction(place, operation, [self.value(a) for a in arguments], type_ == TRUTH)
            for slot in piece.kept.get(place, ()):
                yield from self.store(place, slot, how)
        for place in piece.kept.keys() - computed:
            if place in piece.read and place not in loaded:
                yield from self.load(place, piece.read[place])
            for slot in piece.kept[place]:
                yield from self.store(place, slot, how)

    def address(self, slot: int) -> str:
        return f"getelementptr inbounds {self.real}, ptr %here, i64 {slot * self.tile}"

    def load(self, place: int, slot: int) -> Iterator[str]:
        """Truths lie in slots as the numbers 0 and 1."""
        truth = self.line.type(place) == TRUTH
        name = f"%r{place}" if truth else f"%v{place}"
        yield f"  %a{place} = {self.address(slot)}"
        yield f"  {name} = load {self.vector}, ptr %a{place}, align {LINE}"
        if truth:
            yield f"  %v{place} = fcmp une {self.vector} {name}, zeroinitializer"

    def store(self, place: int, slot: int, how: str) -> Iterator[str]:
        value = self.value(place)
        if self.line.type(place) == TRUTH:
            ones, value = value, f"%k{place}.{slot}"
            yield f"  {value} = uitofp {self.spelling.truths} {ones} to {self.vector}"
        is_result = self.line.inputs <= slot < self.line.inputs + len(self.line.results)
        if is_result:
            yield f"  %o{place}.{slot} = mul i64 %row, {slot - self.line.inputs}"
            yield f"  %s{place}.{slot} = getelementptr i8, ptr %there, i64 %o{place}.{slot}"
        else:
            yield f"  %s{place}.{slot} = {self.address(slot)}"
        yield f"  store {self.vector} {value}, ptr %s{place}.{slot}, {how if is_result else f'align {LINE}'}"

    def value(self, place: int) -> str:
        operation, arguments, _ = self.line.instructions[place]
        if operation == "constant":
            return f"splat ({self.real} {spelled(float.fromhex(arguments[0]), self.size)})"
        if operation == "truth":
            return f"splat (i1 {str(arguments[0]).lower()})"
        return f"%v{place}"
