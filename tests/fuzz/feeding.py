"""Both kinds of input, fed in numbers: specs, and artifacts in a process that may take only so much memory."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from pathlib import Path

from hypothesis import strategies as st

from tests.chaos.outcome import Outcome
from tests.fuzz import artifacts, specs
from tests.fuzz.making import bases
from tests.fuzz.survey import Survey, survey

# What a reader may take beyond what the process has when it begins.
MEMORY = 3 * 2**30


def feed_specs(folder: Path, count: int, seed: int, seconds: float = inf) -> Survey:
    return survey(specs.TEXTS, specs.feed, count, seed, seconds)


def feed_artifacts(folder: Path, count: int, seed: int, seconds: float = inf) -> Survey:
    made = bases(folder)
    inputs = st.sampled_from(made).flatmap(lambda base: st.tuples(st.just(base), artifacts.tampered(base)))
    with _little_memory():
        return survey(inputs, lambda pair: artifacts.feed(*pair), count, seed, seconds)


FEEDS = {"specs": feed_specs, "artifacts": feed_artifacts}


@contextmanager
def _little_memory() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def outcomes(found: Survey) -> Iterator[Outcome]:
    """A survey as a row of the bench: what became of each input, and every fault, once for each place."""
    for verdict, number in found.verdicts.items():
        if verdict != "failed":
            yield from [Outcome(verdict)] * number
    for place, (value, _) in found.failures.items():
        yield Outcome("failed", f"{place}: {value!r:.300}")
