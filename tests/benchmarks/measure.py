"""One cell of the benchmark: every contestant at one problem and one order, interleaved.

What is compared runs in turn, round after round, so that a machine that slows down slows all of it; a ratio is the
median over rounds of one's seconds to those of `auto` in the same round.
"""

import gc
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from taylorkit.differentiation.choice import kind_of
from taylorkit.multi_index import count, degrees
from taylorkit.timing.clock import timed
from tests.benchmarks import limits
from tests.benchmarks.contestants import AUTO, FLOOR, contestants, project, traced
from tests.benchmarks.exact import Reference, reference
from tests.benchmarks.problem import Problem
from tests.benchmarks.record import Row
from tests.benchmarks.taking import Taking, take, written

# The rounds of a contestant: as many as fit SPENT seconds, from 1 to the most; where one run takes longer than SLOW
# the first one counts, and there are no others.
SPENT, SLOW = 2.0, 8.0


def cells(everything: Problem, machine: str, rounds: int, seconds: Callable[[str], float]) -> Iterator[list[Row]]:
    """The rows of each order in turn; nobody may take longer than its `seconds`, whatever its own limit is."""
    histories: dict[str, limits.History] = {}
    for order in everything.orders:
        problem = everything.at(order)
        gc.collect()  # what an earlier order left would count as memory that this one gives back
        everyone = {AUTO: Taking(AUTO)}
        for who in contestants(problem):
            history = histories.setdefault(who.name, limits.History())
            everyone[who.name] = take(who, problem, order, history, seconds(who.name))
        everyone[AUTO] = _auto(problem, order, everyone)
        running = {name: one for name, one in everyone.items() if not one.status}
        _interleave(running, rounds)
        for name in running.keys() & histories.keys():
            histories[name].correct(float(np.median(running[name].seconds)))
        held_against = reference(problem, order, running)
        yield [_row(one, running, held_against, problem, order, machine) for one in everyone.values()]


def _auto(problem: Problem, order: int, everyone: Mapping[str, Taking]) -> Taking:
    """`auto` is the method that it takes: it runs where that does, and what that took to compile it takes itself."""
    chosen = everyone.get(project.choice(problem, order))
    if chosen and chosen.status:
        return Taking(AUTO, status=f"{chosen.status} ({chosen.name})")
    one = take(project.auto(), problem, order, limits.History(), math.inf)
    one.compile_seconds = chosen.compile_seconds if chosen else one.compile_seconds
    return one


def _interleave(running: Mapping[str, Taking], most: int) -> None:
    for one in running.values():
        one.seconds = [one.first_seconds] if one.first_seconds > SLOW else []
    turns = {n: 0 if one.seconds else int(np.clip(SPENT / one.first_seconds, 1, most)) for n, one in running.items()}
    for number in range(max(turns.values(), default=0)):
        # There and back, so that nobody always follows the same one.
        for name in list(turns)[:: -1 if number % 2 else 1]:
            if number < turns[name]:
                running[name].seconds.append(timed(running[name].built.run)[1])


def _row(
    one: Taking,
    running: Mapping[str, Taking],
    held_against: Reference | None,
    problem: Problem,
    order: int,
    machine: str,
) -> Row:
    f, resolved = traced(problem), running[AUTO].built.method if AUTO in running else ""
    values: dict[str, Any] = {"status": one.status}
    if not one.status:
        values |= _times(one, running) | {"peak_bytes": one.peak_bytes}
    if one.packed is not None and held_against:
        off = held_against.differences(one.packed, degrees(problem.variables, order))
        values |= {"reference": held_against.name, "differences": off}
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
        kind=kind_of(f, order),
        scalar_output=f.shape == (),
        method=resolved if one.name == AUTO else "",
        written_bytes=written(problem, order),
        operations=one.built.operations,
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
