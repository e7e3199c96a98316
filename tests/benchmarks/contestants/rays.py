"""`jax.experimental.jet` on rays, and from rays to partial derivatives.

Along a ray r the term of degree k is dᵏ/dtᵏ f(x + tr) = k! Σ_{|α|=k} r^α ∂^α f/α!. The rays are the C(D+n−1, n)
multi-indices of degree n, divided by n: no fewer determine the highest degree. One constant matrix a degree,
W = diag(α!/k!) (VᵀV)⁻¹Vᵀ with V = (r^α), gives the partial derivatives; it is computed in exact fractions.
"""

from collections.abc import Callable
from functools import lru_cache, partial
from math import factorial, prod
from typing import Any

import flint
import jax
import jax.numpy as jnp
import numpy as np
from jax.experimental import jet

from taylorkit.multi_index import degrees, multi_indices
from tests.benchmarks.contestants.contestant import SECONDS, Built, Contestant, Skipped, over_points
from tests.benchmarks.problem import Function, Problem

# With more rays than that the exact matrices alone take longer than a peer may.
RAYS = 2500


def entries(problem: Problem) -> list[Contestant]:
    """jet on f itself, and where f makes it fail, on an equivalent of f."""
    name = "jet" if problem.variables == 1 else "jet on rays"
    found = [Contestant(name, partial(_build, problem.function), SECONDS)]
    if problem.plain:
        label, equivalent = problem.plain
        found.append(Contestant(f"{name} ({label})", partial(_build, equivalent), SECONDS))
    return found


def _build(f: Function, problem: Problem, order: int) -> Built:
    if (rays := len(_of_degree(problem.variables, order))) > RAYS:
        raise Skipped(f"order {order} takes {rays:,} rays, whose exact matrices would take more than {SECONDS:.0f} s")
    return over_points(_partial_derivatives(f, problem.variables, order), problem, _packed)


def _packed(blocks: list[Any], which: np.ndarray) -> np.ndarray:
    """Blocks (N, C(D+k−1, k), *S), one a degree ↦ (P, *S, N)."""
    return np.concatenate([np.moveaxis(block[which], 0, -1) for block in blocks])


def _partial_derivatives(f: Function, variables: int, order: int) -> Callable[[jax.Array], list[jax.Array]]:
    """v ↦ the partial derivatives of each degree, (C(D+k−1, k), *S)."""
    matrices = [interpolation(variables, order, k) for k in range(1, order + 1)]
    rays = _of_degree(variables, order) / order

    def along(v: jax.Array, ray: jax.Array) -> Any:
        return jet.jet(f, (v,), ([ray] + [jnp.zeros_like(v)] * (order - 1),))

    def derivatives(v: jax.Array) -> list[jax.Array]:
        if variables == 1:
            value, terms = along(v, jnp.ones_like(v))
            return [value[None], *(term[None] for term in terms)]
        values, terms = jax.vmap(lambda ray: along(v, ray))(jnp.asarray(rays, v.dtype))
        partials = [jnp.tensordot(jnp.asarray(w, v.dtype), t, 1) for w, t in zip(matrices, terms, strict=True)]
        return [values[:1], *partials]

    return derivatives


@lru_cache(maxsize=64)
def interpolation(variables: int, order: int, degree: int) -> np.ndarray:
    """W: (C(D+k−1, k), rays), each entry the nearest double to the exact fraction."""
    rays, exponents = _of_degree(variables, order).tolist(), _of_degree(variables, degree).tolist()
    powers = [[prod(r**a for r, a in zip(ray, alpha, strict=True)) for alpha in exponents] for ray in rays]
    v = flint.fmpq_mat(flint.fmpz_mat(powers))
    solved = (v.transpose() * v).solve(v.transpose()) if len(exponents) < len(rays) else v.inv()
    # V was taken with the integers n·r, which are nᵏ times as large.
    scales = [flint.fmpq(order**degree * prod(factorial(a) for a in alpha), factorial(degree)) for alpha in exponents]
    table = [[_nearest(scale * w) for w in row] for scale, row in zip(scales, solved.tolist(), strict=True)]
    return np.array(table)


def _nearest(fraction: flint.fmpq) -> float:
    # Python's division of integers rounds once.
    return int(fraction.p) / int(fraction.q)


def _of_degree(variables: int, degree: int) -> np.ndarray:
    return multi_indices(variables, degree)[degrees(variables, degree) == degree]
