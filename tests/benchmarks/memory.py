"""How much memory an action takes at its peak, beyond what the process held before.

Linux keeps the largest resident size of a process and lets the process set it back; elsewhere it is not known (NaN).
What the allocator kept from earlier actions is handed back first, or it would hide what this one needs.
"""

import ctypes
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def peak(action: Callable[[], Any]) -> tuple[Any, float]:
    """What `action` returns, and the bytes by which the resident size passed what it was before."""
    before = _settled()
    result = action()
    return result, float(np.maximum(0.0, _bytes("VmHWM") - before))


def _settled() -> float:
    try:
        ctypes.CDLL(None).malloc_trim(0)
        RESET.write_text("5")
    except (AttributeError, OSError, TypeError):
        return math.nan
    return _bytes("VmRSS")


def _bytes(name: str) -> float:
    if not STATUS.exists():
        return math.nan
    lines = dict(line.split(":", 1) for line in STATUS.read_text().splitlines() if ":" in line)
    return 1024.0 * int(lines[name].split()[0])
