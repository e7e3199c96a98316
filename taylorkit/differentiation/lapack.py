"""How many points may share the calls of LAPACK in a program on a CPU.

Since 0.10 jaxlib cuts a large batch of matrices into parts, hands these to XLA's pool of threads from within that pool,
and waits for them. Calls that do not need each other's results run at once, and where as many of them wait as the pool
has threads, nobody is left for the parts: the program never ends (16 factors and 16 solutions of a thousand 8 × 8
systems, on two cores). What is worth less than WORK operations is not cut, so that a program never waits for itself
which takes its points in portions as small as that.

(jaxlib/cpu/lapack_kernels.cc, `GetLapackBatchChunkSize` and `ParallelBatchMap`.)
"""

import re
from collections.abc import Callable, Iterator
from math import prod

import jax
import jax.numpy as jnp

# Operations from which on jaxlib cuts a batch.
WORK = 200_000
# At most so many per entry of the largest operand and row or column of a factor; most for what is not listed here.
OPERATIONS = {"trsm": 1, "getrf": 1, "potrf": 1, "geqrf": 2, "orgqr": 4, "ormqr": 4}
MOST_OPERATIONS = 30
# Of complex numbers each counts for so many.
COMPLEX = 3

CALL = re.compile(r"custom_call @lapack_[a-z](\w+?)_ffi\(.* : \(([^)]*)\) ->")
SHAPE = re.compile(r"tensor<((?:\d+x)+)")


def most_points(program: str, points: int) -> int:
    """How many of a program's `points` its calls may take at once: a divisor of them; all where it has no such call.

    `program` is StableHLO. One point at least: what is cut for one point alone, a batch in f itself, stays.
    """
    allowed = [points * (WORK - 1) // max(1, work) for work in _works(program)]
    most = max(1, min([points, *allowed]))
    return next(n for n in range(most, 0, -1) if points % n == 0)


def _works(program: str) -> Iterator[int]:
    """At least as many operations as jaxlib reckons with, of each call."""
    for name, operands in CALL.findall(program):
        shapes = [[int(n) for n in dims[:-1].split("x")] for dims in SHAPE.findall(operands)]
        matrices = [shape for shape in shapes if len(shape) > 1]
        if matrices:
            side = max(min(shape[-2:]) for shape in matrices)
            each = OPERATIONS.get(name, MOST_OPERATIONS) * (COMPLEX if "complex<" in operands else 1)
            yield each * max(map(prod, matrices)) * side


def in_portions(function: Callable[..., list[jax.Array]], portion: int) -> Callable[..., list[jax.Array]]:
    """A function of points (N, D) ↦ arrays (rows, *S, N), made one that takes `portion` of them after another."""

    def portions(points: jax.Array, *arguments: jax.Array) -> list[jax.Array]:
        found = jax.lax.map(lambda part: function(part, *arguments), points.reshape(-1, portion, points.shape[-1]))
        return [_joined(part) for part in found]

    return portions


def _joined(portions: jax.Array) -> jax.Array:
    """(k, rows, *S, m) ↦ (rows, *S, k m)."""
    moved = jnp.moveaxis(portions, 0, -2)
    return moved.reshape(*moved.shape[:-2], -1)
