"""The raw figures: one row for each problem, order and contestant; kept in a JSON file into which a run is merged."""

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

DIGITS = 4


@dataclass(frozen=True)
class Row:
    """What one contestant did. Seconds and ratios are medians over rounds; `status` is empty where it ran.

    | field | |
    |---|---|
    | ratio, ratio_low, ratio_high | its seconds to auto's in the same round: median and quartiles |
    | peak_bytes | memory of one run, the result included |
    | written_bytes | of the derivatives, each once: P·|S|·N numbers |
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
    """All rows, and by machine's name its details."""

    machines: dict[str, dict[str, str]] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)

    def of(self, machine: str, dtype: str) -> list[Row]:
        return [row for row in self.rows if (row.machine, row.dtype) == (machine, dtype)]

    def merge(self, machine: str, details: dict[str, str], rows: Iterable[Row], order: list[str]) -> "Record":
        """With new rows in place of every cell that was measured again, sorted as `order` names the problems."""
        new = list(rows)
        cells = {row.cell for row in new}
        kept = [row for row in self.rows if row.cell not in cells and row.problem in order]
        ranked = sorted(kept + new, key=lambda r: (r.machine, r.dtype, order.index(r.problem), r.order))
        return Record({**self.machines, machine: details}, ranked)


def read(path: Path) -> Record:
    """The record in a file; an empty one where there is none."""
    if not path.exists():
        return Record()
    stored = json.loads(path.read_text())
    known = {f.name for f in fields(Row)}
    return Record(stored["machines"], [Row(**{k: v for k, v in row.items() if k in known}) for row in stored["rows"]])


def write(record: Record, path: Path) -> None:
    """One row a line, so that a change of one figure is a change of one line."""
    rows = ",\n  ".join(json.dumps(_short(asdict(row)), ensure_ascii=False) for row in record.rows)
    machines = json.dumps(record.machines, ensure_ascii=False, indent=2)
    path.write_text(f'{{"machines": {machines},\n "rows": [\n  {rows}\n]}}\n')


def _short(row: dict[str, Any]) -> dict[str, Any]:
    """Without what is at its default, numbers to DIGITS digits, null for what is not known."""
    defaults = {f.name: f.default for f in fields(Row)}
    return {k: _rounded(v) for k, v in row.items() if v != [] and v != defaults[k]}


def _rounded(value: Any) -> Any:
    if isinstance(value, list):
        return [_rounded(v) for v in value]
    if not isinstance(value, float):
        return value
    return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
