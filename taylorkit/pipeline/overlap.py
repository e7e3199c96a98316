"""Computing, writing and committing at once: while a block is computed, those before it are compressed and written, and
those before these reach the disk and get their records.

Codecs, digests and the disk all let go of the interpreter, so threads are enough. How many blocks are held at once is
decided by the memory budget (`in_flight`); what they are is not.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TypeVar

import numpy as np

from taylorkit.grid import Block

Values = Mapping[str, np.ndarray]
T = TypeVar("T")

THREADS = "taylorkit-blocks"

# One compresses while the other copies into the system's memory.
WRITERS = 2

# They do nothing but wait for the disk: one for a block's numbers while the other does for a record.
COMMITTERS = 2

# Blocks held at once where memory allows: one that is computed, and one for each writer.
IN_FLIGHT = 1 + WRITERS

# Blocks that are written and not committed: held by the system alone, and computed again if the run is killed.
UNCOMMITTED = 16


def fill(
    blocks: Sequence[Block],
    compute: Callable[[Block], Values],
    write: Callable[[Block, Values], T],
    commit: Callable[[T], None],
    in_flight: int,
    committed: Callable[[int], None],
) -> None:
    """Compute each block in this thread and write it in another, with at most `in_flight` of them held at once.

    `commit` gets what `write` gave, in a third thread. `committed` is told how many are. The first error, of any, stops
    computing and is raised; what is being written then is written and committed.
    """
    writing: set[Future[Future[None]]] = set()
    committing: set[Future[None]] = set()
    with ThreadPoolExecutor(COMMITTERS, THREADS) as committers, _threads(WRITERS) as writers:

        def put(block: Block, values: Values) -> Future[None]:
            return committers.submit(commit, write(block, values))

        for number, block in enumerate(blocks):
            writing, written = _settled(writing, in_flight - 1)
            committing, _ = _settled(committing.union(written), UNCOMMITTED)
            committed(number - len(writing) - len(committing))
            writing.add(writers.submit(put, block, compute(block)))
        _, written = _settled(writing, 0)
        _settled(committing.union(written), 0)


def lacking(blocks: Sequence[Block], problem: Callable[[Block], str | None], in_flight: int) -> list[Block]:
    """The blocks that have a problem, in their order."""
    with _threads(min(WRITERS, in_flight)) as pool:
        return [block for block, wrong in zip(blocks, pool.map(problem, blocks), strict=True) if wrong]


def _settled(pending: set[Future[T]], most: int) -> tuple[set[Future[T]], list[T]]:
    """Those not done yet, after waiting until there are `most` or fewer; and what the others gave, or raised."""
    done = {future for future in pending if future.done()}
    while len(pending - done) > most:
        done |= wait(pending - done, return_when=FIRST_COMPLETED).done
    return pending - done, [future.result() for future in done]


@contextmanager
def _threads(number: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that begin nothing more once this ends, however it does."""
    pool = ThreadPoolExecutor(number, thread_name_prefix=THREADS)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
