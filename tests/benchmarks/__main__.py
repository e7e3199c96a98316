"""`python -m tests.benchmarks`: this project's methods beside its peers, on this machine, in this process.

Nothing is asserted: times are to be read. A run, of all problems or of a few, is merged into docs/benchmarks.json; from
that come the tables of docs/benchmarks.md, the plots in docs/images, and the table of crossovers that `auto` reads.
"""

import argparse
import math
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path
from shutil import copy
from tempfile import mkdtemp
from time import perf_counter

import numpy as np

from taylorkit.precision import scope
from tests.benchmarks import crossovers, machine, plots, record, tables
from tests.benchmarks.markdown import figure
from tests.benchmarks.measure import cells
from tests.benchmarks.problems import Problem, problems

DOCS = Path("docs")
ROUNDS = 11
QUICK = {"points": 200, "orders": 2}


def main() -> None:
    asked = _arguments()
    folder, table = (DOCS, crossovers.PATH) if not asked.quick else _elsewhere()
    kept = record.read(folder / "benchmarks.json")
    start = perf_counter()
    if not asked.redraw:
        kept = _measured(asked, kept, folder / "benchmarks.json")
    tables.write(kept, folder / "benchmarks.md")
    crossovers.write(kept, machine.name(), table)
    shown = kept.of(machine.name(), asked.dtype) or kept.rows
    written = plots.write(shown, folder / "images")
    print(f"{perf_counter() - start:.0f} s; wrote {folder / 'benchmarks.md'} and {len(written)} plots")


def _measured(asked: argparse.Namespace, kept: record.Record, path: Path) -> record.Record:
    """The record with what is measured now, saved after every cell."""
    chosen = _chosen(asked)
    order = [problem.name for problem in problems(asked.dtype)]
    print(f"{machine.name()}: {', '.join(f'{k} {v}' for k, v in machine.details().items())}")
    for problem in chosen:
        print(f"\n{problem.name}: {problem.title}; D = {problem.variables}, {len(problem.rows):,} points")
        with scope(np.dtype(asked.dtype)):
            for rows in cells(problem, machine.name(), 2 if asked.quick else ROUNDS, asked.limit):
                _show(rows)
                kept = kept.merge(machine.name(), machine.details(), rows, order)
                record.write(kept, path)
    return kept


def _chosen(asked: argparse.Namespace) -> list[Problem]:
    """Those that are asked for. Raises SystemExit where there are none."""
    everything = problems(asked.dtype)
    chosen = [p for p in everything if not asked.only or any(fnmatch(p.name, name) for name in asked.only)]
    if not chosen:
        raise SystemExit(
            f"--only {' '.join(asked.only)}: no such problem; known: {', '.join(p.name for p in everything)}"
        )
    return [problem.smaller(**QUICK) for problem in chosen] if asked.quick else chosen


def _show(rows: Sequence[record.Row]) -> None:
    print(f"{'order':>5}  {'who':<44}{'compile s':>10}{'run ms':>10}{'× auto':>9}{'peak MB':>9}{'off by':>9}")
    for row in rows:
        off = f"{max(row.differences, default=math.nan):.0e}"
        figures = (
            row.compile_seconds,
            row.seconds and 1e3 * row.seconds,
            row.ratio,
            row.peak_bytes and row.peak_bytes / 1e6,
        )
        widths = (10, 10, 9, 9)
        line = "".join(f"{figure(value):>{width}}" for value, width in zip(figures, widths, strict=True))
        print(
            f"{row.order:>5}  {row.contestant:<44}" + (f"  {row.status}" if row.status else f"{line}{off:>9}"),
            flush=True,
        )


def _elsewhere() -> tuple[Path, Path]:
    """Somewhere to write what is not to be kept, with the document that the tables go into."""
    folder = Path(mkdtemp(prefix="taylorkit-benchmarks-"))
    copy(DOCS / "benchmarks.md", folder)
    return folder, folder / "crossovers.json"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Measure against the peers.")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="these problems alone, * for any letters")
    parser.add_argument("--quick", action="store_true", help="few points and orders, kept nowhere: does it run?")
    parser.add_argument("--redraw", action="store_true", help="measure nothing: tables and plots from what is recorded")
    parser.add_argument("--dtype", choices=("float64", "float32"), default="float64")
    parser.add_argument(
        "--limit", type=float, default=math.inf, metavar="SECONDS", help="for all, below their own limits"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
