"""Who computes all derivatives up to an order: this project's methods, and what one would write without it."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.experimental import jet

from taylorkit.differentiation import METHODS, kernel, resolve
from taylorkit.trace import trace

Action = Callable[[], Any]


@dataclass(frozen=True, eq=False)
class Problem:
    """f of one vector, its points as rows (N, D), and the orders to try."""

    name: str
    function: Callable[[jax.Array], jax.Array]
    rows: np.ndarray
    orders: range

    @property
    def variables(self) -> int:
        return self.rows.shape[1]


def project(method: str) -> Callable[[Problem, int], Action]:
    """A method of taylorkit: compile its kernel, then run it tile by tile into host memory, as users get it."""

    def compiled(problem: Problem, order: int) -> Action:
        traced = trace(problem.function, "vector", problem.variables, problem.rows.dtype)
        resolved = resolve(method, traced, order, jax.default_backend())
        kernel.compiled(traced, order, resolved)
        return lambda: kernel.evaluate(traced, order, resolved, problem.rows)

    return compiled


def nested(problem: Problem, order: int) -> Action:
    """Every degree of jacfwd^(k−1) ∘ grad, full tensors, one compiled program over all points."""
    tower = [problem.function, jax.grad(problem.function)]
    while len(tower) <= order:
        tower.append(jax.jacfwd(tower[-1]))
    return _over_points(lambda v: [level(v) for level in tower[: order + 1]], problem)


def taylor_mode(problem: Problem, order: int) -> Action:
    """`jax.experimental.jet` along as many rays as there are derivatives of the highest degree.

    In several variables the rays still have to be solved for partial derivatives: that is not counted.
    """
    rays = np.array([d for d in product(range(order + 1), repeat=problem.variables) if sum(d) == order], float)

    def along(v: jax.Array, ray: jax.Array) -> Any:
        return jet.jet(problem.function, (v,), ([ray] + [jnp.zeros_like(v)] * (order - 1),))

    return _over_points(lambda v: jax.vmap(lambda ray: along(v, ray))(rays), problem)


def _over_points(f: Callable[[jax.Array], Any], problem: Problem) -> Action:
    program = jax.jit(jax.vmap(f)).lower(problem.rows).compile()
    rows = jax.device_put(problem.rows)
    return lambda: program(rows)


def contestants(problem: Problem) -> dict[str, Callable[[Problem, int], Action]]:
    """By name; the first is what the others are compared with."""
    traced = trace(problem.function, "vector", problem.variables, problem.rows.dtype)
    ours = {f"taylorkit {m}": project(m) for m in METHODS if not METHODS[m].unsupported(traced)}
    on_rays = "jet" if problem.variables == 1 else "jet on rays"
    return {"taylorkit auto": project("auto"), **ours, "jacfwd of … grad": nested, on_rays: taylor_mode}
