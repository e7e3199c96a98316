"""Polynomials of which every point has its own.

The coefficients of a chunk of points are gathered into memory that each core keeps, and the graded Horner scheme runs
there.
"""

from collections.abc import Callable
from math import prod

import numpy as np

from taylorkit.cores import on_all_cores
from taylorkit.polynomial import Array, backend, by_degree, horner, order_of, widened

# Gathered coefficients that each core holds at once, in numbers: 2 MiB of float64. With less NumPy's calls cost as much
# as their work, more leaves the cache.
CHUNK = 2**18

Scheme = Callable[[Array, Array, int], Array]  # coefficients (P, *S, M), displacements (D, M), order


def partial_sums(coefficients: np.ndarray, delta: np.ndarray, which: np.ndarray) -> np.ndarray:
    """T_0, …, T_n with the coefficients `which` (M,) of (P, *S, N) at displacements `delta` (D, M): (n+1, *S, M)."""
    return at_points(coefficients, delta, which, sums)


def sums(coefficients: Array, delta: Array, order: int) -> Array:
    """T_0, …, T_n where each point has its own coefficients (P, *S, M) and `delta` (D, M): (n+1, *S, M)."""
    xp, _ = backend(coefficients)
    terms = by_degree(delta, len(delta), order)
    return xp.stack([xp.einsum("p...m,pm->...m", coefficients[k], basis) for k, basis in terms]).cumsum(axis=0)


def at_points(coefficients: np.ndarray, delta: np.ndarray, which: np.ndarray, scheme: Scheme) -> np.ndarray:
    """`scheme` with the coefficients `which` (M,) of (P, *S, N) at `delta` (D, M), on all cores: (1 or n+1, *S, M)."""
    order, size = order_of(len(delta), len(coefficients)), prod(coefficients.shape[:-1])
    step = max(1, CHUNK // max(1, size))
    out = np.empty((1 if scheme is horner else order + 1, *coefficients.shape[1:-1], len(which)), coefficients.dtype)
    coefficients = widened(coefficients)
    delta = delta.astype(coefficients.dtype, copy=False)

    def share(starts: range) -> None:
        # Fresh memory for each chunk would cost more than the chunk.
        room = np.empty(size * min(step, len(which)), delta.dtype)
        for start in starts:
            part = slice(start, min(start + step, len(which)))
            count = part.stop - start
            gathered = room[: size * count].reshape(*coefficients.shape[:-1], count)
            # In mode "raise" NumPy would gather into other memory first.
            np.take(coefficients, which[part], axis=-1, out=gathered, mode="clip")
            out[..., part] = scheme(gathered, delta[:, part], order)

    on_all_cores(share, range(0, len(which), step))
    return out
