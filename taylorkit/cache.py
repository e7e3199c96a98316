"""Where compiled kernels are kept between processes, so that the second run of a schedule compiles nothing.

Everything there can be deleted at any time. The folder is `taylorkit` in the user's cache (XDG_CACHE_HOME);
TAYLORKIT_CACHE names another, or none if it is empty.
"""

import os
from pathlib import Path

VARIABLE = "TAYLORKIT_CACHE"


def folder() -> Path | None:
    """The folder, which need not be there; None where nothing is to be kept."""
    named = os.environ.get(VARIABLE)
    if named is not None:
        return Path(named) if named else None
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "taylorkit"


def keep_compiled() -> None:
    """Have JAX keep what it compiles; where the process has a cache for that already, it stays."""
    import jax

    place = folder()
    if place is None or jax.config.jax_compilation_cache_dir:
        return
    jax.config.update("jax_compilation_cache_dir", str(place / "xla"))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
