"""Who is left out before it takes too long: what an order will cost is foretold from the last two.

Nothing is interrupted: a compiler that is left to itself goes on in its own thread and disturbs what comes next.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.benchmarks.contestants import Skipped

# The most memory that one contestant may take.
BYTES = 8e9


class Cost(NamedTuple):
    compiling: float
    running: float
    memory: float


# Growth is not read from less than this.
NOISE = Cost(0.3, 0.05, 5e7)


@dataclass
class History:
    """What one contestant has cost so far in one problem, and the status with which it ended, if it did."""

    costs: list[tuple[int, Cost]] = field(default_factory=list)
    ended: str = ""

    def check(self, order: int, seconds: float) -> None:
        """Raise Skipped where `order` is foretold to pass `seconds` or BYTES."""
        foretold = self._foretold(order)
        check_seconds(foretold.compiling, seconds, "compile")
        check_seconds(foretold.running, seconds, "run")
        check_memory(foretold.memory, "would take about")

    def correct(self, running: float) -> None:
        """The last order's seconds to run, once they are known better than from its first run."""
        order, cost = self.costs.pop()
        self.costs.append((order, cost._replace(running=running)))

    def _foretold(self, order: int) -> Cost:
        """The last cost, growing on by as much per order as it did last; 0 where nothing is known."""
        if not self.costs:
            return Cost(0.0, 0.0, 0.0)
        (last_order, last), (before_order, before) = self.costs[-1], self.costs[-2 if len(self.costs) > 1 else -1]
        steps = (order - last_order) / max(1, last_order - before_order)
        ratios = (new / max(old, noise) for new, old, noise in zip(last, before, NOISE, strict=True))
        return Cost(*(cost * max(1.0, ratio) ** steps for cost, ratio in zip(last, ratios, strict=True)))


def named(text: str) -> tuple[str, float]:
    """NAME=SECONDS, or SECONDS for everybody, whose name is ""."""
    name, _, limit = text.rpartition("=")
    return name, float(limit)


def seconds(given: Mapping[str, float], most: float, name: str) -> float:
    """The limit of the longest name that begins this one."""
    own = max((start for start in given if name.startswith(start)), key=len, default="")
    return min(most, given.get(own, math.inf))


def check_seconds(needed: float, limit: float, verb: str) -> None:
    """Raise Skipped where so many seconds are too many."""
    if needed > limit:
        raise Skipped(f"would take about {needed:.0f} s to {verb} (the limit is {limit:.0f} s)")


def check_memory(needed: float, words: str) -> None:
    """Raise Skipped where so many bytes are too many."""
    if needed > BYTES:
        raise Skipped(f"{words} {needed / 1e9:.0f} GB of memory (the limit is {BYTES / 1e9:.0f} GB)")
