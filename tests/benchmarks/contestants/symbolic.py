"""heyoka: derivatives of an expression tree, compiled to one LLVM function that runs on all cores.

It is optional: where it is not installed the table says so.
"""

from types import ModuleType

import numpy as np

from taylorkit.multi_index import multi_indices
from tests.benchmarks.contestants.contestant import SECONDS, Built, Contestant, Skipped
from tests.benchmarks.problems import Problem

try:
    import heyoka

    HEYOKA: ModuleType | None = heyoka
except ImportError:
    HEYOKA = None


def entries(problem: Problem) -> list[Contestant]:
    return [Contestant("heyoka", _build, SECONDS)]


def _build(problem: Problem, order: int) -> Built:
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
    columns = np.ascontiguousarray(problem.rows.T)
    return Built(lambda: compiled(columns, batch_parallel=True), lambda result, which: result[:, which])
