"""Generated compositions of functions with derivative rules of their own: every method beside nested transformations.

    python -m tests.faults.compositions --count 300

The programs are those of `composed`. Every method is called as a user calls it, by `tk.derivatives`. What is right is
what k nested `jacfwd` give, or k nested `jacrev` where a custom_vjp function has no forward mode. A method may refuse
by name; `auto` may not, because JAX has the derivatives.
"""

import argparse
import sys
from collections import Counter

import jax
import jax.numpy as jnp
import numpy as np

import taylorkit as tk
from taylorkit import multi_index
from tests.faults import trials
from tests.faults.composed import Function, Program, program

METHODS = ("nested", "series", "reverse", "auto")
# Some hundreds of operations in double precision, in another order; relative to the largest derivative so far.
ROUNDING = 1e-10
# The dearest program takes a tenth of this on a quiet core.
SECONDS = 120


def expected(given: Program) -> np.ndarray:
    """By k nested transformations, the first variable first: (P, N)."""
    change = pulled_back if given.backward else pushed

    def levels(v: jax.Array) -> jax.Array:
        known = {(): given.function}
        for k in range(1, given.order + 1):
            for places in map(tuple, multi_index.sorted_tuples(given.points.shape[1], k).tolist()):
                known[places] = change(known[places[:-1]], places[-1])
        return jnp.stack([level(v) for level in known.values()])

    with jax.enable_x64(True):
        compiled = jax.jit(levels)
        return np.stack([compiled(jnp.asarray(point)) for point in given.points], axis=-1)


def pushed(f: Function, place: int) -> Function:
    return lambda v: jax.jvp(f, (v,), (jnp.zeros_like(v).at[place].set(1),))[1]


def pulled_back(f: Function, place: int) -> Function:
    return lambda v: jax.grad(f)(v)[place]


def verdict(given: Program, method: str, right: np.ndarray) -> str:
    """`right`, `refused: …`, or what is wrong."""
    try:
        found = np.asarray(tk.derivatives(given.function, given.points, given.order, method).packed)
    except (tk.FunctionError, tk.SpecError) as error:
        return f"refused: {error}"
    scale = np.maximum.accumulate(np.abs(right), axis=0) + 1e-3
    if (np.abs(found - right) <= ROUNDING * scale).all():
        return "right"
    return f"WRONG to order {given.order}: {found[:, 0]} for {right[:, 0]}"


def compare(seed: int) -> dict[str, str]:
    """The verdict on each method."""
    # A callback that waits for an array may wait for itself where few threads dispatch.
    jax.config.update("jax_cpu_enable_async_dispatch", False)
    given = program(seed)
    right = expected(given)
    verdicts = {method: verdict(given, method, right) for method in METHODS}
    jax.clear_caches()
    return verdicts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--first", type=int, default=0)
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.count)
    right, refused, bad = 0, Counter(), 0
    for seed, found in zip(seeds, trials.each(compare, seeds, SECONDS), strict=True):
        for method, text in found.items() if isinstance(found, dict) else [("all", found)]:
            right += text == "right"
            refused[method] += text.startswith("refused: ")
            if text != "right" and (method == "auto" or not text.startswith("refused: ")):
                bad += 1
                print(f"program {seed}, {method}: {text}", flush=True)
    by_method = ", ".join(f"{method} {refused[method]}" for method in METHODS)
    print(
        f"{options.count} programs by {len(METHODS)} methods: {right} right, {refused.total()} refused by name "
        f"({by_method}), {bad} disagreements"
    )
    return min(bad, 1)


if __name__ == "__main__":
    sys.exit(main())
