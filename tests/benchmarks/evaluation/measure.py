"""Everybody in turn, round after round; a figure is a median, a ratio the median over rounds of ratios."""

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

import numpy as np

from taylorkit.multi_index import count
from tests.benchmarks.evaluation.stencils import square, stencil
from tests.benchmarks.evaluation.surfaces import CONTESTANTS, HIGH, LOW, fitted

POINTS, ROUNDS, TOLERANCE = 100_000, 15, 1e-6
QUICK_POINTS, QUICK_ROUNDS, QUICK_TOLERANCE = 5_000, 3, 1e-4
STENCILS = ((2, 6), (2, 10), (3, 8), (4, 8))


def measure(quick: bool) -> list[dict[str, Any]]:
    """Rows of the groups `surface` and `stencil`."""
    return [*_surfaces(quick), *_stencils(quick)]


def _surfaces(quick: bool) -> list[dict[str, Any]]:
    points, rounds, tolerance = (QUICK_POINTS, QUICK_ROUNDS, QUICK_TOLERANCE) if quick else (POINTS, ROUNDS, TOLERANCE)
    x, y = np.random.default_rng(0).uniform(LOW, HIGH, (2, points))
    found = [fitted(who, x, y, tolerance) for who in CONTESTANTS]
    seconds = in_turn({s.who: lambda s=s: s.evaluate(x, y) for s in found}, rounds)
    fastest = np.min([times for who, times in seconds.items() if who.startswith("Regular")], axis=0)
    return [
        {
            "group": "surface",
            "who": s.who,
            "side": s.side,
            "bytes": s.nbytes,
            "error": s.error,
            "tolerance": tolerance,
            "points": points,
            "seconds": float(np.median(seconds[s.who])),
            "ratio": quartiles(fastest / seconds[s.who]),
        }
        for s in found
    ]


def _stencils(quick: bool) -> list[dict[str, Any]]:
    small, rounds = (4, QUICK_ROUNDS) if quick else (1, ROUNDS)
    work = {case: stencil(*case, small) for case in STENCILS} | {None: square(small)}
    seconds = in_turn({case: call for case, (_, call) in work.items()}, rounds)
    speed = {case: work[case][0] / times / 1e9 for case, times in seconds.items()}
    return [
        {
            "group": "stencil",
            "variables": case[0],
            "order": case[1],
            "terms": count(*case),
            "gflops": float(np.median(speed[case])),
            "peak_gflops": float(np.median(speed[None])),
            "share": quartiles(speed[case] / speed[None]),
        }
        for case in STENCILS
    ]


def in_turn(calls: Mapping[Any, Callable[[], Any]], rounds: int) -> dict[Any, np.ndarray]:
    """Seconds of each call in each round, after one that is not counted."""
    for call in calls.values():
        call()
    times: dict[Any, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            start = perf_counter()
            call()
            times[name].append(perf_counter() - start)
    return {name: np.array(of) for name, of in times.items()}


def quartiles(values: np.ndarray) -> list[float]:
    """Lower quartile, median, upper quartile."""
    return [float(v) for v in np.quantile(values, (0.25, 0.5, 0.75))]
