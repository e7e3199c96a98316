"""What is wrong around the runs: versions, processes, runs, stores, folders. From outside: Prefect is not imported.

| module | what it finds |
|---|---|
| `versions` | libraries outside of the versions that taylorkit names, and what goes wrong with them |
| `servers` | Prefect servers and runners whose flow or `taylorkit serve` is gone |
| `runs` | runs in state Running that nothing is at work on |
| `leftovers` | what killed runs left in a store |
| `states` | artifacts that are damaged, not finished, without a number or without a page |
| `blocks` | blocks whose record or file is not there any more |
| `lowerings` | which kernels can be had here, and why others cannot; who may write the cache of compiled code |

`processes` tells which of a machine's processes are Prefect's.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from taylorkit import shown
from taylorkit.doctor import blocks, leftovers, lowerings, runs, servers, states, versions
from taylorkit.doctor.finding import Finding, Place
from taylorkit.store.address import local

__all__ = ["Examined", "Finding", "Place", "examine"]

CHECKS: tuple[Callable[[Place], Iterator[Finding]], ...] = (
    versions.wrong,
    servers.orphaned,
    runs.left_running,
    leftovers.partial_files,
    leftovers.uncommitted,
    states.shown,
    blocks.lost,
    lowerings.missing,
    lowerings.cache,
)


NOTHING = "nothing is wrong; of blocks the records and files were looked at, what they hold `taylorkit verify` tells"


@dataclass(frozen=True)
class Examined:
    """What was found, and what is there."""

    findings: list[Finding]
    facts: dict[str, str]

    def as_text(self) -> str:
        """For a terminal: paths and command lines, which anybody may have made up, stay on their lines."""
        lines = [f"{name + ':':<11}{shown.one_line(value)}" for name, value in self.facts.items()]
        for found in self.findings:
            lines += ["", shown.one_line(f"{found.what}: {found.value}"), f"  {shown.one_line(found.do)}"]
        return "\n".join([*lines, "", f"findings: {len(self.findings)}" if self.findings else NOTHING])


def examine(store: str | Path, home: str | Path | None = None) -> Examined:
    """Look at this machine, the `store`, and Prefect's `home` (PREFECT_HOME, or `.prefect` in the current folder)."""
    place = Place(local(store), local(home or os.environ.get("PREFECT_HOME") or ".prefect", "home"))
    return Examined([finding for check in CHECKS for finding in check(place)], lowerings.facts())
