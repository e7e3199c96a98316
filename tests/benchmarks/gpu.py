"""On a GPU: XLA's own fusion against one kernel of Pallas. `python -m tests.benchmarks.gpu`

Both fill the same host memory from the same points, in turn, round after round; the ratio is the median over rounds.
Beside it stands the kernel alone, results left on the GPU: copying to the host may hide the difference. What is faster
over all orders of a problem is what `auto` should take there; the rows printed are those of the table of crossovers.
"""

import argparse
import json
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from taylorkit.differentiation import kernel, resolve
from taylorkit.differentiation.choice import kind_of
from taylorkit.errors import FunctionError
from taylorkit.multi_index import count
from taylorkit.timing.clock import timed
from taylorkit.trace import Traced, trace
from tests.benchmarks.machine import name
from tests.benchmarks.problem import box

RIVALS = ("series:xla", "series:pallas")
POINTS, ROUNDS = 2**20, 15
ORDERS = {2: (2, 4, 6, 8, 10), 3: (2, 4, 6)}


def kin(v: jax.Array) -> jax.Array:
    """sin(x₁ … x_D) exp(−|x|²/2) + tanh(x₁ + 2 x₂ + …)."""
    weights = jnp.arange(1.0, len(v) + 1, dtype=v.dtype)
    return jnp.sin(jnp.prod(v)) * jnp.exp(-jnp.sum(v * v) / 2) + jnp.tanh(jnp.sum(weights * v))


def runs(traced: Traced, order: int, rows: np.ndarray) -> dict[str, tuple[Callable[[], Any], Callable[[], Any]]]:
    """Of each rival: everything into host memory; and the kernel alone on one tile that is on the GPU."""
    found = {}
    out = np.empty((count(traced.variables, order), len(rows)), rows.dtype)
    for rival in RIVALS:
        method = resolve(rival, traced, order, "gpu")
        try:
            made, seconds = timed(lambda m=method: kernel.compiled(traced, order, m))
        except FunctionError as error:
            print(f"{rival}: {error}")
            continue
        print(f"D = {traced.variables} order {order} {rival}: compiled in {seconds:.2f} s, tiles of {method.tile}")
        tile = jax.device_put(rows[: method.tile], made.devices[0])
        found[rival] = (lambda m=made: m.fill(out, rows), lambda m=made, t=tile: m.kernel(t))
    return found


def medians(actions: dict[str, Callable[[], Any]]) -> tuple[dict[str, float], float]:
    """Seconds of each, and of the first to the second in the same round."""
    rounds = [[timed(action)[1] for action in actions.values()] for _ in range(ROUNDS + 1)][1:]
    seconds = dict(zip(actions, np.median(rounds, axis=0).tolist(), strict=True))
    return seconds, float(np.median([r[0] / r[-1] for r in rounds]))


def measure(variables: int, order: int, dtype: str) -> dict[str, Any] | None:
    """One row of the table of crossovers; None where not both could be compiled."""
    rows = box(POINTS, variables, 1.0).astype(dtype)
    traced = trace(kin, "vector", variables, rows.dtype)
    both = runs(traced, order, rows)
    if len(both) < len(RIVALS):
        return None
    for number, what in enumerate(("into host memory", "on the GPU alone")):
        seconds, ratio = medians({rival: actions[number] for rival, actions in both.items()})
        figures = ", ".join(f"{rival} {1e3 * s:.3g} ms" for rival, s in seconds.items())
        print(f"  {what}: {figures}: {RIVALS[int(ratio > 1)]} is faster, by {max(ratio, 1 / ratio):.2f}")
        if number == 0:
            kept = {rival: float(f"{s:.4g}") for rival, s in seconds.items()}
    key = {"kind": kind_of(traced, order), "scalar_output": True, "variables": variables, "order": order}
    return key | {"seconds": kept, "machine": name()}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.gpu", description=__doc__)
    parser.add_argument("--dtype", choices=("float64", "float32"), default="float64")
    asked = parser.parse_args()
    if jax.default_backend() != "gpu":
        raise SystemExit(f"there is no GPU here (JAX sees {jax.devices()}): nothing was measured")
    with jax.enable_x64(asked.dtype == "float64"):
        measured = [measure(d, n, asked.dtype) for d, orders in ORDERS.items() for n in orders]
    print("\nrows for the table of crossovers, which must tell a GPU's from a CPU's before it may hold both:")
    for row in filter(None, measured):
        print(json.dumps(row, ensure_ascii=False))


if __name__ == "__main__":
    main()
