"""`python -m tests.benchmarks`: this project's methods beside its peers, on this machine, in this process.

Nothing is asserted: times are to be read. A run, of everything or of a little, is merged into docs/benchmarks.json.
From that come the tables of docs/benchmarks.md, the plots in docs/images, and the crossovers that `auto` reads.
"""

import argparse
import math
import os
from collections.abc import Sequence
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from shutil import copy
from tempfile import mkdtemp
from time import perf_counter

import numpy as np

from taylorkit import cache
from taylorkit.precision import scope
from tests.benchmarks import ceilings, crossovers, limits, machine, plots, record, sections, tables
from tests.benchmarks.markdown import figure
from tests.benchmarks.measure import cells
from tests.benchmarks.problem import Problem
from tests.benchmarks.problems import problems

DOCS = Path("docs")
ROUNDS = 11
# What shows within a minute that everything runs.
QUICK, QUICK_ROUNDS, QUICK_SECONDS = {"points": 200, "orders": 2}, 2, 5.0
QUICK_PROBLEMS = ["kin-1", "kin-2", "mlp-softplus-2", "flow", "bytes-polynomial", "cores-kin-2"]


def main() -> None:
    asked = _arguments()
    # Compiling is measured: nothing is to be found compiled by an earlier process.
    os.environ[cache.VARIABLE] = ""
    folder, table = _places(asked)
    kept = record.read(folder / "benchmarks.json")
    start = perf_counter()
    if not asked.redraw:
        kept = _measured(asked, kept, folder / "benchmarks.json")
    here, images = machine.name(), folder / "images"
    crossovers.write(kept, here, table)
    written = plots.write(kept.of(here, asked.dtype) or kept.rows, kept.ceilings.get(here, {}), images)
    beside = sections.draw(kept.sections.get(here, {}), images)
    tables.write(kept, folder / "benchmarks.md", written, beside)
    drawn = len(written) + sum(map(len, beside.values()))
    print(f"{perf_counter() - start:.0f} s; wrote {folder / 'benchmarks.md'} and {drawn} plots")


def _measured(asked: argparse.Namespace, kept: record.Record, path: Path) -> record.Record:
    """The record with what is measured now, saved after every cell."""
    everything = problems(asked.dtype)
    chosen, named = _chosen(asked, everything)
    here, details = machine.name(), machine.details()
    order = [problem.name for problem in everything]
    print(f"{here}: {', '.join(f'{k} {v}' for k, v in details.items())}")
    kept = kept.with_ceilings(here, details, ceilings.measure(asked.quick))
    print(", ".join(f"{name} {value:.3g}" for name, value in kept.ceilings[here].items()))
    rounds = QUICK_ROUNDS if asked.quick else ROUNDS
    limit = partial(limits.seconds, dict(asked.limit), QUICK_SECONDS if asked.quick else math.inf)
    for problem in chosen:
        print(f"\n{problem.name}: {problem.title}; D = {problem.variables}, {len(problem.rows):,} points")
        with scope(np.dtype(asked.dtype)):
            for rows in cells(problem, here, rounds, limit):
                _show(rows)
                kept = kept.merge(here, details, rows, order)
                record.write(kept, path)
    for name in named:
        print(f"\n{name}", flush=True)
        kept = kept.with_section(here, name, sections.measure(name, asked.quick))
        record.write(kept, path)
    # Other work on the machine comes and goes: what it could do at either end of the run is what it can do.
    again = ceilings.measure(asked.quick)
    highest = {what: max(value, again[what]) for what, value in kept.ceilings[here].items()}
    kept = kept.with_ceilings(here, details, highest)
    record.write(kept, path)
    return kept


def _chosen(asked: argparse.Namespace, everything: Sequence[Problem]) -> tuple[list[Problem], list[str]]:
    """The problems and sections that are asked for. Raises SystemExit where there are none."""

    def wanted(name: str, quick: bool) -> bool:
        return any(fnmatch(name, pattern) for pattern in asked.only) if asked.only else quick or not asked.quick

    chosen = [p for p in everything if wanted(p.name, p.name in QUICK_PROBLEMS)]
    named = [name for name in sections.there() if wanted(name, True)]
    if not chosen and not named:
        known = ", ".join([*(p.name for p in everything), *sections.there()])
        raise SystemExit(f"--only {' '.join(asked.only)}: no such problem or section; known: {known}")
    return [problem.smaller(**QUICK) for problem in chosen] if asked.quick else chosen, named


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
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="NAME", help="these problems or sections alone, * for any letters"
    )
    parser.add_argument("--quick", action="store_true", help="few points and orders, kept nowhere: does it run?")
    parser.add_argument("--into", type=Path, metavar="FOLDER", help="keep everything there, not in the project")
    parser.add_argument("--redraw", action="store_true", help="measure nothing: tables and plots from what is recorded")
    parser.add_argument("--dtype", choices=("float64", "float32"), default="float64")
    parser.add_argument(
        "--limit",
        nargs="+",
        type=limits.named,
        default=[],
        metavar="[NAME=]SECONDS",
        help="for all, below their own limits; or for those whose names begin so",
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
