"""Processes that end together, with all that they started."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

import psutil

# Seconds that a process has for its goodbyes.
GRACE = 10.0
# Seconds between two looks at what is running: each reads the table of all processes.
LOOK = 1.0


class Stopped(BaseException):
    """The user, or the system, asked for the end: nothing that goes on after errors goes on after this."""


class Child(subprocess.Popen):
    """A process that remembers what it was seen to start: when it has ended nobody could tell any more."""

    below: frozenset[psutil.Process] = frozenset()

    def look(self) -> None:
        """Note what it has started since, and forget what has ended."""
        # Not of one that has ended: its number may be another's by now.
        new = _below(self.pid) if self.poll() is None else set()
        self.below = frozenset(new.union(one for one in self.below if _is_there(one)))

    def end(self, by: signal.Signals) -> None:
        """Ask it to end, then see to it, and to whatever it has started: Prefect's runs have sessions of their own.

        Each step is taken whatever became of those before it: a machine that is out of files or memory keeps nothing
        running.
        """
        self.look()
        _quietly(lambda: self.send_signal(by))
        if not _quietly(lambda: self.wait(GRACE)):
            self.look()
            _quietly(self.kill)
            _quietly(self.wait)
        every = self.below.union(*(_below(one.pid) for one in self.below if _is_there(one)))
        for ask in (psutil.Process.terminate, psutil.Process.kill):
            left = [one for one in every if _is_there(one)]
            for one in left:
                _quietly(partial(ask, one))
            _quietly(partial(psutil.wait_procs, left, GRACE))


@contextmanager
def stoppable() -> Iterator[None]:
    """SIGTERM, SIGHUP and Ctrl-C raise Stopped in here, once: what is cleaned up then is not interrupted again.

    One that is ignored stays so: that is what `nohup` does.
    """
    asked = [s for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if signal.getsignal(s) != signal.SIG_IGN]

    def stop(number: int, frame: object) -> None:
        for one in asked:
            signal.signal(one, signal.SIG_IGN)
        raise Stopped

    before = {one: signal.signal(one, stop) for one in asked}
    try:
        yield
    except Stopped:
        pass
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


@contextmanager
def process(command: list[str], environment: Mapping[str, str], by: signal.Signals = signal.SIGINT) -> Iterator[Child]:
    """A process, in a session of its own so that Ctrl-C reaches it through us alone; it ends when this does.

    It is asked to `by` a signal, as Ctrl-C would: of SIGTERM Prefect's runner makes an exit without goodbyes.
    """
    child = Child(command, env=environment, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        yield child
    finally:
        child.end(by)


def first_to_end(children: Mapping[str, Child]) -> str:
    """Wait until one of them ends; which."""
    while True:
        for name, child in children.items():
            if child.poll() is not None:
                return name
            child.look()
        time.sleep(LOOK)


def _below(process: int) -> set[psutil.Process]:
    try:
        return set(psutil.Process(process).children(recursive=True))
    except (psutil.Error, OSError):
        return set()


def _is_there(process: psutil.Process) -> bool:
    """Whether it runs; where that cannot be told, it may."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
    except (psutil.Error, OSError):
        return True


def _quietly(act: Callable[[], object]) -> bool:
    """Whether it could be done. Whatever keeps it from being done, what comes after it must be."""
    try:
        act()
    except Exception:
        return False
    return True
