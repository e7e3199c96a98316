"""This processor: its vectors, its vector routines, and text of LLVM's language made code that runs here.

Code is kept on disk by what it was made of, so that a second process compiles nothing. Where llvmlite or the routines
of the C library are missing there is no `target`, and programs go through XLA.
"""

import ctypes
import hashlib
import platform
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from taylorkit import signed
from taylorkit.cache import folder as cache_folder
from taylorkit.lowering.elementary import BITS
from taylorkit.lowering.ir import Target
from taylorkit.lowering.mathematics import ROUTINES

# The C library's vector routines (glibc, x86-64): the widest that the processor has comes first.
LIBRARY = "libmvec.so.1"
WIDTHS = (("avx512f", 512, "_ZGVe"), ("avx2", 256, "_ZGVd"))


@cache
def target() -> Target | None:
    """The processor as the writer of a line sees it; None where this lowering cannot be had."""
    try:
        import llvmlite.binding as llvm

        routines = ctypes.CDLL(LIBRARY)
    except (ImportError, OSError):
        return None
    features = llvm.get_host_cpu_features()
    for feature, bits, prefix in WIDTHS:
        if features.get(feature) and features.get("fma"):
            there = {name for name in ROUTINES if _has(routines, prefix, bits, name)}
            return Target(feature, bits, prefix, frozenset({BITS, *there}))
    return None


def _has(routines: ctypes.CDLL, prefix: str, bits: int, name: str) -> bool:
    return all(
        hasattr(routines, f"{prefix}N{bits // size}{form}_{name}{end}")
        for size, end in ((64, ""), (32, "f"))
        for form in (("vv",) if name in ("pow", "atan2") else ("v",))
    )


def versions() -> dict[str, str]:
    """What the numbers of this lowering depend on beside the processor."""
    return {"llvmlite": version("llvmlite"), "libc": "-".join(platform.libc_ver())}


@cache
def _ready() -> Any:
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    # The code is linked against what the process has loaded.
    ctypes.CDLL(LIBRARY, mode=ctypes.RTLD_GLOBAL)
    return llvm


class Code:
    """Machine code made of a text, or found on disk."""

    def __init__(self, text: str):
        llvm = _ready()
        # The engine holds the code: it lives as long as this does.
        self.engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _target_machine(llvm))
        self.engine.add_object_file(llvm.ObjectFileRef.from_data(_object(llvm, text)))
        self.engine.finalize_object()

    def address(self, name: str) -> int:
        return self.engine.get_function_address(name)


def _target_machine(llvm: Any) -> Any:
    features = llvm.get_host_cpu_features().flatten()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=features, opt=2
    )


def _object(llvm: Any, text: str) -> bytes:
    kept = _place(llvm, text)
    if kept is None:
        return _compiled(llvm, text)
    if (found := signed.read(kept)) is None:
        found = _compiled(llvm, text)
        signed.keep(kept, found)
    return found


def _compiled(llvm: Any, text: str) -> bytes:
    return _target_machine(llvm).emit_object(llvm.parse_assembly(text))


def _place(llvm: Any, text: str) -> Path | None:
    base = cache_folder()
    host = (llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten(), version("llvmlite"))
    mark = hashlib.blake2b("\0".join((*host, text)).encode(), digest_size=16).hexdigest()
    return base and base / "llvm" / f"{mark}.o"
