"""Computing and writing at once: while a block is computed, those before it are compressed, written and committed.

Codecs, digests and the disk all let go of the interpreter, so threads are enough. How many blocks are held at once is
decided by the memory budget (`in_flight`); what they are is not.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager

import numpy as np

from taylorkit.grid import Block

Values = Mapping[str, np.ndarray]

# One waits for the disk while the other compresses.
WRITERS = 2

# Blocks held at once where memory allows: one that is computed, and one for each writer.
IN_FLIGHT = 1 + WRITERS


def fill(
    blocks: Sequence[Block],
    compute: Callable[[Block], Values],
    write: Callable[[Block, Values], None],
    in_flight: int,
    written: Callable[[int], None],
) -> None:
    """Compute each block in this thread and write it in another, with at most `in_flight` of them held at once.

    `written` is told how many are. The first error, of either, stops computing and is raised; what is being written
    then is written to its end.
    """
    pending: set[Future[None]] = set()
    with _threads(WRITERS) as pool:
        for number, block in enumerate(blocks):
            pending = _settled(pending, in_flight - 1)
            written(number - len(pending))
            pending.add(pool.submit(write, block, compute(block)))
        _settled(pending, 0)


def lacking(blocks: Sequence[Block], problem: Callable[[Block], str | None], in_flight: int) -> list[Block]:
    """The blocks that have a problem, in their order."""
    with _threads(min(WRITERS, in_flight)) as pool:
        return [block for block, wrong in zip(blocks, pool.map(problem, blocks), strict=True) if wrong]


def _settled(pending: set[Future[None]], most: int) -> set[Future[None]]:
    """Those not done yet, after waiting until there are `most` or fewer. Raises what one of the others raised."""
    done = {future for future in pending if future.done()}
    while len(pending - done) > most:
        done |= wait(pending - done, return_when=FIRST_COMPLETED).done
    for future in done:
        future.result()
    return pending - done


@contextmanager
def _threads(number: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that begin nothing more once this ends, however it does."""
    pool = ThreadPoolExecutor(number, thread_name_prefix="taylorkit-blocks")
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
