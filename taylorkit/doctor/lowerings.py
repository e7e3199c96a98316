"""Which kernels can be had on this machine, why others cannot, and who may change the code that is kept of them.

JAX is imported for that where it can be, and not started: it would take a GPU for itself.
"""

import ctypes
import os
import platform
import stat
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from taylorkit import cache as kept
from taylorkit.doctor.finding import Finding, Place, quoted

# As `taylorkit.lowering.machine` has it, which needs JAX.
LIBRARY = "libmvec.so.1"


def broken() -> str | None:
    """Why JAX cannot be imported; None where it can."""
    try:
        import jax  # noqa: F401
    except Exception as error:  # a wrong version of something below it raises anything
        return f"{type(error).__name__}: {error}"
    return None


def bits() -> int | None:
    """The width of this processor's vectors for machine code of our own; None where there can be none."""
    if broken():
        return None
    from taylorkit.lowering import machine

    target = machine.target()
    return target.bits if target else None


def facts() -> dict[str, str]:
    """Each lowering, and whether it is there."""
    width = bits()
    gpu = _version("jax-cuda12-plugin")
    return {
        "xla": f"not there: {reason}" if (reason := broken()) else f"JAX {_version('jax')}",
        "llvm": f"{width}-bit vectors, llvmlite {_version('llvmlite')}" if width else f"not there: {_why_not()}",
        "pallas": f"JAX's GPU plugin {gpu}" if gpu else "interpreted only: no plugin of JAX for a GPU is installed",
        "cache": str(kept.folder() or "none: nothing is kept between processes"),
    }


def missing(place: Place) -> Iterator[Finding]:
    """JAX, without which there is none; and machine code of our own where llvmlite is there and the C library not."""
    if reason := broken():
        yield Finding("JAX cannot be imported: nothing can be computed", reason, "pip install -c constraints.txt jax")
    elif bits() is None and find_spec("llvmlite") and _suits():
        yield Finding(
            "functions of few numbers go through XLA, which is slower",
            _why_not(),
            "install the C library's vector routines (glibc's libmvec), or leave it: results are right either way",
        )


def _suits() -> bool:
    return platform.system() == "Linux" and platform.machine() == "x86_64" and _library() is not None


def _why_not() -> str:
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        return f"it is for Linux on x86-64, this is {platform.system()} on {platform.machine()}"
    if not find_spec("llvmlite"):
        return "llvmlite is not installed (pip install 'taylorkit[llvm]')"
    return _library() or broken() or "this processor has no AVX2 with FMA"


def _library() -> str | None:
    """Why the vector routines cannot be had; None where they can."""
    try:
        ctypes.CDLL(LIBRARY)
    except OSError as error:
        return str(error)
    return None


def cache(place: Place) -> Iterator[Finding]:
    """Folders of compiled code that are not ours alone, or cannot be written."""
    base = kept.folder()
    if base is None or not base.exists():
        return
    for folder in (base, *sorted(p for p in base.iterdir() if p.is_dir())):
        yield from _folder(folder)


def _folder(folder: Path) -> Iterator[Finding]:
    found = folder.stat()
    if found.st_uid != os.getuid():
        yield Finding(
            "compiled code is kept in a folder of somebody else's, and is run as it stands there",
            f"{folder}: owned by user {found.st_uid}",
            f"set {kept.VARIABLE} to a folder of your own, or to nothing",
        )
    elif found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        yield Finding(
            "others may write where compiled code is kept, which is run as it stands there",
            f"{folder}: mode {stat.S_IMODE(found.st_mode):o}",
            f"chmod go-w {quoted(folder)}",
        )
    elif not os.access(folder, os.W_OK):
        yield Finding(
            "the cache of compiled code cannot be written: every process compiles anew",
            f"{folder}: mode {stat.S_IMODE(found.st_mode):o}",
            f"chmod u+w {quoted(folder)}, or set {kept.VARIABLE} to another folder",
        )


def _version(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None
