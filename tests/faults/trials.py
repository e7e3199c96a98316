"""Trials by worker processes: one that hangs or dies ends its own trial alone.

A compilation that never ends, or a call that waits for itself, hears no signal. So each trial runs in a process that
is ended when the trial is late, and made anew for the next.
"""

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from threading import local
from typing import Any

CONTEXT = multiprocessing.get_context("spawn")
# A worker imports JAX, and perhaps solvers, before its first trial.
START = 300


class NotDone(str):
    """Why a trial has no result."""


class _Worker:
    """A process that makes one trial after the other."""

    def __init__(self, function: Callable[[Any], Any]):
        self.pipe, theirs = CONTEXT.Pipe()
        self.process = CONTEXT.Process(target=_work, args=(function, theirs), daemon=True)
        self.process.start()
        theirs.close()
        assert self.pipe.poll(START) and self.pipe.recv() == "ready"

    def result(self, argument: Any, seconds: float) -> Any:
        self.pipe.send((argument,))
        if not self.pipe.poll(seconds):
            self.end()
            return NotDone(f"LATE: not ended after {seconds:g} s")
        try:
            return self.pipe.recv()
        except EOFError:
            self.end()
            return NotDone(f"CRASH: the process ended with status {self.process.exitcode}")

    def end(self) -> None:
        self.process.kill()
        self.process.join()


def _work(function: Callable[[Any], Any], pipe: Connection) -> None:
    pipe.send("ready")
    while given := pipe.recv():
        try:
            pipe.send(function(*given))
        except Exception as error:  # what no user should see
            pipe.send(NotDone(f"CRASH: {type(error).__name__}: {error}"))


def each(
    function: Callable[[Any], Any], arguments: Iterable[Any], seconds: float, processes: int = os.cpu_count() or 1
) -> Iterator[Any]:
    """function(argument) for each, in their order; a NotDone where that fails, or takes longer than so many seconds."""
    held, started = local(), []

    def tried(argument: Any) -> Any:
        worker = getattr(held, "worker", None)
        if worker is None or not worker.process.is_alive():
            worker = held.worker = _Worker(function)
            started.append(worker)
        return worker.result(argument, seconds)

    try:
        with ThreadPoolExecutor(processes) as pool:
            yield from pool.map(tried, arguments)
    finally:
        for worker in started:
            worker.end()
