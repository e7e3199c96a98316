"""What nobody is faster than.

Memory has to be filled with the output: plain stores from every core, into the array that the others write. For a
network the bound is the arithmetic, P times the matrix products of one evaluation, done as one batched program; its
activations are left out, and so is what the sparsity of the seeds saves in the first layer.
"""

from functools import partial
from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np

from taylorkit.lowering.straight import cores
from taylorkit.multi_index import count
from tests.benchmarks.contestants.contestant import FLOOR, ONE_CORE, SECONDS, Built, Contestant, output, pool
from tests.benchmarks.problem import CORES, Problem

# Evaluations in one batch of the floor: enough to keep the cores busy, little enough to fit any memory.
BATCH = 2**16
FILL = "memory fill"


def entries(problem: Problem) -> list[Contestant]:
    floor = [Contestant(FLOOR, _products, SECONDS)] if problem.layers else []
    alone = [Contestant(FILL + ONE_CORE, partial(_fill, threads=1), SECONDS)] if problem.group == CORES else []
    return [Contestant(FILL, partial(_fill, threads=cores()), SECONDS), *alone, *floor]


def _fill(problem: Problem, order: int, threads: int) -> Built:
    parts = np.array_split(output(problem, order).reshape(-1), threads)
    return Built(lambda: list(pool().map(lambda part: part.fill(1.0), parts)))


def _products(problem: Problem, order: int) -> Built:
    evaluations = count(problem.variables, order) * len(problem.rows)
    batch = min(BATCH, evaluations)
    generator, dtype = np.random.default_rng(0), problem.rows.dtype
    matrices = [jnp.asarray(generator.standard_normal(shape), dtype) for shape in pairwise(problem.layers)]
    inputs = jnp.asarray(generator.standard_normal((batch, problem.variables)), dtype)

    def products(x: jax.Array, matrices: list[jax.Array]) -> jax.Array:
        for matrix in matrices:
            x = x @ matrix
        return x

    program = jax.jit(products).lower(inputs, matrices).compile()
    return Built(lambda: jax.device_get(program(inputs, matrices)), scale=evaluations / batch)
