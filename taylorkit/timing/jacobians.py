"""The order of multiplication in the chain rule.

    f = h₃ ∘ h₂ ∘ h₁ : R^D → R^M        J = J₃ J₂ J₁

`jacfwd` multiplies from the right: it pushes the D columns of the identity through J₁, J₂, J₃.
`jacrev` multiplies from the left: it pulls its M rows back. The product is the same, its cost is in
proportion to D or to M.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np

from taylorkit.errors import FunctionError
from taylorkit.jaxpr.table import Table
from taylorkit.timing.clock import medians

MODES: Mapping[str, Callable] = {"jacfwd": jax.jacfwd, "jacrev": jax.jacrev}
SHAPES = ((1000, 10), (200, 200), (10, 1000))
HIDDEN = 200


def jacobians_table(shapes: Sequence[tuple[int, int]] = SHAPES, repetitions: int = 11, hidden: int = HIDDEN) -> Table:
    """Both Jacobians of a map R^D → R^M (`network`) for each of `shapes` = (D, M), in float64.

    | column | dims | |
    |---|---|---|
    | mode, inputs, outputs | mode; shape; shape | jacfwd and jacrev; D; M |
    | run_seconds | mode, shape | median of `repetitions` |
    | floating_operations | mode, shape | as the compiler counts them; NaN where it does not |
    | max_difference | shape | largest entry of the difference of the two (M, D) arrays, absolute |
    | hidden, repetitions | none | how it was measured |
    """
    columns = [_measure(d, m, repetitions, hidden) for d, m in shapes]
    seconds, operations, differences = zip(*columns, strict=True)
    d, m = zip(*shapes, strict=True)
    return {
        "mode": (("mode",), np.array(list(MODES), np.str_)),
        "inputs": (("shape",), np.array(d, np.int64)),
        "outputs": (("shape",), np.array(m, np.int64)),
        "run_seconds": (("mode", "shape"), np.array(seconds).T),
        "floating_operations": (("mode", "shape"), np.array(operations).T),
        "max_difference": (("shape",), np.array(differences)),
        "hidden": ((), np.array(hidden)),
        "repetitions": ((), np.array(repetitions)),
    }


def network(v: jax.Array, *weights: jax.Array) -> jax.Array:
    """tanh(W₃ tanh(W₂ tanh(W₁ v))), for as many weights W (rows, columns) as are given."""
    for weight in weights:
        v = jnp.tanh(weight @ v)
    return v


def random_weights(*widths: int, seed: int = 0) -> list[jax.Array]:
    """Normal weights between layers of these widths; variance 1/columns saturates none of them."""
    generator = np.random.default_rng(seed)
    return [
        jnp.asarray(generator.standard_normal((rows, columns)) / np.sqrt(columns)) for columns, rows in pairwise(widths)
    ]


def _measure(d: int, m: int, repetitions: int, hidden: int) -> tuple[list[float], list[float], float]:
    """Seconds and operations of each mode, and how far their Jacobians differ.

    Raises FunctionError where one is not (m, d).
    """
    with jax.enable_x64(True):
        # Weights are inputs: the compiler would multiply constants beforehand.
        inputs = (jnp.linspace(-1.0, 1.0, d), *random_weights(d, hidden, hidden, m))
        lowered = {name: jax.jit(mode(network)).lower(*inputs) for name, mode in MODES.items()}
        kernels = {name: partial(program.compile(), *inputs) for name, program in lowered.items()}
        jacobians = [np.asarray(kernel()) for kernel in kernels.values()]
        if any(jacobian.shape != (m, d) for jacobian in jacobians):
            shapes = [jacobian.shape for jacobian in jacobians]
            raise FunctionError(f"Jacobians of shapes {shapes}: must be {(m, d)}")
        seconds = medians(kernels, repetitions)
    counts = [(program.cost_analysis() or {}).get("flops", np.nan) for program in lowered.values()]
    return list(seconds.values()), counts, float(np.abs(np.subtract(*jacobians)).max())
