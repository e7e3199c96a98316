"""This project's methods, by every lowering that they have: kernels run into host memory that is there."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import jax

from taylorkit.differentiation import METHODS, kernel, resolve
from taylorkit.differentiation.methods import Method, spelled
from taylorkit.errors import SpecError
from tests.benchmarks.contestants.contestant import (
    AUTO,
    ONE_CORE,
    Built,
    Contestant,
    Skipped,
    output,
    traced,
)
from tests.benchmarks.problem import CORES, Problem

# What takes longer to compile or run than this is never what `auto` should choose.
SECONDS = 30.0
OWN = "taylorkit "


def names() -> list[str]:
    """Each method, as `method` is spelled; with its lowering where it has several, and it is not interpreted here."""
    return [_spelled(name, w) for name, module in METHODS.items() for w in module.LOWERINGS if not _interpreted(w)]


def entries(problem: Problem) -> list[Contestant]:
    everybody = [Contestant(OWN + name, partial(_build, name), SECONDS) for name in names()]
    alone = [Contestant(OWN + "series:llvm" + ONE_CORE, partial(_build, "series:llvm", on=one_core), SECONDS)]
    return everybody + (alone if problem.group == CORES else [])


def auto() -> Contestant:
    """The method that is taken where none is named; to be built after it, so that its kernel is found compiled."""
    return Contestant(AUTO, partial(_build, "auto"), SECONDS)


def choice(problem: Problem, order: int) -> str:
    """The contestant that `auto` is."""
    return OWN + _name(resolve("auto", traced(problem), order, jax.default_backend()))


def _interpreted(lowering: str) -> bool:
    return spelled(lowering, jax.default_backend()).endswith("interpreted")


def _spelled(name: str, lowering: str) -> str:
    return f"{name}:{lowering}" if len(METHODS[name].LOWERINGS) > 1 else name


def _name(method: Method) -> str:
    # A lowering may say more about itself than its name: the width of its vectors.
    return _spelled(method.name, method.lowering.partition("-")[0])


@contextmanager
def all_cores() -> Iterator[None]:
    yield


@contextmanager
def one_core() -> Iterator[None]:
    """This thread kept to one core, for kernels that use the cores that they may run on."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _build(method: str, problem: Problem, order: int, on: Callable[[], Any] = all_cores) -> Built:
    f = traced(problem)
    try:
        resolved = resolve(method, f, order, jax.default_backend())
    except SpecError as error:
        raise Skipped(str(error).partition("; use method")[0]) from error
    program, out = kernel.compiled(f, order, resolved), output(problem, order)

    def run() -> Any:
        with on():
            kernel.fill(out, f, order, resolved, problem.rows)
        return out

    return Built(
        run,
        lambda result, which: result[..., which],
        getattr(program, "kernel", None),
        _name(resolved),
        operations=_operations(program),
    )


def _operations(program: Any) -> int:
    """Of a straight line; a function that it calls counts as one."""
    straight = getattr(program, "line", None)
    return straight.line.operations if straight else 0
