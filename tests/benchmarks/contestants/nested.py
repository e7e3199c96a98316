"""What one would write without this project: the full tensors of every degree, jacfwd^(k−1) ∘ grad."""

from typing import Any

import jax
import numpy as np

from taylorkit.multi_index import packed_positions
from tests.benchmarks.contestants.contestant import SECONDS, Built, Contestant, over_points, traced
from tests.benchmarks.problem import Problem


def entries(problem: Problem) -> list[Contestant]:
    scalar = traced(problem).shape == ()
    return [Contestant("jacfwd ∘ grad" if scalar else "jacfwd", _build, SECONDS)]


def _build(problem: Problem, order: int) -> Built:
    first = jax.grad if traced(problem).shape == () else jax.jacfwd
    tower = [problem.function, first(problem.function)]
    while len(tower) <= order:
        tower.append(jax.jacfwd(tower[-1]))
    d = problem.variables
    return over_points(
        lambda v: [level(v) for level in tower[: order + 1]],
        problem,
        lambda tensors, which: np.concatenate([_pack(t[which], d, k) for k, t in enumerate(tensors)]),
    )


def _pack(tensor: Any, variables: int, degree: int) -> np.ndarray:
    """(N, *S, D, …, D) ↦ (C(D+k−1, k), *S, N)."""
    shape = tensor.shape[: tensor.ndim - degree]
    entries = np.asarray(tensor).reshape(*shape, -1)[..., packed_positions(variables, degree)]
    return np.moveaxis(entries, (-1, 0), (0, -1))
