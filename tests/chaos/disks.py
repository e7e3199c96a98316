"""A disk that fills, one that is read-only, one that goes away: real ones, small and in memory (tmpfs).

Only root may mount, and not everywhere: where it cannot be done these rows are not run, and say so.
"""

import random
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from taylorkit.store.verify import verify
from tests.chaos import subjects
from tests.chaos.checks import assert_honest, assert_resumes, committed
from tests.chaos.outcome import CannotTryError, Outcome, tried
from tests.chaos.process import refused, started, until
from tests.chaos.timeline import count_records
from tests.store.making import Made

ROOMY = "64m"
PAGE = 4096


class CannotMountError(CannotTryError):
    """This process may not mount a file system."""


@contextmanager
def mounted(place: Path, size: str) -> Iterator[Path]:
    """A file system in memory, of that size. Raises CannotMountError where there can be none, and leaves nothing."""
    with _on(place, "-t", "tmpfs", "-o", f"size={size}", "taylorkit-chaos"):
        yield place


@contextmanager
def _on(place: Path, *what: str) -> Iterator[None]:
    """A folder, made for as long as something is mounted on it."""
    place.mkdir(parents=True)
    try:
        _mount(*what, str(place))
        try:
            yield
        finally:
            subprocess.run(["umount", "--lazy", str(place)], check=False, capture_output=True)
    finally:
        place.rmdir()


def _mount(*arguments: str) -> None:
    try:
        subprocess.run(["mount", *arguments], check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        said = " ".join((getattr(error, "stderr", "") or str(error)).split())
        raise CannotMountError(f"needs root to mount (mount {' '.join(arguments)}: {said})") from error


def _remount(place: Path, options: str) -> None:
    _mount("-o", f"remount,{options}", str(place))


def full(folder: Path, count: int, seed: int) -> Iterator[Outcome]:
    """Sizes between one in which the tree has no place and one in which the last files have none."""
    whole = subjects.wide(folder)
    needed = sum(-(-p.stat().st_size // PAGE) for p in whole.artifact.rglob("*") if p.is_file())
    for number in range(seed, seed + count):
        pages = 2 + needed * (number + 1) // (seed + count + 1)
        yield tried(f"{pages} pages of {needed}", partial(_filled, whole, folder / "full", pages))


def _filled(whole: Made, place: Path, pages: int) -> str:
    with mounted(place, str(PAGE * pages)) as disk:
        copy = _below(whole, disk)
        said = refused(started(copy.spec, copy.store), copy.store)
        if copy.artifact.exists():
            assert_honest(copy.artifact, whole.arrays)
        done = committed(copy.artifact)
        _remount(disk, f"size={ROOMY}")
        assert_resumes(copy, whole)
    if not done:
        return "before the first block" if "No space" in said else "refused beforehand"
    return "in mid-run"


def readonly(folder: Path, count: int, seed: int) -> Iterator[Outcome]:
    whole = subjects.wide(folder)
    for state in list(STATES)[seed : seed + count]:
        yield tried(state, partial(_read_only, whole, folder / "read-only", state))


def _read_only(whole: Made, place: Path, state: str) -> str:
    with mounted(place, ROOMY) as disk:
        copy = _below(whole, disk)
        STATES[state](copy, whole)
        _remount(disk, "ro")
        refused(started(copy.spec, copy.store), copy.store)
        if copy.artifact.exists():
            assert_honest(copy.artifact, whole.arrays)
            assert bool(verify(copy.artifact)) == (state != "whole")
        _remount(disk, "rw")
        assert_resumes(copy, whole)
    return state


def _half(copy: Made, whole: Made) -> None:
    process = started(copy.spec, copy.store, options=["--pause", 0.02])
    until(lambda: count_records(copy.artifact) > len(committed(whole.artifact)) // 3, process)
    process.kill()
    process.communicate()


STATES: dict[str, Callable[[Made, Made], object]] = {
    "empty": lambda copy, whole: None,
    "half done": _half,
    "whole": lambda copy, whole: shutil.copytree(whole.store, copy.store),
}


def vanished(folder: Path, count: int, seed: int) -> Iterator[Outcome]:
    """At random instants, in each way in turn."""
    whole, chance = subjects.wide(folder), random.Random(seed)
    for number in range(count):
        way = list(WAYS)[number % len(WAYS)]
        records = chance.randrange(1, len(committed(whole.artifact)) - 8)
        yield tried(f"{way} at {records}", partial(_vanished, whole, folder, way, records))


def _vanished(whole: Made, folder: Path, way: str, instant: int) -> str:
    """The store lies on a disk that is seen at a second place: what is unmounted there can come back as it was."""
    place = folder / "vanishing"
    with mounted(folder / "beneath", ROOMY) as disk, _on(place, "--bind", str(disk)):
        copy = _below(whole, place)
        process = started(copy.spec, copy.store, options=["--pause", 0.02])
        assert until(lambda: count_records(copy.artifact) >= instant, process)
        WAYS[way](copy.store)
        refused(process, copy.store)
        assert not copy.store.exists() or not list(copy.store.rglob("*")), "something was begun in its place"
        if way == "moved":
            _aside(copy.store).rename(copy.store)
        if way == "unmounted":
            assert not list(place.iterdir()), "something was begun where nothing is mounted"
            _mount("--bind", str(disk), str(place))
        kept = len(committed(copy.artifact)) if copy.artifact.exists() else 0
        assert bool(kept) == (way != "deleted"), f"{way}, and {kept} blocks are there when it is back"
        assert_resumes(copy, whole)
    return way


def _aside(store: Path) -> Path:
    return store.with_name("moved")


def _delete(store: Path) -> None:
    """Until it is gone: a run may be writing into it."""
    for _again in range(100):
        shutil.rmtree(store, ignore_errors=True)
        if not store.exists():
            return
        time.sleep(0.01)


WAYS: dict[str, Callable[[Path], object]] = {
    "moved": lambda store: store.rename(_aside(store)),
    "deleted": _delete,
    "unmounted": lambda store: subprocess.run(["umount", "--lazy", str(store.parent)], check=True),
}


def _below(whole: Made, disk: Path) -> Made:
    store = disk / "store"
    return Made(whole.spec, store, store / whole.artifact.name, whole.arrays)
