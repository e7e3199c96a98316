"""Processes that end together, with all that they started."""

import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psutil

# Seconds that a process has for its goodbyes.
GRACE = 10.0


class Stopped(Exception):
    """The user, or the system, asked for the end."""


@contextmanager
def stoppable() -> Iterator[None]:
    """SIGTERM, SIGHUP and Ctrl-C raise Stopped in here, once: what is cleaned up then is not interrupted again."""
    asked = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]

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
def process(command: list[str], environment: Mapping[str, str]) -> Iterator[subprocess.Popen]:
    """A process, in a session of its own so that Ctrl-C reaches it through us alone; it ends when this does."""
    child = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        yield child
    finally:
        _end(child)


def first_to_end(children: Mapping[str, subprocess.Popen]) -> str:
    """Wait until one of them ends; which."""
    while True:
        for name, child in children.items():
            if child.poll() is not None:
                return name
        time.sleep(0.5)


def _end(child: subprocess.Popen) -> None:
    """Ask it to end, then see to it, and to whatever it has started: Prefect's runs have sessions of their own."""
    below = _below(child.pid)
    # As Ctrl-C would: of SIGTERM Prefect's runner makes an exit without goodbyes.
    child.send_signal(signal.SIGINT)
    try:
        child.wait(GRACE)
    except subprocess.TimeoutExpired:
        below |= _below(child.pid)
        child.kill()
        child.wait()
    for one in below:
        _quietly(one.terminate)
    _, left = psutil.wait_procs(below, GRACE)
    for one in left:
        _quietly(one.kill)
    psutil.wait_procs(left, GRACE)


def _below(pid: int) -> set[psutil.Process]:
    try:
        return set(psutil.Process(pid).children(recursive=True))
    except psutil.NoSuchProcess:
        return set()


def _quietly(act: object) -> None:
    try:
        act()  # type: ignore[operator]
    except psutil.NoSuchProcess:
        return
