"""How many processors this process may run on."""

import os


def cores() -> int:
    """The cores that the process is bound to, where the system says; else those of the machine."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
