"""What this machine can do at most, measured in the same run as everybody: what a figure is to be held against.

Each is the best of a few rounds, on all cores that the process may run on; beside other work that is still too little.
"""

import os
from collections.abc import Callable, Iterable
from ctypes import memset
from pathlib import Path
from tempfile import NamedTemporaryFile
from time import perf_counter
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from taylorkit.cli import STORE
from taylorkit.lowering.straight import cores
from taylorkit.precision import scope
from tests.benchmarks.contestants.contestant import pool
from tests.benchmarks.markdown import figure, table

# What a ceiling is called, and what it is.
MEANING = {
    "memory fill": "`numpy.ndarray.fill` with 1.0, GB/s",
    "memory set to zero": "`memset` with 0, GB/s: a processor may have a way to zeros that numbers have not",
    "memory copy": "`numpy.copyto`, GB/s, what is read and what is written",
    "file write": "`tofile` and `fsync` in the folder of the default store, GB/s",
    "matrix product float64": "of NumPy's BLAS or XLA, the faster, Gflop/s",
    "matrix product float32": "of NumPy's BLAS or XLA, the faster, Gflop/s",
}
FILL, PEAK = "memory fill", "matrix product {}"
# Bytes of memory and of a file, and the size of a matrix: large beside every cache; and rounds.
LARGE, SIDE, ROUNDS = 2**30, 2048, 7
QUICK_LARGE, QUICK_SIDE, QUICK_ROUNDS = 2**26, 512, 3


def measure(quick: bool = False) -> dict[str, float]:
    """Each ceiling of MEANING, in billions a second."""
    large, side, rounds = (QUICK_LARGE, QUICK_SIDE, QUICK_ROUNDS) if quick else (LARGE, SIDE, ROUNDS)
    found = _memory(large, rounds) | {"file write": large / _file_seconds(large, min(rounds, 3))}
    for dtype in ("float64", "float32"):
        found[PEAK.format(dtype)] = 2 * side**3 / _product_seconds(side, dtype, rounds)
    return {name: float(f"{found[name] / 1e9:.4g}") for name in MEANING}


def report(found: dict[str, float]) -> str:
    """The ceilings as a table; nothing where none are recorded."""
    lines = [[name, figure(found[name]), meaning] for name, meaning in MEANING.items() if name in found]
    heads = ["at most, on all cores", "", "what"]
    return f"### What the machine can do\n\n{table(heads, lines)}\n" if lines else ""


def _memory(size: int, rounds: int) -> dict[str, float]:
    source, target = (np.ones(size // 8) for _ in range(2))
    parts, others = (np.array_split(a, cores()) for a in (target, source))
    return {
        "memory fill": size / _best(lambda: _each(lambda part: part.fill(1.0), parts), rounds),
        "memory set to zero": size / _best(lambda: _each(_cleared, parts), rounds),
        "memory copy": 2 * size / _best(lambda: _each(np.copyto, parts, others), rounds),
    }


def _file_seconds(size: int, rounds: int) -> float:
    """Of a new file each time, in the store's folder or the nearest one above it that is there."""
    store = Path(STORE).absolute()
    folder = next(place for place in (store, *store.parents) if place.is_dir())
    content = np.ones(size // 8)
    return min(_written(content, folder) for _ in range(rounds))


def _written(content: np.ndarray, folder: Path) -> float:
    with NamedTemporaryFile(dir=folder, prefix=".ceiling-") as file:
        start = perf_counter()
        content.tofile(file)
        os.fsync(file.fileno())
        return perf_counter() - start


def _product_seconds(side: int, dtype: str, rounds: int) -> float:
    with scope(np.dtype(dtype)):
        a = np.random.default_rng(0).standard_normal((side, side)).astype(dtype)
        out, on_device = np.empty_like(a), jnp.asarray(a)
        product = jax.jit(jnp.matmul).lower(on_device, on_device).compile()
        with_xla = _best(lambda: jax.block_until_ready(product(on_device, on_device)), rounds)
        return min(with_xla, _best(lambda: np.matmul(a, a, out=out), rounds))


def _cleared(part: np.ndarray) -> None:
    memset(part.ctypes.data, 0, part.nbytes)


def _each(action: Callable[..., Any], *parts: Iterable[np.ndarray]) -> None:
    list(pool().map(action, *parts))


def _best(action: Callable[[], Any], rounds: int) -> float:
    action()
    seconds = []
    for _ in range(rounds):
        start = perf_counter()
        action()
        seconds.append(perf_counter() - start)
    return min(seconds)
