"""A line spelled in LLVM's language.

    kernel(counter, inputs, strides, out, row, points, scratch, mode)

takes tiles of points, as many as the counter gives it, until there are no more: it copies the inputs of a tile into the
scratch memory, runs each piece over the tile, one vector of points at a time, and copies the results to their rows, or
writes them there at once (MODES). Memory that will not be read again soon is written past the caches. Every thread
calls it with the same counter.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from taylorkit.lowering.line import TRUTH, Line
from taylorkit.lowering.mathematics import SCALE
from taylorkit.lowering.memory import LINE
from taylorkit.lowering.pieces import Layout, Piece

# Products and sums may fuse; nothing else may change.
FUSED = "contract"
INSTRUCTIONS = {
    "add": f"fadd {FUSED} {{v}} {{0}}, {{1}}",
    "sub": f"fsub {FUSED} {{v}} {{0}}, {{1}}",
    "mul": f"fmul {FUSED} {{v}} {{0}}, {{1}}",
    "div": "fdiv {v} {0}, {1}",
    "neg": "fneg {v} {0}",
    "select": "select {t} {0}, {r} {1}, {r} {2}",
    "and": "and {t} {0}, {1}",
    "or": "or {t} {0}, {1}",
    "xor": "xor {t} {0}, {1}",
    "not": "xor {t} {0}, splat (i1 true)",
}
COMPARISONS = {"eq": "oeq", "ne": "une", "lt": "olt", "le": "ole", "gt": "ogt", "ge": "oge"}
INTRINSICS = {
    "sqrt": ("sqrt", 1),
    "abs": ("fabs", 1),
    "floor": ("floor", 1),
    "ceil": ("ceil", 1),
    "trunc": ("trunc", 1),
    "round": ("round", 1),
    "roundeven": ("roundeven", 1),
    "max": ("maximum", 2),
    "min": ("minimum", 2),
    "fma": ("fma", 3),
}
TWO = frozenset(["pow", "atan2"])
# How results reach their rows: by way of the scratch memory, copied plainly or past the caches; or each vector at once.
MODES = {"staged": 0, "streamed": 1, "plain": 2, "past": 3}
ROWS, STAGED = "ptr %scratch, ptr %first, i64 %row", "ptr %scratch, ptr %results, i64 %step"
# Instructions up to which a line is compiled twice, for both ways to store a vector.
SHORT = 4_000
# Points that are brought in one turn of a loop.
WALK = 8


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

    @property
    def lanes(self) -> int:
        return self.target.bits // (8 * self.size)

    @property
    def real(self) -> str:
        return {4: "float", 8: "double"}[self.size]

    @property
    def vector(self) -> str:
        return f"<{self.lanes} x {self.real}>"

    def text(self) -> str:
        pieces = [
            self.piece(f"{way}{k}", piece, how)
            for way, how in self.ways.items()
            for k, piece in enumerate(self.layout.pieces)
        ]
        return "\n".join([*self.declarations(), *pieces, *self.copying(), self.kernel()])

    @property
    def ways(self) -> dict[str, str]:
        """How a piece stores results: plainly, and past the caches where a vector is a whole line of them."""
        plain, whole_lines = {"plain": f"align {self.size}"}, self.target.bits == 8 * LINE
        if not whole_lines or self.line.operations > SHORT:
            return plain
        return {**plain, "past": f"align {LINE}, !nontemporal !0"}

    def declarations(self) -> Iterator[str]:
        suffix = f"v{self.lanes}f{8 * self.size}"
        for intrinsic, many in INTRINSICS.values():
            yield f"declare {self.vector} @llvm.{intrinsic}.{suffix}({', '.join([self.vector] * many)})"
        if SCALE in self.target.functions:
            yield f"declare {self.vector} @{self.scaling}({', '.join([self.vector] * 3)}, i{self.lanes}, i32)"
        for name in sorted({i.operation for i in self.line.instructions} & self.target.functions - {SCALE}):
            many = 2 if name in TWO else 1
            yield f"declare {self.vector} @{self.routine(name)}({', '.join([self.vector] * many)})"

    @property
    def scaling(self) -> str:
        """x 2^n: with a mask of lanes, all of them, and the rounding that is set."""
        return f"llvm.x86.avx512.mask.scalef.p{'s' if self.size == 4 else 'd'}.512"

    def routine(self, name: str) -> str:
        return f"{self.target.prefix}N{self.lanes}{'vv' if name in TWO else 'v'}_{name}{'f' if self.size == 4 else ''}"

    def piece(self, name: str, piece: Piece, how: str) -> str:
        """One vector of points after the other through one piece; results are stored in their rows as `how` says."""
        body = "\n".join(self.body(piece, how))
        return f"""
define internal void @{name}(ptr %scratch, ptr %out, i64 %row) {{
entry:
  br label %loop
loop:
  %i = phi i64 [0, %entry], [%next, %loop]
  %here = getelementptr inbounds {self.real}, ptr %scratch, i64 %i
  %there = getelementptr inbounds {self.real}, ptr %out, i64 %i
{body}
  %next = add i64 %i, {self.lanes}
  %more = icmp ult i64 %next, {self.tile}
  br i1 %more, label %loop, label %done
done:
  ret void
}}"""

    def body(self, piece: Piece, how: str) -> Iterator[str]:
        loaded = set[int]()
        computed = set(piece.computed)
        for place in piece.computed:
            for operand in self.line.instructions[place].operands:
                if operand in piece.read and operand not in loaded:
                    loaded.add(operand)
                    yield from self.load(operand, piece.read[operand])
            yield f"  %v{place} = {self.instruction(place)}"
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
            yield f"  {value} = uitofp <{self.lanes} x i1> {ones} to {self.vector}"
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

    def instruction(self, place: int) -> str:
        operation, arguments, type_ = self.line.instructions[place]
        values, truths = [self.value(a) for a in arguments], f"<{self.lanes} x i1>"
        if operation in INSTRUCTIONS:
            result = truths if type_ == TRUTH else self.vector
            return INSTRUCTIONS[operation].format(*values, v=self.vector, t=truths, r=result)
        if operation in COMPARISONS:
            return f"fcmp {COMPARISONS[operation]} {self.vector} {values[0]}, {values[1]}"
        if operation == SCALE:
            given = ", ".join(f"{self.vector} {v}" for v in (*values, "zeroinitializer"))
            return f"call {self.vector} @{self.scaling}({given}, i{self.lanes} -1, i32 4)"
        name = self.routine(operation)
        if operation in INTRINSICS:
            name = f"llvm.{INTRINSICS[operation][0]}.v{self.lanes}f{8 * self.size}"
        return f"call {self.vector} @{name}({', '.join(f'{self.vector} {v}' for v in values)})"

    def copying(self) -> Iterator[str]:
        real, size = self.real, self.size
        walked = "\n".join(self.walked(k) for k in range(WALK))
        yield f"""
define internal void @bring(ptr noalias %to, ptr noalias %from, i64 %stride, i64 %count) {{
entry:
  %full = icmp eq i64 %count, {self.tile}
  %together = icmp eq i64 %stride, {size}
  br i1 %together, label %copy, label %apart
copy:
  %bytes = mul i64 %count, {size}
  call void @llvm.memcpy.p0.p0.i64(ptr %to, ptr %from, i64 %bytes, i1 false)
  br i1 %full, label %done, label %rest
apart:
  br i1 %full, label %walk, label %rest
walk:
  %i = phi i64 [0, %apart], [%next, %walk]
  %p0 = phi ptr [%from, %apart], [%p{WALK}, %walk]
{walked}
  %next = add i64 %i, {WALK}
  %more = icmp ult i64 %next, {self.tile}
  br i1 %more, label %walk, label %done
rest:
  %last = sub i64 %count, 1
  br label %loop
loop:
  %r = phi i64 [0, %rest], [%r1, %loop]
  %j = call i64 @llvm.umin.i64(i64 %r, i64 %last)
  %k = mul i64 %j, %stride
  %a = getelementptr i8, ptr %from, i64 %k
  %x = load {real}, ptr %a, align {size}
  %b = getelementptr {real}, ptr %to, i64 %r
  store {real} %x, ptr %b, align {size}
  %r1 = add i64 %r, 1
  %left = icmp ult i64 %r1, {self.tile}
  br i1 %left, label %loop, label %done
done:
  ret void
}}
declare i64 @llvm.umin.i64(i64, i64)
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
define internal void @hand(ptr noalias %to, ptr noalias %from, i64 %count, i1 %streaming) {{
entry:
  %bytes = mul i64 %count, {size}
  br i1 %streaming, label %head, label %plain
plain:
  call void @llvm.memcpy.p0.p0.i64(ptr %to, ptr %from, i64 %bytes, i1 false)
  ret void
head:
  %at = ptrtoint ptr %to to i64
  %off = sub i64 0, %at
  %odd = and i64 %off, {LINE - 1}
  %first = call i64 @llvm.umin.i64(i64 %odd, i64 %bytes)
  call void @llvm.memcpy.p0.p0.i64(ptr %to, ptr %from, i64 %first, i1 false)
  %room = sub i64 %bytes, %first
  %whole = and i64 %room, -{LINE}
  %end = add i64 %first, %whole
  %any = icmp ult i64 %first, %end
  br i1 %any, label %loop, label %tail
loop:
  %i = phi i64 [%first, %head], [%next, %loop]
  %a = getelementptr i8, ptr %from, i64 %i
  %x = load <{LINE // size} x {real}>, ptr %a, align {size}
  %b = getelementptr i8, ptr %to, i64 %i
  store <{LINE // size} x {real}> %x, ptr %b, align {LINE}, !nontemporal !0
  %next = add i64 %i, {LINE}
  %more = icmp ult i64 %next, %end
  br i1 %more, label %loop, label %tail
tail:
  %left = sub i64 %bytes, %end
  %c = getelementptr i8, ptr %to, i64 %end
  %d = getelementptr i8, ptr %from, i64 %end
  call void @llvm.memcpy.p0.p0.i64(ptr %c, ptr %d, i64 %left, i1 false)
  ret void
}}
!0 = !{{i32 1}}"""

    def walked(self, k: int) -> str:
        return f"""  %x{k} = load {self.real}, ptr %p{k}, align {self.size}
  %n{k} = add i64 %i, {k}
  %q{k} = getelementptr {self.real}, ptr %to, i64 %n{k}
  store {self.real} %x{k}, ptr %q{k}, align {self.size}
  %p{k + 1} = getelementptr i8, ptr %p{k}, i64 %stride"""

    def kernel(self) -> str:
        """Inputs are pointers with a stride of bytes each; `row` is the bytes from one result's row to the next."""
        inputs, results, step = self.line.inputs, len(self.line.results), self.tile * self.size
        many = len(self.layout.pieces)
        ways = {way: "\n".join(f"  call void @{way}{k}({ROWS})" for k in range(many)) for way in self.ways}
        direct = "\n".join(f"{way}:\n{calls}\n  br label %next" for way, calls in ways.items())
        cases = " ".join(f"i64 {MODES[way]}, label %{way}" for way in ways)
        staged = ways["plain"].replace(ROWS, STAGED)
        return f"""
define void @kernel(ptr %counter, ptr %inputs, ptr %strides, ptr %out, i64 %row, i64 %points, ptr %scratch,
                    i64 %mode) {{
entry:
  %streaming = icmp ne i64 %mode, {MODES["staged"]}
  br label %next
next:
  %number = atomicrmw add ptr %counter, i64 1 seq_cst
  %start = mul i64 %number, {self.tile}
  %left = sub i64 %points, %start
  %there = icmp sgt i64 %left, 0
  br i1 %there, label %tile, label %over
over:
  ret void
tile:
  %count = call i64 @llvm.umin.i64(i64 %left, i64 {self.tile})
  br label %in
in:
  %i = phi i64 [0, %tile], [%i1, %in1]
  %has = icmp ult i64 %i, {inputs}
  br i1 %has, label %in1, label %run
in1:
  %pa = getelementptr ptr, ptr %inputs, i64 %i
  %p = load ptr, ptr %pa
  %sa = getelementptr i64, ptr %strides, i64 %i
  %s = load i64, ptr %sa
  %skip = mul i64 %s, %start
  %from = getelementptr i8, ptr %p, i64 %skip
  %there0 = mul i64 %i, {step}
  %slot = getelementptr i8, ptr %scratch, i64 %there0
  call void @bring(ptr %slot, ptr %from, i64 %s, i64 %count)
  %i1 = add i64 %i, 1
  br label %in
run:
  %results = getelementptr i8, ptr %scratch, i64 {inputs * step}
  %step = add i64 0, {step}
  %o0 = mul i64 %start, {self.size}
  %first = getelementptr i8, ptr %out, i64 %o0
  %full = icmp eq i64 %count, {self.tile}
  %chosen = select i1 %full, i64 %mode, i64 {MODES["staged"]}
  switch i64 %chosen, label %staged [{cases}]
{direct}
staged:
{staged}
  br label %hand
hand:
  %r = phi i64 [0, %staged], [%r1, %hand1]
  %rest = icmp ult i64 %r, {results}
  br i1 %rest, label %hand1, label %next
hand1:
  %ro = mul i64 %r, %row
  %to = getelementptr i8, ptr %first, i64 %ro
  %rs = mul i64 %r, {step}
  %res = getelementptr i8, ptr %results, i64 %rs
  call void @hand(ptr %to, ptr %res, i64 %count, i1 %streaming)
  %r1 = add i64 %r, 1
  br label %hand
}}"""


def spelled(value: float, size: int) -> str:
    """A number exactly, as LLVM reads it: the bits of a double, whichever the type."""
    if size == 4:
        (value,) = struct.unpack("<f", struct.pack("<f", value))
    return f"0x{struct.pack('>d', value).hex().upper()}"
