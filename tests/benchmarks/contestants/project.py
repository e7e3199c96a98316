"""This project's methods, as users get them: kernels run tile by tile into host memory."""

from functools import partial

import jax

from taylorkit.differentiation import METHODS, kernel, resolve
from taylorkit.errors import SpecError
from taylorkit.trace import Traced, trace
from tests.benchmarks.contestants.contestant import AUTO, Built, Contestant, Skipped
from tests.benchmarks.problems import Problem

# What takes longer to compile or run than this is never what `auto` should choose.
SECONDS = 30.0
OWN = "taylorkit "


def traced(problem: Problem) -> Traced:
    return trace(problem.function, "vector", problem.variables, problem.rows.dtype)


def entries(problem: Problem) -> list[Contestant]:
    """Each method by its name."""
    return [Contestant(OWN + name, partial(_build, name), SECONDS) for name in METHODS]


def auto() -> Contestant:
    """The method that is taken where none is named; to be built after it, so that its kernel is found compiled."""
    return Contestant(AUTO, partial(_build, "auto"), SECONDS)


def choice(problem: Problem, order: int) -> str:
    """The contestant that `auto` is."""
    return OWN + resolve("auto", traced(problem), order, jax.default_backend()).name


def _build(method: str, problem: Problem, order: int) -> Built:
    f = traced(problem)
    try:
        resolved = resolve(method, f, order, jax.default_backend())
    except SpecError as error:
        raise Skipped(str(error).partition("; use method")[0]) from error
    program = kernel.compiled(f, order, resolved)
    return Built(
        lambda: kernel.evaluate(f, order, resolved, problem.rows),
        lambda result, which: result[..., which],
        program,
        resolved.name,
    )
