"""A straight line run over many points: compiled for this processor, on all of its cores.

Each point is read once and each result written once. A point's numbers depend neither on the others nor on who computes
them: every vector is whole, the last one filled up with its last point.
"""

import ctypes
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np

from taylorkit.cores import cores
from taylorkit.lowering.frame import MODES
from taylorkit.lowering.ir import Target, Writer
from taylorkit.lowering.line import Line
from taylorkit.lowering.machine import Code
from taylorkit.lowering.memory import LINE, address, aligned
from taylorkit.lowering.pieces import Layout, layout

# Bytes of one thread's scratch memory. It should stay in a core's first cache, as long as a tile has points enough to
# write whole lines of memory at once; a long line's in the second.
FIRST, SECOND = 2**14, 2**19
LEAST, ENOUGH, MOST = 16, 64, 512
# Results above this many bytes are written past the caches. Where rows are so few that a processor follows each of them
# they are not, up to where they and the inputs pass a last cache by half: whoever reads them next finds them there.
STREAMED, HELD, FOLLOWED = 2**22, 3 * 2**24, 16
# Rows up to which a vector's results are written each to its own at once: as many pages of memory as a core finds
# without looking them up. At 66 rows it was faster than by way of the scratch memory, at 70 slower.
FEW = 68
# Parts of its share that a thread takes one after the other, and pauses that the first one waits for the last: about a
# tenth of a millisecond.
CHUNKS, PATIENCE = 4, 5_000
# Numbers to compute that are worth a thread of their own.
ALONE = 2_000_000


class Straight:
    """The compiled line: inputs as columns (N,) ↦ results as rows (R, N)."""

    def __init__(self, line: Line, target: Target, dtype: np.dtype):
        self.line, self.dtype, self.operations = line, dtype, line.operations
        self.layout: Layout = layout(line)
        self.few = len(line.results) <= FEW
        staged = 0 if self.few else len(line.results)
        self.tile = tile((self.layout.slots - len(line.results) + staged) * dtype.itemsize)
        writer = Writer(line, self.layout, target, dtype.itemsize, self.tile)
        self.ways, self.code = set(writer.ways), Code(writer.text())
        pointer, number = ctypes.c_void_p, ctypes.c_int64
        signature = ctypes.CFUNCTYPE(None, *[pointer] * 4, number, number, pointer, *[number] * 3)
        self.function = signature(self.code.address("kernel"))
        self.local = threading.local()

    def __call__(self, columns: Sequence[np.ndarray], out: np.ndarray) -> None:
        """Compute the results (R, N) of the inputs' columns into `out`, whose last axis is contiguous."""
        points = out.shape[-1]
        if not points or not len(out):
            return
        self._check(columns, out)
        mode = self.mode(out)
        head = min(points, -address(out) % LINE // self.dtype.itemsize) if mode == "past" else 0
        if head:  # up to where each row's lines of memory begin
            self._run([c[:head] for c in columns], out[:, :head], "plain")
        self._run([c[head:] for c in columns], out[:, head:], mode)

    def _run(self, columns: Sequence[np.ndarray], out: np.ndarray, mode: str) -> None:
        points = out.shape[-1]
        counters = aligned((2, LINE // 8), np.int64)
        counters[:] = 0
        addresses = np.array([address(c) for c in columns], np.uintp)
        strides = np.array([c.strides[0] for c in columns], np.int64)
        tiles = -(-points // self.tile)
        threads = int(min(cores(), tiles, 1 + points * self.operations // ALONE))
        chunk = -(-tiles // (threads * CHUNKS)) * self.tile

        def work(patience: int) -> None:
            places = map(address, (counters, addresses, strides, out))
            self.function(*places, out.strides[0], points, address(self._scratch()), MODES[mode], chunk, patience)

        others = [_pool().submit(work, 0) for _ in range(1, threads)]
        work(PATIENCE if others else 0)
        if counters[1, 0] < points:
            for other in others:
                # Whoever has not begun by now has nothing left to do: waking up may take longer than the work.
                if not other.cancel():
                    other.result()

    def _scratch(self) -> np.ndarray:
        """Each thread keeps its own: memory that is new costs as much as some thousand points."""
        if not hasattr(self.local, "scratch"):
            self.local.scratch = aligned((self.layout.slots, self.tile), self.dtype)
        return self.local.scratch

    def mode(self, out: np.ndarray) -> str:
        """How results are written to `out`: past the caches where it is large and each vector is a line of its own."""
        read = self.line.inputs * out.shape[-1] * out.itemsize
        if out.nbytes <= STREAMED or (len(out) <= FOLLOWED and out.nbytes + read <= HELD):
            return "plain"
        whole_lines = out.strides[0] % LINE == 0
        return "past" if whole_lines and self.few and "past" in self.ways else "streamed"

    def _check(self, columns: Sequence[np.ndarray], out: np.ndarray) -> None:
        """Machine code reads and writes whatever it is pointed to."""
        shape, wanted = (len(self.line.results), out.shape[-1]), self.dtype
        fits = out.shape == shape and out.strides[-1] == wanted.itemsize and out.flags.writeable and out.flags.aligned
        given = len(columns) == self.line.inputs and all(c.shape == shape[1:] for c in columns)
        if not (fits and given and all(a.dtype == wanted for a in (out, *columns))):
            raise ValueError(
                f"a line of {self.line.inputs} inputs and {shape[0]} results of {wanted} cannot be computed from "
                f"columns {[(c.shape, str(c.dtype)) for c in columns]} into {out.shape} of {out.dtype}"
            )


def tile(bytes_a_point: int) -> int:
    """How many points are computed at once: a power of two."""
    first, second = (_power_of_two(size // max(1, bytes_a_point)) for size in (FIRST, SECOND))
    return max(LEAST, min(MOST, max(first, min(ENOUGH, second))))


def _power_of_two(most: int) -> int:
    return 1 << max(0, most.bit_length() - 1)


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(cores(), thread_name_prefix="taylorkit")
