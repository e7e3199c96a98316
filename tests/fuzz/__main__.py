"""python -m tests.fuzz [--examples 10000] [--seed 0] [--seconds 100] [--only specs | artifacts]

Half of the inputs are specs, half are artifacts. The status is 1 where anything went wrong; one input for each place
where it did is printed.
"""

import argparse
import os
import resource
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("JAX_PLATFORMS", "cpu")

# What a reader may take beyond what the process has when it begins.
MEMORY = 3 * 2**30


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="taylorkit-fuzz-") as folder:
        os.environ.setdefault("TAYLORKIT_CACHE", f"{folder}/cache")
        parts = {"specs": _specs, "artifacts": _artifacts}
        chosen = {name: part for name, part in parts.items() if options.only in (None, name)}
        found = {name: part(options, Path(folder), len(chosen)) for name, part in chosen.items()}
    for name, survey in found.items():
        print(f"{name}: {survey}\nslowest: {survey.slowest[1]!r:.500}")
        for place, (value, trace) in survey.failures.items():
            print(f"\n{place}\n{value!r:.1000}\n{trace}")
    return int(any(survey.failures for survey in found.values()))


def _specs(options, folder, parts):
    from tests.fuzz import specs
    from tests.fuzz.survey import survey

    return survey(specs.TEXTS, specs.feed, options.examples // parts, options.seed, options.seconds)


def _artifacts(options, folder, parts):
    from hypothesis import strategies as st

    from tests.fuzz import artifacts
    from tests.fuzz.making import bases
    from tests.fuzz.survey import survey

    made = bases(folder)
    inputs = st.sampled_from(made).flatmap(lambda base: st.tuples(st.just(base), artifacts.tampered(base)))
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, taken + MEMORY))
    return survey(inputs, lambda pair: artifacts.feed(*pair), options.examples // parts, options.seed, options.seconds)


def _options():
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz", description="Feed broken specs and hostile artifacts."
    )
    parser.add_argument("--examples", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0, help="other seeds give other inputs")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="of each half, after which no more are fed")
    parser.add_argument("--only", choices=["specs", "artifacts"])
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
