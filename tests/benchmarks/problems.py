"""What is differentiated: every problem, in the order in which it is measured and reported."""

from dataclasses import replace

from tests.benchmarks.expressions import expressions, growing
from tests.benchmarks.networks import flow, networks
from tests.benchmarks.problem import Problem


def problems(dtype: str = "float64") -> list[Problem]:
    """All of them, their points in this precision."""
    found = [*expressions(), *networks(), flow(), *growing()]
    return [replace(problem, rows=problem.rows.astype(dtype, copy=False)) for problem in found]
