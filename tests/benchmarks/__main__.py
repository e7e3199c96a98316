"""`python -m tests.benchmarks`: this project's methods beside its peers, on this machine, in this process.

What is compared runs interleaved, so that a machine that slows down slows all of it; the ratio is the median over
rounds of each one's seconds to those of `auto` in the same round. Nothing is asserted: times are to be read.
"""

import os
import platform
from dataclasses import dataclass, field

import jax
import numpy as np

from taylorkit.functions import TABLE
from taylorkit.timing.clock import timed
from tests.benchmarks.contestants import Action, Problem, contestants

ROUNDS = 7
# Seconds that a compilation may take; the next one is foretold from the last two.
LIMIT = 30.0
SEED = 0


def problems() -> list[Problem]:
    t, two = TABLE["tanh_half"].function, TABLE["two_variable"].function
    plane = np.random.default_rng(SEED).uniform(-2, 2, (20_000, 2))
    return [
        Problem("t(x) = (1 − e⁻ˣ)/(1 + e⁻ˣ)", lambda v: t(v[0]), np.linspace(-7, 7, 200_000)[:, None], range(2, 9)),
        Problem("sin(xy) exp(−(x² + y²)/2) + tanh(x + 2y)", lambda v: two(v[0], v[1]), plane, range(1, 5)),
    ]


@dataclass
class Going:
    """What is known of one contestant so far: its compile times, and why it stopped."""

    seconds: list[float] = field(default_factory=list)
    stopped: str = ""

    def foretold(self) -> float:
        growth = self.seconds[-1] / max(0.1, self.seconds[-2]) if len(self.seconds) > 1 else 1.0
        return self.seconds[-1] * max(1.0, growth) if self.seconds else 0.0


def measure(problem: Problem) -> None:
    """Print the table of one problem, order by order."""
    print(f"\n{problem.name}: D = {problem.variables}, {len(problem.rows):,} points, float64")
    print(f"{'order':>5}  {'who':<20}{'compile s':>10}{'run ms':>10}{'of auto':>9}")
    entries = contestants(problem)
    going = {name: Going() for name in entries}
    for order in problem.orders:
        actions: dict[str, Action] = {}
        for name, build in entries.items():
            if going[name].foretold() > LIMIT:
                going[
                    name
                ].stopped = f"skipped: about {going[name].foretold():.0f} s to compile, the limit is {LIMIT:.0f}"
                continue
            actions[name], seconds = timed(lambda build=build, order=order: build(problem, order))
            going[name].seconds.append(seconds)
        report(order, going, interleaved(actions))


def interleaved(actions: dict[str, Action]) -> dict[str, np.ndarray]:
    """The seconds of each in every round, after one round to warm up: (ROUNDS,) each."""
    rounds = [[timed(action)[1] for action in actions.values()] for _ in range(ROUNDS + 1)]
    return dict(zip(actions, np.array(rounds[1:]).T, strict=True))


def report(order: int, going: dict[str, Going], seconds: dict[str, np.ndarray]) -> None:
    reference = seconds["taylorkit auto"]
    for name, so_far in going.items():
        if name not in seconds:
            print(f"{order:>5}  {name:<20}{so_far.stopped}")
            continue
        run, ratio = np.median(seconds[name]), np.median(seconds[name] / reference)
        print(f"{order:>5}  {name:<20}{so_far.seconds[-1]:>10.2f}{1e3 * run:>10.2f}{ratio:>9.2f}", flush=True)


def main() -> None:
    device = jax.devices()[0]
    machine = f"{platform.machine()} {platform.system()}, {os.cpu_count()} CPUs"
    print(f"{machine}; JAX on {device.platform} ({device.device_kind})")
    print(
        f"Python {platform.python_version()}, jax {jax.__version__}, numpy {np.__version__}; medians of {ROUNDS} rounds"
    )
    print("taylorkit compiles once for its method: where auto means that method, the second compile time is 0.")
    with jax.enable_x64(True):
        for problem in problems():
            measure(problem)


if __name__ == "__main__":
    main()
