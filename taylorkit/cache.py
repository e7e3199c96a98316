"""Where compiled kernels are kept between processes, so that the second run of a schedule compiles nothing.

Everything there can be deleted at any time, and is run as code: nobody else may write there, and what is not the code
that its name says is not run (`signed`). The folder is `taylorkit` in the user's cache (XDG_CACHE_HOME);
TAYLORKIT_CACHE names another, or none if it is empty.
"""

import hashlib
import os
import platform
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from taylorkit import signed

VARIABLE = "TAYLORKIT_CACHE"
DIRECTORY = "jax_compilation_cache_dir"
# Everything is kept, however quickly it was compiled and however small it is.
SETTINGS: dict[str, Any] = {
    DIRECTORY: None,
    "jax_persistent_cache_min_compile_time_secs": 0.0,
    "jax_persistent_cache_min_entry_size_bytes": -1,
    # XLA's own caches have the folder's path in JAX's names of files, and it is another one in each process.
    "jax_persistent_cache_enable_xla_caches": "none",
}

# How JAX ends the name of a file of code, and how many of them are kept: each is read when a run begins.
CODE = "-cache"
MOST = 4096
# How the name of a process's own folder begins, and when one that a killed process left goes: seconds.
OWN = "process-"
LEFT = 86400


def folder() -> Path | None:
    """The folder, which need not be there; None where nothing is to be kept."""
    named = os.environ.get(VARIABLE)
    if named is not None:
        return Path(named) if named else None
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "taylorkit"
    except RuntimeError:  # a user without a home
        return None


@contextmanager
def keep_compiled() -> Iterator[None]:
    """Have JAX keep what it compiles meanwhile; where the process has a cache for that already, it stays.

    JAX finds compiled code by the name of its file, and looks at nothing else. So it is given a folder of this process
    alone, with the code that is kept here and is what its name says; what JAX adds is kept here after.
    """
    import jax

    place = None if jax.config.jax_compilation_cache_dir else _place()
    if place is None:
        yield
        return
    _sweep(place)
    with TemporaryDirectory(prefix=OWN, dir=place, ignore_cleanup_errors=True) as own:
        given = _give(place, Path(own))
        try:
            with _at(own):
                yield
        finally:
            _take(place, Path(own), given)


@contextmanager
def _at(folder: str) -> Iterator[None]:
    """JAX's cache is there. After, the process is as it was: what it compiles itself is none of ours."""
    import jax

    before = {name: getattr(jax.config, name) for name in SETTINGS}
    try:
        _set(SETTINGS | {DIRECTORY: folder})
        yield
    finally:
        _set(before)
        _forget()


def _give(place: Path, own: Path) -> set[str]:
    """Copy code that is what its name says, the newest first; what is not goes. The names."""
    given: set[str] = set()
    for path in sorted(place.glob(f"*{CODE}"), key=_written, reverse=True):
        code = signed.read(path) if len(given) < MOST else None
        with suppress(OSError):
            if code is None:
                path.unlink()
            else:
                (own / path.name).write_bytes(code)
                given.add(path.name)
    return given


def _take(place: Path, own: Path, given: set[str]) -> None:
    """Keep what JAX has added."""
    for path in own.glob(f"*{CODE}"):
        if path.name not in given:
            with suppress(OSError):
                signed.keep(place / path.name, path.read_bytes())


def _sweep(place: Path) -> None:
    """Remove what killed processes left."""
    for path in place.glob(f"{OWN}*"):
        if time.time() - _written(path) > LEFT:
            shutil.rmtree(path, ignore_errors=True)


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # another process has removed it
        return 0.0


def _place() -> Path | None:
    """The folder for this processor: code for one is not offered to another. None where it cannot be made."""
    base = folder()
    if base is None:
        return None
    place = base / f"xla-{_processor()}"
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        return None
    return place


def _set(settings: dict[str, Any]) -> None:
    import jax

    for name, value in settings.items():
        jax.config.update(name, value)


def _forget() -> None:
    """Have JAX leave the folder: once opened it is used whatever the settings say."""
    from jax.experimental.compilation_cache.compilation_cache import reset_cache

    reset_cache()


def _processor() -> str:
    """A mark of what this machine's processor can do."""
    described = Path("/proc/cpuinfo")
    lines = described.read_text().splitlines() if described.exists() else [platform.processor()]
    able = {line for line in lines if line.startswith(("model name", "flags", "Features")) or ":" not in line}
    return hashlib.blake2b("\n".join([platform.machine(), *sorted(able)]).encode(), digest_size=6).hexdigest()
