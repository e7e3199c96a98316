"""`python -m tests.faults.second_call [--count N]`: what a second call costs, in milliseconds, the least of N.

Each call traces f anew, with the rules that it calls, and finds its compiled kernel by the program. Beside the call is
what JAX alone takes to trace f, below which no call can be. The three are called in turn, so that a busy machine
disturbs all of them alike.
"""

import argparse
import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import taylorkit as tk

WEIGHTS = [np.random.default_rng(0).normal(size=size) for size in ((16, 2), (16, 16), (16,))]


def runge(x: Any) -> Any:
    return 1 / (1 + 25 * x**2)


def network(v: Any) -> Any:
    return WEIGHTS[2] @ jnp.tanh(WEIGHTS[1] @ jnp.tanh(WEIGHTS[0] @ v))


@jax.custom_jvp
def own_sine(x: Any) -> Any:
    return jnp.sin(x)


own_sine.defjvp(lambda p, t: (own_sine(p[0]), jnp.cos(p[0]) * t[0]))


def own_rule(x: Any) -> Any:
    return x * own_sine(x)


LINE = np.linspace(-1.0, 1.0, 100)
PLANE = np.random.default_rng(1).normal(size=(100, 2))
CALLS = {"Runge's function": (runge, LINE, 4), "a network": (network, PLANE, 3), "an own rule": (own_rule, LINE, 4)}


def least(count: int) -> dict[str, tuple[float, float]]:
    """Of each call its milliseconds, and those of JAX's trace alone."""
    acts: list[Callable[[], object]] = []
    for f, points, order in CALLS.values():
        acts.append(lambda f=f, points=points, order=order: tk.derivatives(f, points, order))
        acts.append(lambda f=f, points=points: _traced(f, points[0]))
    seconds = np.full(len(acts), np.inf)
    for turn in range(count + 1):  # the first compiles
        for place, act in enumerate(acts):
            before = time.perf_counter()
            act()
            seconds[place] = min(seconds[place], time.perf_counter() - before) if turn else np.inf
    return dict(zip(CALLS, (1e3 * seconds).reshape(-1, 2).tolist(), strict=True))


def _traced(f: Callable, point: Any) -> object:
    with jax.enable_x64(True):
        return jax.make_jaxpr(lambda v: f(v))(point)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    for name, (call, alone) in least(parser.parse_args().count).items():
        print(f"{name}: {call:.2f} ms, of which JAX's trace {alone:.2f}")
