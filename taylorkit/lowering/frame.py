"""What stands around a line's pieces in LLVM's language: the loop over tiles, inputs brought, results handed out."""

from collections.abc import Iterator
from dataclasses import dataclass

from taylorkit.lowering.memory import LINE

# How results reach their rows: by way of the scratch memory, copied plainly or past the caches; or each vector at once.
MODES = {"staged": 0, "streamed": 1, "plain": 2, "past": 3}
ROWS, STAGED = "ptr %scratch, ptr %first, i64 %row", "ptr %scratch, ptr %results, i64 %step"
# Points that are brought in one turn of a loop.
WALK = 8

SHARED = """
declare i64 @llvm.umin.i64(i64, i64)
declare void @llvm.x86.sse2.pause()
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
!0 = !{i32 1}
!1 = !{!"branch_weights", i32 1, i32 1000000}"""


@dataclass(frozen=True)
class Frame:
    """Reals of `size` bytes in tiles of `tile` points; so many inputs, results and pieces, and the `ways` to store."""

    real: str
    size: int
    tile: int
    inputs: int
    results: int
    pieces: int
    ways: tuple[str, ...]

    def text(self) -> Iterator[str]:
        yield from (SHARED, self.bring(), self.hand(), self.kernel())

    def bring(self) -> str:
        """An input of a tile into the scratch memory; the last tile is filled up with its last point."""
        real, size = self.real, self.size
        walked = "\n".join(self.walked(k) for k in range(WALK))
        return f"""
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
}}"""

    def walked(self, k: int) -> str:
        return f"""  %x{k} = load {self.real}, ptr %p{k}, align {self.size}
  %n{k} = add i64 %i, {k}
  %q{k} = getelementptr {self.real}, ptr %to, i64 %n{k}
  store {self.real} %x{k}, ptr %q{k}, align {self.size}
  %p{k + 1} = getelementptr i8, ptr %p{k}, i64 %stride"""

    def hand(self) -> str:
        """A result of a tile from the scratch memory into its row; past the caches as whole lines of memory."""
        real, size = self.real, self.size
        return f"""
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
}}"""

    def kernel(self) -> str:
        """Inputs are pointers with a stride of bytes each; `row` is the bytes from one result's row to the next.

        A thread takes `chunk` points at a time, side by side: what processors fetch ahead of a thread is then hardly
        ever what another one writes. `counters` hold the next chunk and, a line of memory further on, how many points
        are done. Whoever has `patience` waits so many pauses for the others: to be woken up takes longer.
        """
        inputs, results, step = self.inputs, self.results, self.tile * self.size
        ways = {way: "\n".join(f"  call void @{way}{k}({ROWS})" for k in range(self.pieces)) for way in self.ways}
        direct = "\n".join(f"{way}:\n{calls}\n  br label %tiled" for way, calls in ways.items())
        cases = " ".join(f"i64 {MODES[way]}, label %{way}" for way in ways)
        staged = ways["plain"].replace(ROWS, STAGED)
        return f"""
define void @kernel(ptr %counters, ptr %inputs, ptr %strides, ptr %out, i64 %row, i64 %points, ptr %scratch,
                    i64 %mode, i64 %chunk, i64 %patience) {{
entry:
  %streaming = icmp ne i64 %mode, {MODES["staged"]}
  %done = getelementptr i8, ptr %counters, i64 {LINE}
  br label %next
next:
  %number = atomicrmw add ptr %counters, i64 1 seq_cst
  %begin = mul i64 %number, %chunk
  %reach = add i64 %begin, %chunk
  %end = call i64 @llvm.umin.i64(i64 %reach, i64 %points)
  %there = icmp ult i64 %begin, %points
  br i1 %there, label %tile, label %wait
wait:
  %paused = phi i64 [0, %next], [%paused1, %pause]
  %sum = load atomic i64, ptr %done seq_cst, align 8
  %all = icmp uge i64 %sum, %points
  %tired = icmp uge i64 %paused, %patience
  %leave = or i1 %all, %tired
  br i1 %leave, label %over, label %pause
pause:
  call void @llvm.x86.sse2.pause()
  %paused1 = add i64 %paused, 1
  br label %wait
over:
  ret void
tile:
  %start = phi i64 [%begin, %next], [%start1, %tiled]
  %left = sub i64 %points, %start
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
  br i1 %rest, label %hand1, label %tiled
hand1:
  %ro = mul i64 %r, %row
  %to = getelementptr i8, ptr %first, i64 %ro
  %rs = mul i64 %r, {step}
  %res = getelementptr i8, ptr %results, i64 %rs
  call void @hand(ptr %to, ptr %res, i64 %count, i1 %streaming)
  %r1 = add i64 %r, 1
  br label %hand
tiled:
  %start1 = add i64 %start, {self.tile}
  %again = icmp ult i64 %start1, %end
  br i1 %again, label %tile, label %chunked
chunked:
  %many = sub i64 %end, %begin
  %before = atomicrmw add ptr %done, i64 %many seq_cst
  br label %next
}}"""
