"""The figures as Markdown: for each problem who took how long, and all that was measured folded below.

They stand in a document between two markers; what is written around them stays.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np

from tests.benchmarks import aims, ceilings, growth, scaling, sections, sweep
from tests.benchmarks.markdown import figure, folded, points, table
from tests.benchmarks.problem import BYTES, ORDER
from tests.benchmarks.record import Record, Row

BEGIN, END = "<!-- figures: written by make bench -->", "<!-- end of the figures -->"


Pictures = Mapping[str, Sequence[Path]]


def write(record: Record, path: Path, drawn: Iterable[Path] = (), beside: Pictures | None = None) -> None:
    """Put tables and plots between the markers of the document at `path`, with each section the pictures `beside` it.

    Raises ValueError where it has no markers.
    """
    before, begin, rest = path.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{path}: has no lines {BEGIN!r} and {END!r}; put them where the figures should stand")
    pictures = {name: _shown(pngs, path.parent) for name, pngs in (beside or {}).items()}
    path.write_text(
        f"{before}{BEGIN}\n\n{_shown(drawn, path.parent)}{document(record)}\n{_sections(record, pictures)}{END}{after}"
    )


def document(record: Record) -> str:
    """A section for each machine and precision."""
    return "\n".join(
        _section(record, machine, dtype, list(rows))
        for (machine, dtype), rows in groupby(record.rows, key=lambda r: (r.machine, r.dtype))
    )


def _shown(pngs: Iterable[Path], folder: Path) -> str:
    return "".join(f"![{png.stem}]({png.relative_to(folder)})\n\n" for png in pngs)


def _section(record: Record, machine: str, dtype: str, rows: list[Row]) -> str:
    details = ", ".join(f"{k} {v}" for k, v in record.machines[machine].items())
    problems = "\n".join(
        _problem(list(group))
        for _, group in groupby([r for r in rows if r.group in (ORDER, BYTES)], key=lambda r: r.problem)
    )
    parts = [
        aims.report(rows),
        ceilings.report(record.ceilings.get(machine, {})),
        sweep.report(rows),
        problems,
        growth.report(rows),
        scaling.report(rows),
    ]
    return f"## {machine}, {dtype}\n\n{details}\n\n" + "\n".join(part for part in parts if part)


def _sections(record: Record, pictures: Mapping[str, str]) -> str:
    """What each section makes of its rows, machine by machine."""
    return "".join(
        f"## {name.capitalize()}, {machine}\n\n{pictures.get(name, '')}{sections.text(name, rows)}\n\n"
        for machine, recorded in record.sections.items()
        for name, rows in recorded.items()
        if name in sections.there()
    )


def _problem(rows: list[Row]) -> str:
    one = rows[0]
    heading = f"### {one.title}\n\nD = {one.variables}, {points(r.points for r in rows)}"
    times = by_order(rows, lambda r: figure(r.seconds, 1e3) + (f" ({figure(r.ratio)})" if r.ratio else ""))
    compiling = by_order(rows, lambda r: figure(r.compile_seconds))
    chosen = [f"{r.order}: {r.method}" for r in rows if r.method]
    return "\n\n".join(
        [
            heading + (f"; `auto` takes {', '.join(chosen)}" if chosen else ""),
            "Milliseconds (times those of `auto`):",
            times,
            "Seconds to compile:",
            compiling,
            *_absent(rows),
            folded("Everything that was measured", everything(rows)),
            "",
        ]
    )


def by_order(rows: Sequence[Row], cell: Callable[[Row], str]) -> str:
    """Contestants down, orders across; a dash where nobody ran."""
    orders = sorted({r.order for r in rows})
    names = list(dict.fromkeys(r.contestant for r in rows if not r.status))
    cells = {(r.contestant, r.order): cell(r) for r in rows if not r.status}
    lines = [[name, *(cells.get((name, order), "–") for order in orders)] for name in names]
    return table(["", *(f"n = {order}" for order in orders)], lines)


def _absent(rows: Iterable[Row]) -> list[str]:
    """A line for each reason for which somebody did not run, and the orders that it concerns."""
    reasons: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        if row.status:
            reasons.setdefault((row.contestant, row.status), []).append(row.order)
    lines = [
        f"- {who}, order {', '.join(map(str, orders))}: {status}".replace("|", "\\|")
        for (who, status), orders in reasons.items()
    ]
    return ["\n".join(lines)] if lines else []


COLUMNS: dict[str, Callable[[Row], str]] = {
    "n": lambda r: str(r.order),
    "who": lambda r: r.contestant,
    "run ms": lambda r: figure(r.seconds, 1e3),
    "× auto": lambda r: figure(r.ratio),
    "quartiles": lambda r: f"{figure(r.ratio_low)} – {figure(r.ratio_high)}" if r.ratio else "–",
    "rounds": lambda r: str(r.rounds),
    "compile s": lambda r: figure(r.compile_seconds),
    "peak MB": lambda r: figure(r.peak_bytes, 1e-6),
    "GB/s written": lambda r: figure(r.seconds and r.written_bytes / r.seconds, 1e-9),
    "largest difference": lambda r: f"{max(r.differences):.0e}" if r.differences else "–",
    "at degree": lambda r: str(int(np.argmax(r.differences))) if r.differences else "–",
    "from": lambda r: r.reference or "–",
    "floor share": lambda r: f"{100 * r.floor_share:.0f} %" if r.floor_share else "–",
}


def everything(rows: Iterable[Row]) -> str:
    """A line for each contestant and order that ran."""
    return table(list(COLUMNS), [[cell(r) for cell in COLUMNS.values()] for r in rows if not r.status])
