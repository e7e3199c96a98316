"""Where compiled kernels are kept between processes, so that the second run of a schedule compiles nothing.

Everything there can be deleted at any time, and is run as code: nobody else may write there. The folder is `taylorkit`
in the user's cache (XDG_CACHE_HOME); TAYLORKIT_CACHE names another, or none if it is empty.
"""

import hashlib
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

VARIABLE = "TAYLORKIT_CACHE"
DIRECTORY = "jax_compilation_cache_dir"
# Everything is kept, however quickly it was compiled and however small it is.
SETTINGS: dict[str, Any] = {
    DIRECTORY: None,
    "jax_persistent_cache_min_compile_time_secs": 0.0,
    "jax_persistent_cache_min_entry_size_bytes": -1,
}


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

    After, the process is as it was: what it compiles itself is none of ours. Code for one processor is not offered to
    another: each kind has a folder of its own.
    """
    import jax

    place = None if jax.config.jax_compilation_cache_dir else _place()
    if place is None:
        yield
        return
    before = {name: getattr(jax.config, name) for name in SETTINGS}
    try:
        _set(SETTINGS | {DIRECTORY: str(place)})
        yield
    finally:
        _set(before)
        _forget()


def _place() -> Path | None:
    """The folder for this processor, made; None where it cannot be."""
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
