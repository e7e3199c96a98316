"""Where compiled kernels are kept between processes, so that the second run of a schedule compiles nothing.

Everything there can be deleted at any time, and is run as code: nobody else may write there. The folder is `taylorkit`
in the user's cache (XDG_CACHE_HOME); TAYLORKIT_CACHE names another, or none if it is empty.
"""

import hashlib
import os
import platform
from pathlib import Path

VARIABLE = "TAYLORKIT_CACHE"


def folder() -> Path | None:
    """The folder, which need not be there; None where nothing is to be kept."""
    named = os.environ.get(VARIABLE)
    if named is not None:
        return Path(named) if named else None
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "taylorkit"
    except RuntimeError:  # a user without a home
        return None


def keep_compiled() -> None:
    """Have JAX keep what it compiles from now on; where the process has a cache for that already, it stays.

    Code for one processor is not offered to another: each kind has a folder of its own.
    """
    import jax

    base = folder()
    if base is None or jax.config.jax_compilation_cache_dir:
        return
    place = base / f"xla-{_processor()}"
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        return
    jax.config.update("jax_compilation_cache_dir", str(place))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


def _processor() -> str:
    """A mark of what this machine's processor can do."""
    described = Path("/proc/cpuinfo")
    lines = described.read_text().splitlines() if described.exists() else [platform.processor()]
    able = {line for line in lines if line.startswith(("model name", "flags", "Features")) or ":" not in line}
    return hashlib.blake2b("\n".join([platform.machine(), *sorted(able)]).encode(), digest_size=6).hexdigest()
