"""Each call that reads a store fails once, with an I/O error: that is said in a line, and no number is wrong.

A run may also answer by computing again what it could not read.
"""

import contextlib
import io
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from taylorkit import cli
from tests.chaos import subjects
from tests.chaos.checks import assert_honest, assert_whole
from tests.chaos.failing import WRITING, Disk
from tests.chaos.outcome import Outcome, tried
from tests.store.making import Made

# It names the groups of an artifact; where it cannot be read, all that are there are looked at.
SEAL = "commit/zarr.json"

# So many trials or fewer are spread over all calls.
FEW = 20


def reads(folder: Path, count: int, seed: int) -> Iterator[Outcome]:
    """Every case in turn: `count` of them, from number `seed`; spread over the calls if there are to be few."""
    whole = subjects.tiny(folder)
    cases = [(name, at) for name in COMMANDS for at in range(_calls(name, whole, folder))]
    chosen = cases[seed : seed + count] if count > FEW else cases[seed :: len(cases) // count | 1][:count]
    for name, at in chosen:
        yield tried(f"{name}, read {at}", partial(_failed, name, whole, folder, at))


def _calls(name: str, whole: Made, folder: Path) -> int:
    with _copied(whole, folder) as copy, unreadable(Disk(copy.store)) as disk:
        assert not COMMANDS[name](copy), f"{name} refuses what is whole"
    return len(disk.calls)


def _failed(name: str, whole: Made, folder: Path, at: int) -> str:
    with _copied(whole, folder) as copy:
        with unreadable(Disk(copy.store, at)) as disk:
            refused = COMMANDS[name](copy)
        assert disk.failed, "nothing failed"
        assert refused or name == "run" or disk.failed == str(copy.artifact / SEAL), f"{disk.failed} was not read"
        if name == "run":
            assert not _run(copy)
        assert_whole(copy, whole)
    return f"{name} {'refuses' if refused else 'goes on'} after {disk.calls[at]}"


@contextmanager
def _copied(whole: Made, folder: Path) -> Iterator[Made]:
    copy = whole.copied(folder)
    try:
        yield copy
    finally:
        shutil.rmtree(copy.store)


def _verify(copy: Made) -> bool:
    return _refused(1, "verify", copy.artifact)


def _open(copy: Made) -> bool:
    return assert_honest(copy.artifact, copy.arrays) > 0


def _run(copy: Made) -> bool:
    return _refused(2, "run", copy.spec, "--store", copy.store, "--no-report")


COMMANDS: dict[str, Callable[[Made], bool]] = {"verify": _verify, "open": _open, "run": _run}


def _refused(found: int, *words: object) -> bool:
    """Whether the command line refuses: by the status for what it found, or in one line."""
    out, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        status = cli.main([*map(str, words)])
    said = [line for line in errors.getvalue().splitlines() if line.startswith("taylorkit: ")]
    assert status in (0, found, 2), f"exit {status}: {errors.getvalue()}"
    assert len(said) == (status == 2), errors.getvalue()
    return status != 0


@contextmanager
def unreadable(disk: Disk) -> Iterator[Disk]:
    """Within it, what is opened for reading or looked at below the disk's folder goes through `disk`."""
    with patch.object(io, "open", _opening(io.open, disk)), patch.object(os, "stat", _looking(os.stat, disk)):
        yield disk


def _opening(call: Callable[..., Any], disk: Disk) -> Callable[..., Any]:
    def opened(path: Any, mode: str = "r", *more: Any, **named: Any) -> Any:
        if not WRITING.intersection(mode) and disk.holds(path):
            disk.called("open", os.fspath(path))
        return call(path, mode, *more, **named)

    return opened


def _looking(call: Callable[..., Any], disk: Disk) -> Callable[..., Any]:
    def looked(path: Any, *more: Any, **named: Any) -> Any:
        if disk.holds(path):
            disk.called("stat", os.fspath(path))
        return call(path, *more, **named)

    return looked
