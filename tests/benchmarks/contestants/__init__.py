"""Who computes all derivatives up to an order: this project's methods, its peers, and two bounds that nobody passes.

| module | who |
|---|---|
| `project` | every method of `taylorkit.differentiation`, and `auto`, which all others are compared with |
| `nested` | jacfwd^(n−1) ∘ grad, as one would write it in JAX |
| `rays` | `jax.experimental.jet` on rays, with the interpolation to partial derivatives |
| `symbolic` | heyoka's `diff_tensors`, compiled by its `cfunc` |
| `bounds` | filling the memory that the output takes; for networks, the matrix products of P evaluations |

`project`, `symbolic` and the fill write into one array that is there; JAX cannot be given memory.
"""

from tests.benchmarks.contestants import bounds, nested, project, rays, symbolic
from tests.benchmarks.contestants.contestant import AUTO, FLOOR, ONE_CORE, Built, Contestant, Skipped, traced
from tests.benchmarks.problem import Problem

__all__ = ["AUTO", "FLOOR", "ONE_CORE", "Built", "Contestant", "Skipped", "contestants", "project", "traced"]


def contestants(problem: Problem) -> list[Contestant]:
    """Those that a problem concerns, but for `auto`, which is one of them."""
    everybody = [who for module in (project, nested, rays, symbolic, bounds) for who in module.entries(problem)]
    return [who for who in everybody if not who.name.startswith(problem.without)]
