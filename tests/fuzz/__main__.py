"""python -m tests.fuzz [--examples 10000] [--seed 0] [--seconds 100] [--only specs | artifacts]

Half of the inputs are specs, half are artifacts. The status is 1 where anything went wrong; one input for each place
where it did is printed. `python -m tests.chaos --only specs` (or artifacts) feeds as many for the page of figures.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("JAX_PLATFORMS", "cpu")

from tests.fuzz.feeding import FEEDS


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="taylorkit-fuzz-") as folder:
        os.environ.setdefault("TAYLORKIT_CACHE", f"{folder}/cache")
        chosen = {name: feed for name, feed in FEEDS.items() if options.only in (None, name)}
        each = options.examples // len(chosen)
        found = {name: feed(Path(folder), each, options.seed, options.seconds) for name, feed in chosen.items()}
    for name, survey in found.items():
        print(f"{name}: {survey}\nslowest: {survey.slowest[1]!r:.500}")
        for place, (value, trace) in survey.failures.items():
            print(f"\n{place}\n{value!r:.1000}\n{trace}")
    return int(any(survey.failures for survey in found.values()))


def _options():
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz", description="Feed broken specs and hostile artifacts."
    )
    parser.add_argument("--examples", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0, help="other seeds give other inputs")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="of each half, after which no more are fed")
    parser.add_argument("--only", choices=FEEDS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
