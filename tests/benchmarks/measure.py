"""One cell of the benchmark: every contestant at one problem and one order, interleaved.

What is compared runs in turn, round after round, so that a machine that slows down slows all of it; a ratio is the
median over rounds of one's seconds to those of `auto` in the same round.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from taylorkit.multi_index import count, degrees
from taylorkit.timing.clock import timed
from tests.benchmarks import limits
from tests.benchmarks.contestants import AUTO, FLOOR, contestants
from tests.benchmarks.contestants.project import traced
from tests.benchmarks.kinds import kind
from tests.benchmarks.problems import Problem
from tests.benchmarks.record import Row
from tests.benchmarks.taking import Taking, take, written

# The rounds of a contestant: as many as fit SPENT seconds, from 1 to the most; where one run takes longer than SLOW
# the first one counts, and there are no others.
SPENT, SLOW = 2.0, 8.0
# Whom the others' numbers are held against: the first of these that ran.
REFERENCES = ("jacfwd ∘ grad", "jacfwd", "taylorkit nested", AUTO)


def cells(problem: Problem, machine: str, rounds: int, seconds: float) -> Iterator[list[Row]]:
    """The rows of each order in turn; nobody may take longer than `seconds`, whatever its own limit is."""
    histories: dict[str, limits.History] = {}
    for order in problem.orders:
        entries = contestants(problem)
        everyone = [
            take(who, problem, order, histories.setdefault(who.name, limits.History()), seconds) for who in entries
        ]
        running = {one.name: one for one in everyone if not one.status}
        _share_compilations(running)
        _interleave(running, rounds)
        yield [_row(one, running, problem, order, machine) for one in everyone]


def _share_compilations(running: Mapping[str, Taking]) -> None:
    """The method that `auto` means was found compiled: what it costs is what `auto` spent."""
    auto = running.get(AUTO)
    for one in running.values():
        if auto and one.built.method == auto.built.method:
            one.compile_seconds = auto.compile_seconds


def _interleave(running: Mapping[str, Taking], most: int) -> None:
    for one in running.values():
        one.seconds = [one.first_seconds] if one.first_seconds > SLOW else []
    turns = {n: 0 if one.seconds else int(np.clip(SPENT / one.first_seconds, 1, most)) for n, one in running.items()}
    for number in range(max(turns.values(), default=0)):
        # There and back, so that nobody always follows the same one.
        for name in list(turns)[:: -1 if number % 2 else 1]:
            if number < turns[name]:
                running[name].seconds.append(timed(running[name].built.run)[1])


def _row(one: Taking, running: Mapping[str, Taking], problem: Problem, order: int, machine: str) -> Row:
    f, resolved = traced(problem), running[AUTO].built.method if AUTO in running else ""
    values: dict[str, Any] = {"status": one.status}
    if not one.status:
        values = _times(one, running) | _differences(one, running, problem, order) | {"peak_bytes": one.peak_bytes}
    return Row(
        machine,
        str(problem.rows.dtype),
        problem.name,
        order,
        one.name,
        title=problem.title,
        group=problem.group,
        variables=problem.variables,
        points=len(problem.rows),
        terms=count(problem.variables, order),
        kind=kind(f, order),
        scalar_output=f.shape == (),
        method=resolved if one.name == AUTO else "",
        written_bytes=written(problem, order),
        **values,
    )


def _times(one: Taking, running: Mapping[str, Taking]) -> dict[str, Any]:
    seconds = _scaled(one)
    times = {"seconds": np.median(seconds), "rounds": len(seconds), "compile_seconds": one.compile_seconds}
    if AUTO in running:
        low, middle, high = np.quantile(_ratios(seconds, _scaled(running[AUTO])), (0.25, 0.5, 0.75))
        times |= {"ratio": middle, "ratio_low": low, "ratio_high": high}
    if FLOOR in running:
        times |= {"floor_share": np.median(_ratios(_scaled(running[FLOOR]), seconds))}
    return {name: value if name == "rounds" else float(value) for name, value in times.items()}


def _scaled(one: Taking) -> np.ndarray:
    return one.built.scale * np.array(one.seconds)


def _ratios(seconds: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Round by round, in the rounds in which both took part."""
    both = min(len(seconds), len(others))
    return seconds[:both] / others[:both]


def _differences(one: Taking, running: Mapping[str, Taking], problem: Problem, order: int) -> dict[str, Any]:
    """Degree by degree, the largest difference over points and entries to the largest entry of the reference."""
    reference = next((running[name] for name in REFERENCES if name in running), None)
    if one.packed is None or reference is None:
        return {}
    of = degrees(problem.variables, order)
    pairs = [(one.packed[of == k], reference.packed[of == k]) for k in range(order + 1)]
    largest = [float(np.abs(a - b).max() / max(np.abs(b).max(), np.finfo(float).tiny)) for a, b in pairs]
    return {"reference": reference.name, "differences": largest}
