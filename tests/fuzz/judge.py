"""What must hold whatever is fed in: an answer within seconds, no traceback, and nothing done but what may be done.

Python's audit events tell of every file that is opened for writing, removed or renamed, every process and every
connection, of every pickle that names a class. They are watched while a command runs.
"""

import io
import os
import re
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from taylorkit import cli

# What Xarray imports at first use pickles operators of its own while it is imported: that is no stranger's doing.
with suppress(ImportError):
    import dask.array  # noqa: F401

SECONDS = 20
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
# Which arguments of an audit event are paths that are changed.
CHANGES = {
    **dict.fromkeys("os.mkdir os.remove os.rmdir os.truncate os.chmod os.chown os.utime".split(), (0,)),
    **dict.fromkeys(["os.rename", "os.link", "os.symlink"], (0, 1)),
}
# Whose second argument is the open folder that the path is in, or −1.
WITHIN = {"os.remove", "os.rmdir"}
NEVER = {"os.system", "os.exec", "os.posix_spawn", "os.fork", "subprocess.Popen", "socket.connect", "pickle.find_class"}


class TooLongError(BaseException):
    """Not an Exception: nothing may catch it on the way."""


@dataclass
class Watch:
    """What was done while it was on. `allowed` are the folders below which may be written."""

    allowed: tuple[Path, ...] = ()
    done: list[str] = field(default_factory=list)

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in NEVER:
            self.done.append(f"{event}{arguments!r}"[:300])
        for path in self._changed(event, arguments):
            real = _real(Path(os.fsdecode(path)), followed=event == "open")
            if str(real) != os.devnull and not any(real.is_relative_to(folder) for folder in self.allowed):
                self.done.append(f"{event} {real}")

    def _changed(self, event: str, arguments: tuple[Any, ...]) -> list[Any]:
        if event == "open":
            path, _, flags = arguments
            return [path] if isinstance(path, str | bytes) and (flags or 0) & WRITING else []
        found = [a for a in (arguments[i] for i in CHANGES.get(event, ())) if isinstance(a, str | bytes | os.PathLike)]
        if event in WITHIN and arguments[1] >= 0:
            folder = Path(f"/proc/self/fd/{arguments[1]}").readlink()
            return [folder / os.fsdecode(a) for a in found]
        return found


def _real(path: Path, followed: bool) -> Path:
    """What is changed: removing, renaming and the like do not follow a link that is named last."""
    return Path(os.path.realpath(path)) if followed else Path(os.path.realpath(path.parent), path.name)


_watching: list[Watch] = []


def _heard(event: str, arguments: tuple[Any, ...]) -> None:
    for watch in _watching:
        watch(event, arguments)


sys.addaudithook(_heard)


@contextmanager
def watched(*allowed: Path) -> Iterator[Watch]:
    watch = Watch(tuple(Path(os.path.realpath(folder)) for folder in allowed))
    _watching.append(watch)
    try:
        yield watch
    finally:
        _watching.remove(watch)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    def ring(*_: object) -> None:
        raise TooLongError(f"no answer within {seconds} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@dataclass(frozen=True)
class Answer:
    status: int
    out: str
    err: str


def answer(words: Sequence[object], *allowed: Path) -> Answer:
    """What a command says; AssertionError unless it is an answer: a status that is documented, words that a terminal
    shows as they are, and nothing written but below the `allowed` folders."""
    out, err = io.StringIO(), io.StringIO()
    compiled, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        with watched(*allowed) as watch, within(SECONDS), redirect_stdout(out), redirect_stderr(err):
            status = cli.main([str(word) for word in words])
    finally:
        sys.dont_write_bytecode = compiled
    told = Answer(status, out.getvalue(), err.getvalue())
    assert status in (0, 1, 2), told
    assert "Traceback" not in told.err, told.err
    assert not watch.done, watch.done
    for line in (told.out + told.err).split("\n"):
        assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e]", line.replace("\t", "")), line[:300]
        assert len(line) < 20_000, f"a line of {len(line)} characters: {line[:200]}"
    (told.out + told.err).encode()
    if status == 2:
        assert told.err.startswith("taylorkit: ") or "\ntaylorkit: " in told.err, told.err
    return told


def tree(folder: Path) -> dict[str, bytes | None]:
    """Every file's contents and every folder."""
    return {str(p.relative_to(folder)): p.read_bytes() if p.is_file() else None for p in sorted(folder.rglob("*"))}
