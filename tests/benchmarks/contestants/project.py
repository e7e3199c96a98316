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


def traced(problem: Problem) -> Traced:
    return trace(problem.function, "vector", problem.variables, problem.rows.dtype)


def entries(problem: Problem) -> list[Contestant]:
    """`auto`, then each method by its name."""
    names = {AUTO: "auto"} | {f"taylorkit {name}": name for name in METHODS}
    return [Contestant(name, partial(_build, method), SECONDS) for name, method in names.items()]


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
