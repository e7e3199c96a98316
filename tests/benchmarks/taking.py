"""One contestant in one cell: compiled, run once and sampled, or why it takes no part."""

from dataclasses import dataclass, field
from functools import partial

import jax
import numpy as np

from taylorkit.multi_index import count
from taylorkit.timing.clock import timed
from tests.benchmarks import limits, memory
from tests.benchmarks.contestants import Built, Contestant, Skipped, traced
from tests.benchmarks.problem import Problem

# At how many points results are compared: few, spread over all.
COMPARED = 512
NOT_BUILT = Built(lambda: None)


@dataclass
class Taking:
    """What is known of it so far; `status` is empty while it takes part."""

    name: str
    built: Built = NOT_BUILT
    status: str = ""
    compile_seconds: float = 0.0
    first_seconds: float = 0.0
    peak_bytes: float = 0.0
    packed: np.ndarray | None = None
    seconds: list[float] = field(default_factory=list)


def take(who: Contestant, problem: Problem, order: int, history: limits.History, seconds: float) -> Taking:
    """Compile and run once, unless that is foretold to take longer than `seconds` or its own limit."""
    one = Taking(who.name, status=history.ended)
    if one.status:
        return one
    try:
        history.check(order, min(seconds, who.seconds))
    except Skipped as reason:
        history.ended = one.status = f"skipped: order {order} {reason}"
        return one
    try:
        limits.check_memory(written(problem, order), "the output alone takes")
        compiling = _compile(one, partial(who.build, problem, order))
        _first_run(one, len(problem.rows))
    except Skipped as reason:
        history.ended = one.status = f"skipped: {reason}"
    except Exception as error:  # whatever a peer raises on a function that it does not serve
        first = next(iter(str(error).splitlines()), "")
        history.ended = one.status = f"fails: {type(error).__name__}: {first[:120]}"
    else:
        cost = limits.Cost(one.compile_seconds, one.first_seconds, max(compiling, one.peak_bytes))
        history.costs.append((order, cost))
    return one


def written(problem: Problem, order: int) -> int:
    """Bytes of all derivatives, each once."""
    numbers = count(problem.variables, order) * traced(problem).outputs * len(problem.rows)
    return numbers * problem.rows.dtype.itemsize


def compared(points: int) -> np.ndarray:
    """At which points results are compared."""
    return np.linspace(0, points - 1, min(COMPARED, points)).astype(int)


def _compile(one: Taking, build: partial[Built]) -> float:
    """The bytes that compiling took at its peak."""
    (one.built, one.compile_seconds), building = memory.peak(lambda: timed(build))
    if one.built.program is not None and (needs := one.built.program.memory_analysis()):
        limits.check_memory(needs.temp_size_in_bytes + needs.output_size_in_bytes, "needs")
    return building


def _first_run(one: Taking, points: int) -> None:
    """The run that warms up: its memory, and a sample of its numbers."""
    (result, one.first_seconds), one.peak_bytes = memory.peak(lambda: timed(one.built.run))
    if jax.default_backend() != "cpu" and one.built.program is not None:
        needs = one.built.program.memory_analysis()
        one.peak_bytes = needs.temp_size_in_bytes + needs.output_size_in_bytes
    if one.built.packed:
        one.packed = np.asarray(one.built.packed(result, compared(points)), np.float64)
