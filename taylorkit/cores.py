"""How many processors this process may run on, and work for all of them."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context


def cores() -> int:
    """The cores that the process is bound to, where the system says; else those of the machine."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def on_all_cores(share: Callable[[range], None], whole: range) -> None:
    """`whole` in shares, each in a thread with the caller's floating-point error state; NumPy lets them run at once."""
    many = min(cores(), len(whole))
    if many <= 1:
        share(whole)
        return
    with ThreadPoolExecutor(many) as pool:
        for done in [pool.submit(copy_context().run, share, whole[i::many]) for i in range(many)]:
            done.result()
