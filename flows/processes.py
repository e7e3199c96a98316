"""Processes that end together, with all that they started; by `flows.watch` also where this one is killed outright."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

import psutil

# Seconds that a process has for its goodbyes.
GRACE = 10.0
# Seconds between two looks at what is running: each reads the table of all processes.
LOOK = 1.0
# What the watch is told when there is nothing left to end.
DONE = "done\n"


class Stopped(BaseException):
    """The user, or the system, asked for the end: nothing that goes on after errors goes on after this."""


class Child(subprocess.Popen):
    """A process that remembers what it was seen to start: when it has ended nobody could tell any more.

    `watch` is told, too: it ends all of them where this process cannot.
    """

    below: frozenset[psutil.Process] = frozenset()
    watch: subprocess.Popen | None = None
    told = ""

    def look(self) -> None:
        """Note what it has started since, and forget what has ended."""
        # Not of one that has ended: its number may be another's by now.
        new = below(self.pid) if self.poll() is None else set()
        self.below = frozenset(new.union(one for one in self.below if is_there(one)))
        self._tell([(one.pid, one.create_time()) for one in self.below])

    def watched(self, by: signal.Signals) -> None:
        """Start the watch. Its standard input ends when this process does, however it ends."""
        command = [sys.executable, "-m", "flows.watch", str(int(by)), str(GRACE), str(self.pid)]
        quiet = subprocess.DEVNULL
        self.watch = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet, start_new_session=True, text=True
        )
        self.look()

    def end(self, by: signal.Signals) -> None:
        """Ask it to end, then see to it, and to whatever it has started: Prefect's runs have sessions of their own.

        Each step is taken whatever became of those before it: a machine that is out of files or memory keeps nothing
        running.
        """
        quietly(self.look)
        quietly(lambda: self.send_signal(by))
        if not quietly(lambda: self.wait(GRACE)):
            quietly(self.look)
            quietly(self.kill)
            quietly(self.wait)
        end_all(self.below)
        quietly(self._unwatch)

    def _tell(self, processes: list[tuple[int, float]]) -> None:
        line = json.dumps(processes)
        if self.watch and self.watch.stdin and line != self.told:
            self.told = line
            quietly(partial(print, line, file=self.watch.stdin, flush=True))

    def _unwatch(self) -> None:
        """All has ended: there is nothing for the watch to do."""
        if self.watch:
            self.watch.communicate(DONE, GRACE)


def end_all(seen: Collection[psutil.Process]) -> None:
    """End what was seen, and what it has started."""
    every = set(seen).union(*(below(one.pid) for one in seen if is_there(one)))
    for ask in (psutil.Process.terminate, psutil.Process.kill):
        left = [one for one in every if is_there(one)]
        for one in left:
            quietly(partial(ask, one))
        quietly(partial(psutil.wait_procs, left, GRACE))


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
        child.watched(by)
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


def below(process: int) -> set[psutil.Process]:
    try:
        return set(psutil.Process(process).children(recursive=True))
    except (psutil.Error, OSError):
        return set()


def is_there(process: psutil.Process) -> bool:
    """Whether it runs; where that cannot be told, it may."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
    except (psutil.Error, OSError):
        return True


def quietly(act: Callable[[], object]) -> bool:
    """Whether it could be done. Whatever keeps it from being done, what comes after it must be."""
    try:
        act()
    except Exception:
        return False
    return True
