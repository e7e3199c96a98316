"""docs/chaos.json: what each slice of each row showed; docs/chaos.md: its sum as a table, between two marks."""

import fcntl
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.benchmarks import machine
from tests.benchmarks.markdown import table
from tests.chaos.outcome import Outcome
from tests.chaos.process import ROOT
from tests.chaos.rows import ROWS

DATA, PAGE = ROOT / "docs" / "chaos.json", ROOT / "docs" / "chaos.md"
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"


@dataclass(frozen=True)
class Slice:
    """Some trials of a row: how many of each kind, the faults, notes if there are any, and how long they took."""

    outcomes: list[Outcome]
    seconds: float

    def plain(self) -> dict[str, Any]:
        kinds = Counter(o.kind for o in self.outcomes if not o.fault)
        faults = [o.fault for o in self.outcomes if o.fault]
        notes = [o.note for o in self.outcomes if o.note]
        plain = {"times": len(self.outcomes), "kinds": dict(kinds), "faults": faults, "seconds": round(self.seconds, 1)}
        return {**plain, "notes": notes} if notes else plain


def write(row: str, seed: int, found: Slice, alone: bool) -> None:
    """Keep a slice of a row, in place of the one of that seed, or of all if it is `alone`; and write the page anew."""
    with _kept() as known:
        slices = {} if alone else known["rows"].get(row, {})
        known["rows"][row] = {**slices, str(seed): found.plain()}
        known["machine"] = {"name": machine.name(), **machine.details()}
    before, _, rest = PAGE.read_text().partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n\n{figures(known)}\n\n{END}{rest.partition(END)[2]}")


@contextmanager
def _kept() -> Iterator[dict[str, Any]]:
    """What is known, written back at the end; slices may run at the same time."""
    DATA.touch()
    with DATA.open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        known = json.loads(file.read() or '{"rows": {}}')
        yield known
        file.seek(0)
        file.truncate()
        file.write(json.dumps(known, indent=1, sort_keys=True) + "\n")


def figures(known: dict[str, Any]) -> str:
    """The table, faults and notes below it, and the machine."""
    rows = {name: known["rows"][name].values() for name in ROWS if name in known["rows"]}
    lines = [_line(name, list(slices)) for name, slices in rows.items()]
    said = [
        (name, line) for name, slices in rows.items() for s in slices for line in (*s["faults"], *s.get("notes", ()))
    ]
    below = "\n".join(f"- {name}: {line}" for name, line in said)
    heads = ("row", "what was done", "what must hold", "times", "held", "by kind", "seconds")
    on = f"On {known['machine']['name']}; {known['machine']['system']}, JAX {known['machine']['jax']}."
    return "\n\n".join(part for part in (table(heads, lines), below, on) if part)


def _line(name: str, slices: list[dict[str, Any]]) -> list[str]:
    times, faults = sum(s["times"] for s in slices), sum(len(s["faults"]) for s in slices)
    kinds = sum((Counter(s["kinds"]) for s in slices), Counter())
    said = ", ".join(f"{n} {kind}" for kind, n in sorted(kinds.items(), key=lambda item: (-item[1], item[0])))
    seconds = sum(s["seconds"] for s in slices)
    return [name, ROWS[name].done, ROWS[name].held, f"{times:,}", f"{times - faults:,}", said, f"{seconds:,.0f}"]
