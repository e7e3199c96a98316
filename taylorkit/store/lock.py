"""One process at a time at an artifact's tree; writing the blocks of a reproducible section needs none."""

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Neither a link nor a pipe that somebody put there: nothing is opened behind one, and nothing waited for.
FLAGS = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@contextmanager
def locked(artifact: Path) -> Iterator[None]:
    """Others wait. Raises OSError where the store cannot be written, or what lies in the lock's place is no file."""
    place = artifact.parent / f".{artifact.name}.lock"
    descriptor = os.open(place, FLAGS, 0o666)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(f"{place}: is no plain file; remove it")
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
