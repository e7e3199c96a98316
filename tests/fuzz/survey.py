"""Feed many inputs, and say what became of each: how many were refused, how many ran, what went wrong and where."""

import time
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st


class EnoughError(KeyboardInterrupt):
    """The time is over; what hypothesis takes for nothing else."""


@dataclass
class Survey:
    """`verdicts` counts what became of inputs; `failures` has one input for each place where something went wrong."""

    verdicts: Counter[str] = field(default_factory=Counter)
    failures: dict[str, tuple[Any, str]] = field(default_factory=dict)
    seconds: float = 0.0
    slowest: tuple[float, Any] = (0.0, None)

    def __str__(self) -> str:
        counted = ", ".join(f"{name} {count}" for name, count in self.verdicts.most_common())
        return (
            f"{self.verdicts.total()} inputs in {self.seconds:.1f} s (slowest {self.slowest[0]:.1f} s): {counted}; "
            f"{len(self.failures)} failures"
        )


def survey(
    inputs: st.SearchStrategy, judge: Callable[[Any], str], examples: int, start: int, seconds: float = inf
) -> Survey:
    """`judge` says in a word what became of an input, or raises. After so many `seconds` no more are fed."""
    found = Survey()

    @seed(start)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(inputs)
    def one(value: Any) -> None:
        began = time.perf_counter()
        if began > last:
            raise EnoughError
        try:
            found.verdicts[judge(value)] += 1
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            found.verdicts["failed"] += 1
            found.failures.setdefault(_place(error), (value, "".join(traceback.format_exception(error))[-3000:]))
        found.slowest = max(found.slowest, (time.perf_counter() - began, value), key=lambda pair: pair[0])

    began = time.perf_counter()
    last = began + seconds
    with suppress(EnoughError):
        one()
    found.seconds = time.perf_counter() - began
    return found


def _place(error: BaseException) -> str:
    """The kind of error and the last lines of ours that it went through: one fault has one."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "taylorkit" in Path(f.filename).parts]
    where = " < ".join(f"{Path(f.filename).name}:{f.lineno}" for f in reversed(frames[-2:]))
    return f"{type(error).__name__} {where}" + ("" if frames else f" {str(error)[:60]}")
