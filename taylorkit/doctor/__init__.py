"""What is wrong around the runs: versions, processes, runs, stores, folders. From outside: Prefect is not imported.

| module | what it finds |
|---|---|
| `versions` | libraries outside of the versions that taylorkit names, and what goes wrong with them |
| `servers` | embedded Prefect servers whose flow is gone; runs that such a flow left in state Running |
| `leftovers` | what killed runs left in a store |
| `lowerings` | which kernels can be had here, and why others cannot; who may write the cache of compiled code |
"""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from taylorkit.doctor import leftovers, lowerings, servers, versions
from taylorkit.doctor.finding import Finding, Place

__all__ = ["Examined", "Finding", "Place", "examine"]

CHECKS: tuple[Callable[[Place], Iterator[Finding]], ...] = (
    versions.wrong,
    servers.orphaned,
    servers.left_running,
    leftovers.partial_files,
    leftovers.uncommitted,
    lowerings.missing,
    lowerings.cache,
)


@dataclass(frozen=True)
class Examined:
    """What was found, and what is there."""

    findings: list[Finding]
    facts: dict[str, str]

    def as_text(self) -> str:
        lines = [f"{name + ':':<11}{value}" for name, value in self.facts.items()]
        lines += [f"\n{f.what}: {f.value}\n  {f.do}" for f in self.findings]
        return "\n".join([*lines, "", f"findings: {len(self.findings)}" if self.findings else "nothing is wrong"])

    def as_json(self) -> str:
        return json.dumps(asdict(self), indent=1, ensure_ascii=False)


def examine(store: str | Path, home: str | Path | None = None) -> Examined:
    """Look at this machine, the `store`, and Prefect's `home` (PREFECT_HOME, or `.prefect` in the current folder)."""
    place = Place(Path(store), Path(home or os.environ.get("PREFECT_HOME") or ".prefect"))
    return Examined([finding for check in CHECKS for finding in check(place)], lowerings.facts())
