"""What every contestant is: a name, and how it is built for a problem and an order."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import jax
import numpy as np

from taylorkit.lowering.straight import cores
from taylorkit.multi_index import count
from taylorkit.trace import Traced, trace
from tests.benchmarks.problem import Problem

AUTO, FLOOR = "taylorkit auto", "floor P·flops(f)"
# Ends the name of whoever is kept to one core.
ONE_CORE = ", one core"
# The most that a peer may take to compile, or to run once.
SECONDS = 120.0


class Skipped(Exception):
    """Why a contestant does not run, for readers of the table."""


@dataclass(frozen=True)
class Built:
    """Ready to run. `run` leaves all derivatives in host memory, in its own form; `packed(result, which)` is
    (P, *S, len(which)) of it, None where there is nothing to compare. Seconds count `scale` times; a point takes so
    many `operations`, where they are counted."""

    run: Callable[[], Any]
    packed: Callable[[Any, np.ndarray], np.ndarray] | None = None
    program: Any = None
    method: str = ""
    scale: float = 1.0
    operations: int = 0


@dataclass(frozen=True)
class Contestant:
    """`build` raises Skipped where it cannot take part; `seconds` is the most that compiling or running may take."""

    name: str
    build: Callable[[Problem, int], Built]
    seconds: float


def traced(problem: Problem) -> Traced:
    return trace(problem.function, "vector", problem.variables, problem.rows.dtype)


@lru_cache(maxsize=1)
def output(problem: Problem, order: int) -> np.ndarray:
    """(P, *S, N): the one array into which everybody who can be given memory writes in turn; its pages are there."""
    f = traced(problem)
    return np.ones((count(problem.variables, order), *f.shape, len(problem.rows)), f.dtype)


@cache
def pool() -> ThreadPoolExecutor:
    """A thread for every core that this process may run on."""
    return ThreadPoolExecutor(cores())


def over_points(
    f: Callable[[jax.Array], Any], problem: Problem, packed: Callable[[Any, np.ndarray], np.ndarray]
) -> Built:
    """f mapped over all points in one compiled program."""
    program = jax.jit(jax.vmap(f)).lower(problem.rows).compile()
    rows = jax.device_put(problem.rows)
    return Built(lambda: jax.device_get(program(rows)), packed, program)
