"""How much memory the machine has: nothing is begun, and nothing read, that is larger."""

import os


def installed() -> int:
    """Bytes of memory of this machine; where the system does not say, as much as can be addressed."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):
        return 2**63
