"""What this project set itself to reach in speed, and how far it is, read off the rows.

On two CPU cores, compiled for the function and the order at hand.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch

from tests.benchmarks import sweep
from tests.benchmarks.contestants import AUTO, ONE_CORE
from tests.benchmarks.contestants.bounds import FILL
from tests.benchmarks.contestants.project import OWN
from tests.benchmarks.markdown import figure, table
from tests.benchmarks.record import Row

NESTED = ("jacfwd ∘ grad", "taylorkit nested")
# Whom a network is held against; jet also on the formula that does not make it fail.
RIVALS = (*NESTED, "taylorkit reverse", "jet")


@dataclass(frozen=True)
class Aim:
    """`figures` reads off what was reached, by what it was measured on; each should be at least or at most `bound`."""

    text: str
    figures: Callable[[Sequence[Row]], dict[str, float]]
    bound: float
    at_least: bool = True

    def reached(self, figure: float) -> bool:
        return figure >= self.bound if self.at_least else figure <= self.bound


def report(rows: Sequence[Row]) -> str:
    """A line for each aim: the worst figure, where, and in how many places it is reached."""
    lines = [_line(aim, aim.figures(rows)) for aim in AIMS]
    return f"### What was aimed at\n\n{table(['aim', 'worst figure', 'where', 'reached'], lines)}\n"


def _line(aim: Aim, figures: dict[str, float]) -> list[str]:
    if not figures:
        return [aim.text, "–", "–", "not measured"]
    where = (min if aim.at_least else max)(figures, key=figures.__getitem__)
    reached = sum(map(aim.reached, figures.values()))
    return [aim.text, figure(figures[where]), where, f"{reached} of {len(figures)}"]


def _of(rows: Iterable[Row], problem: str, orders: Collection[int], names: Sequence[str]) -> dict[str, float]:
    """The ratios to auto of those whose names begin so: the smallest in each problem that matches, at each order."""
    found: dict[str, float] = {}
    for row in rows:
        wanted = fnmatch(row.problem, problem) and row.order in orders and row.contestant.startswith(tuple(names))
        if wanted and row.ratio and not row.contestant.endswith(ONE_CORE):
            place = f"{row.problem}, n = {row.order}"
            found[place] = min(found.get(place, row.ratio), row.ratio)
    return found


def _compiling(rows: Iterable[Row], problem: str, order: int) -> dict[str, float]:
    return {
        f"{row.problem}, n = {row.order}": row.compile_seconds
        for row in rows
        if (row.problem, row.order, row.contestant) == (problem, order, AUTO) and row.compile_seconds is not None
    }


def _others(rows: Sequence[Row]) -> list[Row]:
    """Without the method that `auto` takes."""
    chosen = {row.cell: OWN + row.method for row in rows if row.contestant == AUTO}
    return [row for row in rows if row.contestant != chosen.get(row.cell)]


def _swept(rows: Sequence[Row]) -> dict[str, float]:
    return {f"D = {d}, n = {n}": one.ratio for (d, n), one in sweep.best(rows).items()}


def _mean(rows: Sequence[Row]) -> dict[str, float]:
    found = sweep.best(rows)
    return {f"{len(found)} of D and n": sweep.geometric_mean(found)} if found else {}


ANY = range(100)
AIMS = (
    Aim("two variables, order 6: ≥ 1.3 × heyoka", lambda r: _of(r, "kin-2", [6], ["heyoka"]), 1.3),
    Aim("two variables, order 10: ≥ 15 × heyoka", lambda r: _of(r, "kin-2", [10], ["heyoka"]), 15),
    Aim("two variables, orders 6 to 10: ≥ 20 × jet on rays", lambda r: _of(r, "kin-2", range(6, 11), ["jet"]), 20),
    Aim("every D and n: geometric mean of the ratio to the best peer ≥ 2", _mean, 2),
    Aim("every D and n: ≥ 0.9 × the best peer", _swept, 0.9),
    Aim("a polynomial, a gigabyte: ≥ ½ of a memory fill", lambda r: _of(r, "bytes-polynomial", ANY, [FILL]), 0.5),
    Aim("two variables, a gigabyte: ≥ ¼ of a memory fill", lambda r: _of(r, "bytes-kin-2", range(7), [FILL]), 0.25),
    Aim("two variables at order 10 compile in < 4 s", lambda r: _compiling(r, "kin-2", 10), 4, at_least=False),
    Aim(
        "networks: the best of nested, reverse and jet takes ≥ 0.9 × as long as `auto`",
        lambda r: _of(r, "mlp-*", ANY, RIVALS),
        0.9,
    ),
    Aim(
        "networks, D = 4, order 4: the best of those, but for what `auto` takes itself, takes ≥ 2 × as long",
        lambda r: _of(_others(r), "mlp-*-4", [4], RIVALS),
        2,
    ),
    Aim("every own method takes ≥ 0.9 × as long as `auto`", lambda r: _of(r, "*", ANY, [OWN]), 0.9),
)
