"""The raw figures: one row for each problem, order and contestant; kept in a JSON file into which a run is merged."""

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

DIGITS = 4


@dataclass(frozen=True)
class Row:
    """What one contestant did. Seconds and ratios are medians over rounds; `status` is empty where it ran.

    | field | |
    |---|---|
    | ratio, ratio_low, ratio_high | its seconds to auto's in the same round: median and quartiles |
    | peak_bytes | memory of one run beyond what was there, a result in memory of its own included |
    | written_bytes | of the derivatives, each once: P·|S|·N numbers |
    | operations | of a point, where they are counted; a function such as exp is one |
    | floor_share | seconds of P·flops(f) to its seconds |
    | differences | for each degree, largest |a − b| to largest |b|, b what `reference` computed |
    """

    machine: str
    dtype: str
    problem: str
    order: int
    contestant: str
    title: str = ""
    group: str = "order"
    variables: int = 0
    points: int = 0
    terms: int = 0
    kind: str = ""
    scalar_output: bool = True
    method: str = ""
    status: str = ""
    seconds: float | None = None
    rounds: int = 0
    ratio: float | None = None
    ratio_low: float | None = None
    ratio_high: float | None = None
    compile_seconds: float | None = None
    peak_bytes: float | None = None
    written_bytes: int = 0
    operations: int = 0
    floor_share: float | None = None
    reference: str = ""
    differences: list[float] = field(default_factory=list)

    @property
    def key(self) -> tuple:
        return self.machine, self.dtype, self.problem, self.order, self.contestant

    @property
    def cell(self) -> tuple:
        """What is measured together: all contestants of one problem at one order."""
        return self.key[:-1]


@dataclass
class Record:
    """All rows; and by machine's name its details, its ceilings, and the rows of each section, which are JSON."""

    machines: dict[str, dict[str, str]] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    ceilings: dict[str, dict[str, float]] = field(default_factory=dict)
    sections: dict[str, dict[str, list[dict[str, Any]]]] = field(default_factory=dict)

    def of(self, machine: str, dtype: str) -> list[Row]:
        return [row for row in self.rows if (row.machine, row.dtype) == (machine, dtype)]

    def merge(self, machine: str, details: dict[str, str], rows: Iterable[Row], order: list[str]) -> "Record":
        """With new rows in place of every cell that was measured again, sorted as `order` names the problems."""
        new = list(rows)
        cells = {row.cell for row in new}
        kept = [row for row in self.rows if row.cell not in cells and row.problem in order]
        ranked = sorted(kept + new, key=lambda r: (r.machine, r.dtype, order.index(r.problem), r.order))
        return replace(self, machines={**self.machines, machine: details}, rows=ranked)

    def with_ceilings(self, machine: str, details: dict[str, str], ceilings: dict[str, float]) -> "Record":
        return replace(
            self,
            machines={**self.machines, machine: details},
            ceilings={**self.ceilings, machine: ceilings},
        )

    def with_section(self, machine: str, name: str, rows: list[dict[str, Any]]) -> "Record":
        here = {**self.sections.get(machine, {}), name: rows}
        return replace(self, sections={**self.sections, machine: here})


def read(path: Path) -> Record:
    """The record in a file; an empty one where there is none."""
    if not path.exists():
        return Record()
    stored = json.loads(path.read_text())
    known = {f.name for f in fields(Row)}
    rows = [Row(**{k: v for k, v in row.items() if k in known}) for row in stored["rows"]]
    return Record(stored["machines"], rows, stored.get("ceilings", {}), stored.get("sections", {}))


def write(record: Record, path: Path) -> None:
    """One row a line, so that a change of one figure is a change of one line."""
    machines, ceilings = (json.dumps(part, ensure_ascii=False, indent=2) for part in (record.machines, record.ceilings))
    sections = ",\n ".join(
        f"{json.dumps(machine)}: {{{', '.join(f'{json.dumps(name)}: {_lines(rows)}' for name, rows in named.items())}}}"
        for machine, named in record.sections.items()
    )
    rows = _lines([_short(asdict(row)) for row in record.rows])
    path.write_text(
        f'{{"machines": {machines},\n "ceilings": {ceilings},\n "sections": {{{sections}}},\n "rows": {rows}}}\n'
    )


def _lines(rows: Iterable[dict[str, Any]]) -> str:
    return "[\n  " + ",\n  ".join(json.dumps(_rounded(row), ensure_ascii=False) for row in rows) + "\n]"


def _short(row: dict[str, Any]) -> dict[str, Any]:
    """Without what is at its default, numbers to DIGITS digits, null for what is not known."""
    defaults = {f.name: f.default for f in fields(Row)}
    return {k: v for k, v in row.items() if v != [] and v != defaults[k]}


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_rounded(v) for v in value]
    if not isinstance(value, float):
        return value
    return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
