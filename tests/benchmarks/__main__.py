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
# What shows within a minute that everything runs.
QUICK, QUICK_ROUNDS, QUICK_SECONDS = {"points": 200, "orders": 2}, 2, 5.0
QUICK_PROBLEMS = ["t", "kin-2", "mlp-softplus-2", "flow", "points-1000"]


def main() -> None:
    asked = _arguments()
    folder, table = _places(asked)
    kept = record.read(folder / "benchmarks.json")
    start = perf_counter()
    if not asked.redraw:
        kept = _measured(asked, kept, folder / "benchmarks.json")
    crossovers.write(kept, machine.name(), table)
    written = plots.write(kept.of(machine.name(), asked.dtype) or kept.rows, folder / "images")
    tables.write(kept, folder / "benchmarks.md", written)
    print(f"{perf_counter() - start:.0f} s; wrote {folder / 'benchmarks.md'} and {len(written)} plots")


def _measured(asked: argparse.Namespace, kept: record.Record, path: Path) -> record.Record:
    """The record with what is measured now, saved after every cell."""
    chosen, rounds = _chosen(asked), QUICK_ROUNDS if asked.quick else ROUNDS
    limit = min(asked.limit, QUICK_SECONDS) if asked.quick else asked.limit
    order = [problem.name for problem in problems(asked.dtype)]
    print(f"{machine.name()}: {', '.join(f'{k} {v}' for k, v in machine.details().items())}")
    for problem in chosen:
        print(f"\n{problem.name}: {problem.title}; D = {problem.variables}, {len(problem.rows):,} points")
        with scope(np.dtype(asked.dtype)):
            for rows in cells(problem, machine.name(), rounds, limit):
                _show(rows)
                kept = kept.merge(machine.name(), machine.details(), rows, order)
                record.write(kept, path)
    return kept


def _chosen(asked: argparse.Namespace) -> list[Problem]:
    """Those that are asked for. Raises SystemExit where there are none."""
    everything = problems(asked.dtype)
    wanted = asked.only or (QUICK_PROBLEMS if asked.quick else ["*"])
    chosen = [p for p in everything if any(fnmatch(p.name, name) for name in wanted)]
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


def _places(asked: argparse.Namespace) -> tuple[Path, Path]:
    """The folder of record, tables and plots, and the file of crossovers: the project's own, or all of it elsewhere."""
    if not (asked.quick or asked.into):
        return DOCS, crossovers.PATH
    folder = asked.into or Path(mkdtemp(prefix="taylorkit-benchmarks-"))
    folder.mkdir(parents=True, exist_ok=True)
    copy(DOCS / "benchmarks.md", folder)
    return folder, folder / "crossovers.json"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Measure against the peers.")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="these problems alone, * for any letters")
    parser.add_argument("--quick", action="store_true", help="few points and orders, kept nowhere: does it run?")
    parser.add_argument("--into", type=Path, metavar="FOLDER", help="keep everything there, not in the project")
    parser.add_argument("--redraw", action="store_true", help="measure nothing: tables and plots from what is recorded")
    parser.add_argument("--dtype", choices=("float64", "float32"), default="float64")
    parser.add_argument(
        "--limit", type=float, default=math.inf, metavar="SECONDS", help="for all, below their own limits"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
