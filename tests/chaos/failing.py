"""Calls of the system that write, counted and made to fail: a disk's errors at any instant, in this process.

Only what concerns files below one folder counts.
"""

import errno
import io
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

WRITING = frozenset("wxa+")


@dataclass
class Disk:
    """Fails the call of number `at` and, if it is `full`, all that write after it.

    `calls` are those seen, by name; `failed` is the path of the last that failed.
    """

    folder: Path
    at: int | None = None
    full: bool = False
    calls: list[str] = field(default_factory=list)
    failed: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def called(self, name: str, path: str) -> None:
        with self._lock:
            number = len(self.calls)
            self.calls.append(name)
        if self.at is not None and (number == self.at or (self.full and number > self.at)):
            self.failed = path
            code = errno.ENOSPC if self.full else errno.EIO
            raise OSError(code, os.strerror(code), path)

    def holds(self, path: Any) -> bool:
        return not isinstance(path, int) and str(self.folder) in os.fspath(path)


class File:
    """A file that is written: each write is a call."""

    def __init__(self, file: Any, disk: Disk, path: str):
        self._file, self._disk, self._path = file, disk, path

    def write(self, data: Any) -> int:
        self._disk.called("write", self._path)
        return self._file.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> "File":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


@contextmanager
def failing(disk: Disk) -> Iterator[Disk]:
    """Within it, what is written below the disk's folder goes through `disk`."""
    with (
        patch.object(io, "open", _opening(io.open, disk)),
        patch.object(os, "fsync", _syncing(os.fsync, disk)),
        patch.object(os, "mkdir", _changing("mkdir", os.mkdir, disk)),
        patch.object(os, "replace", _changing("replace", os.replace, disk)),
        patch.object(os, "rename", _changing("rename", os.rename, disk)),
    ):
        yield disk


def _opening(call: Callable[..., Any], disk: Disk) -> Callable[..., Any]:
    def opened(path: Any, mode: str = "r", *more: Any, **named: Any) -> Any:
        if not WRITING.intersection(mode) or not disk.holds(path):
            return call(path, mode, *more, **named)
        disk.called("open", os.fspath(path))
        return File(call(path, mode, *more, **named), disk, os.fspath(path))

    return opened


def _syncing(call: Callable[[int], None], disk: Disk) -> Callable[[int], None]:
    def synced(descriptor: int) -> None:
        path = str(Path(f"/proc/self/fd/{descriptor}").readlink())
        if disk.holds(path):
            disk.called("fsync", path)
        call(descriptor)

    return synced


def _changing(name: str, call: Callable[..., Any], disk: Disk) -> Callable[..., Any]:
    def changed(path: Any, *more: Any, **named: Any) -> Any:
        # What is there already is not made: no room is needed.
        if disk.holds(path) and not (name == "mkdir" and os.path.isdir(path)):  # noqa: PTH112
            disk.called(name, os.fspath(path))
        return call(path, *more, **named)

    return changed
