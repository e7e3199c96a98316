"""Series of numbers and of arrays in one operation, in whole form, with products written out and gathered.

`python -m tests.faults.pairings [--count N]` tries every pairing, or N of them, outside and in a loop, against nested
derivatives; the tests try a few.
"""

import argparse
import itertools
import random
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from taylorkit.differentiation import series
from taylorkit.series import parts
from tests.series.compare import ROUNDING, Table, differences

POINTS = np.array([[0.8, 1.3], [1.2, 0.6]])
LEVELS = np.array([0.3, 0.7, 1.1])

# Values of each shape that move with x, all between 0.2 and 3.
SHAPES: dict[str, Callable[[Any], Any]] = {
    "number": lambda x: x[0],
    "row": lambda x: x[1] + LEVELS,
    "column": lambda x: (x[0] + 0.5 * x[1]) * LEVELS[:2, None] + 0.4,
    "still": lambda x: jnp.asarray(LEVELS),
}
PRODUCTS: dict[str, Callable[[Any, Any], Any]] = {
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "pow": lambda a, b: a**b,
    "add, square": lambda a, b: (a - b) ** 2,
    "atan2": jnp.arctan2,
    "where": lambda a, b: jnp.where(b > 0.9, a * a, b),
    "max": lambda a, b: jnp.maximum(a, 0.123 * b),
    "dot": lambda a, b: jnp.sum(a * b, keepdims=True) * b,
    "function of a product": lambda a, b: jnp.sin(a) * jnp.exp(a * b),
}


def pairings() -> Table:
    """Every product of every two shapes."""

    def paired(product: Callable, left: Callable, right: Callable) -> Callable:
        return lambda x: product(left(x), right(x))

    return {
        f"{name}: {a}, {b}": paired(product, SHAPES[a], SHAPES[b])
        for name, product in PRODUCTS.items()
        for a, b in itertools.product(SHAPES, repeat=2)
    }


def in_scan(table: Table) -> Table:
    """All of a table's functions, in the body of one loop that carries a number, a row and a column."""

    def looped(x: Any) -> Any:
        def step(state: Any, level: Any) -> tuple[Any, Any]:
            number, row = state
            y = jnp.stack([number, row.mean()])
            found = jnp.concatenate([jnp.ravel(f(y)) for f in table.values()])
            return (number + 0.1 * level * row[0], row + 0.1 * number * (level - row)), found

        (number, row), found = jax.lax.scan(step, (x[0], x[1] + LEVELS), jnp.asarray(LEVELS[:2]))
        return jnp.concatenate([number[None], row, jnp.ravel(found)])

    return {"in a scan": looped}


def wrong(table: Table, order: int, gathered: bool) -> dict[str, float]:
    """The functions of a table whose derivatives differ from nested ones by more than rounding, and how far."""
    own = series.whole_run
    with pytest.MonkeyPatch.context() as patch, jax.numpy_rank_promotion("allow"):
        # Recurrences on whole arrays, as at high orders.
        patch.setattr(series, "whole_run", lambda *args: replace(own(*args), written=0))
        patch.setattr(parts, "UNROLLED", 0 if gathered else 10_000)
        found = differences(table, POINTS, order, ["arrays"])
    return {name: difference for (_, name), difference in found.items() if not difference < ROUNDING}


def sample(count: int, seed: int) -> Table:
    """So many pairings, by chance."""
    table = pairings()
    names = random.Random(seed).sample(sorted(table), min(count, len(table)))
    return {name: table[name] for name in names}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=len(pairings()))
    count, bad = parser.parse_args().count, 0
    chunks = [dict(list(sample(count, 0).items())[i : i + 12]) for i in range(0, count, 12)]
    for order, gathered in ((3, True), (3, False), (2, True)):
        for table in chunks:
            found = wrong(table, order, gathered) | wrong(in_scan(table), order, gathered)
            bad += len(found)
            for name, difference in found.items():
                print(f"{name}, order {order}: {difference:.2g}", flush=True)
    print(f"{count} pairings outside and in a loop, three ways each: {bad} differ from nested derivatives")
    return min(bad, 1)


if __name__ == "__main__":
    sys.exit(main())
