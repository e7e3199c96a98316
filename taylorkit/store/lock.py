"""One process at a time at an artifact's tree; writing the blocks of a reproducible section needs none.

Who holds a lock writes into it who that is. Who waits says so after QUIET seconds, and gives up after a stated time:
the holder may be suspended, and would be waited for in vain.
"""

import fcntl
import logging
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from taylorkit.environment import LOCK_SECONDS
from taylorkit.errors import SpecError, TaylorkitError
from taylorkit.store import holder

# Neither a link nor a pipe that somebody put there: nothing is opened behind one, and nothing waited for.
FLAGS = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
# Seconds: until it is said who is waited for, until that ends, and between two looks.
QUIET, PATIENCE, LOOK = 2.0, 600.0, 0.05


@contextmanager
def locked(artifact: Path) -> Iterator[None]:
    """Others wait, and end after PATIENCE seconds, or those of the environment's LOCK_SECONDS.

    Raises OSError where the store cannot be written, or what lies in the lock's place is no file; TaylorkitError where
    another process holds the lock for all of that time.
    """
    place = artifact.parent / f".{artifact.name}.lock"
    descriptor = os.open(place, FLAGS, 0o666)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(f"{place}: is no plain file; remove it")
        _wait(descriptor, place)
        with _signed(descriptor):
            yield
    finally:
        os.close(descriptor)


def _wait(descriptor: int, place: Path) -> None:
    started, patience, told = time.monotonic(), _patience(), False
    while not _taken(descriptor):
        waited = time.monotonic() - started
        if waited >= patience:
            raise TaylorkitError(
                f"{place}: is held by {holder.described(descriptor)}; waited {waited:.0f} s for it. Let that go on, or "
                f"end it, then try again; {LOCK_SECONDS}=3600 in the environment waits for an hour"
            )
        if waited >= QUIET and not told:
            told = True
            said = f"waiting for {holder.described(descriptor)}, which holds {place}; for {patience:.0f} s at most"
            logging.getLogger(__name__).warning(said)
        time.sleep(LOOK)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _signed(descriptor: int) -> Iterator[None]:
    """With our name in it. Nothing depends on that, so a full disk is no reason to stop."""
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, holder.signature(), 0)
    try:
        yield
    finally:
        with suppress(OSError):
            os.ftruncate(descriptor, 0)


def _patience() -> float:
    named = os.environ.get(LOCK_SECONDS, "").strip()
    try:
        seconds = float(named or PATIENCE)
    except ValueError:
        seconds = -1.0
    if not seconds >= 0:
        raise SpecError(f"{LOCK_SECONDS} = {named!r}: must be a number of seconds, as 600")
    return seconds
