"""`python -m flows.watch SIGNAL GRACE PID`: ends a process, with all that it started, when who started it is gone.

Who started it holds the other end of the standard input, and writes there what it sees below that process. The system
closes it when its holder ends, by `kill -9` too, which nobody can clean up after.
"""

import json
import sys
from contextlib import suppress

import psutil

from flows import processes
from flows.processes import DONE, below, end_all


def main() -> None:
    by, grace, pid = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    processes.GRACE = grace
    first = _found(pid)
    line = last = ""
    for line in sys.stdin:
        last = line if line.endswith("\n") else last  # its holder may end amid a line
    if last == DONE:
        return
    told = [_found(*one) for one in (json.loads(last) if last else [])]
    seen = {one for one in told if one is not None}
    if first is not None:
        seen |= below(pid)
        with suppress(psutil.Error):
            first.send_signal(by)
            first.wait(grace)
        seen.add(first)
    end_all(seen)


def _found(pid: int, started: float | None = None) -> psutil.Process | None:
    """The process of this number; None where it has ended, or the number is another's by now."""
    try:
        found = psutil.Process(pid)
        return found if started in (None, found.create_time()) else None
    except psutil.Error:
        return None


if __name__ == "__main__":
    main()
