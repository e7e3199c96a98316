"""heyoka: derivatives of an expression tree, compiled to one LLVM function that runs on all cores.

It writes into memory that is there. What it was tried with on two variables at orders 6 and 10, and was no faster:
`force_avx512`, `fast_math`, `slp_vectorize`, larger batches, two threads of our own in place of its pool; in
`compact_mode` it compiled and ran at least twice as long. It is optional: where it is not installed the table says so.
"""

from functools import partial
from types import ModuleType

import numpy as np

from taylorkit.multi_index import multi_indices
from tests.benchmarks.contestants.contestant import ONE_CORE, SECONDS, Built, Contestant, Skipped, output
from tests.benchmarks.problem import CORES, Problem

try:
    import heyoka

    HEYOKA: ModuleType | None = heyoka
except ImportError:
    HEYOKA = None


def entries(problem: Problem) -> list[Contestant]:
    alone = [Contestant("heyoka" + ONE_CORE, partial(_build, parallel=False), SECONDS)]
    return [Contestant("heyoka", _build, SECONDS), *(alone if problem.group == CORES else [])]


def _build(problem: Problem, order: int, parallel: bool = True) -> Built:
    if problem.formula is None:
        raise Skipped("the function is no expression of its language")
    if HEYOKA is None:
        raise Skipped("not installed; `pip install heyoka`")
    if problem.rows.dtype != np.float64:
        raise Skipped(f"measured in float64 only, these points are {problem.rows.dtype}")
    x = HEYOKA.make_vars(*(f"x{i}" for i in range(problem.variables)))
    variables = x if isinstance(x, list) else [x]
    tensors = HEYOKA.diff_tensors([problem.formula(variables, HEYOKA)], variables, diff_order=order)
    wanted = [tensors[[0, *alpha]] for alpha in multi_indices(problem.variables, order).tolist()]
    compiled = HEYOKA.cfunc(wanted, variables)
    columns, out = np.ascontiguousarray(problem.rows.T), output(problem, order)
    return Built(
        lambda: compiled(columns, outputs=out, batch_parallel=parallel), lambda result, which: result[:, which]
    )
