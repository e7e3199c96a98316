"""Whether a run is at work on an artifact: it holds a shared lock on the folder, which ends with the process.

Nothing relies on it but what is shown: where a file system knows no such locks, nobody seems to be at work.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Who only looks holds the lock for less than one pause.
ATTEMPTS, PAUSE = 5, 0.01


@contextmanager
def at_work(artifact: Path) -> Iterator[None]:
    """Show that a run is at work on it."""
    descriptor = _opened(artifact)
    try:
        for _ in range(ATTEMPTS if descriptor is not None else 0):
            if _locked(descriptor, fcntl.LOCK_SH):
                break
            time.sleep(PAUSE)
        yield
    finally:
        _close(descriptor)


def is_at_work(artifact: Path) -> bool:
    """Whether some process is."""
    descriptor = _opened(artifact)
    try:
        return descriptor is not None and not _locked(descriptor, fcntl.LOCK_EX)
    finally:
        _close(descriptor)


def _opened(artifact: Path) -> int | None:
    try:
        return os.open(artifact, FLAGS)
    except OSError:
        return None


def _locked(descriptor: int | None, how: int) -> bool:
    """False where another holds it; True where it is ours, or there are no locks."""
    try:
        fcntl.flock(descriptor or 0, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def _close(descriptor: int | None) -> None:
    if descriptor is not None:
        with suppress(OSError):
            os.close(descriptor)
