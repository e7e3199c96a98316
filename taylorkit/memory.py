"""How much memory the machine has: nothing is begun, and nothing read, that is larger."""

import os

from pydantic import ByteSize


def installed() -> int:
    """Bytes of memory of this machine; where the system does not say, as much as can be addressed."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):
        return 2**63


def allowed(budget: int) -> tuple[int, str]:
    """What a run may take, its budget or what the machine has, and which of them that is, in words."""
    limit = min(budget, installed())
    name = "memory.budget" if limit == budget else "this machine's memory"
    return limit, f"{name} = {ByteSize(limit).human_readable()}"
