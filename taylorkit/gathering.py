"""Polynomials of which every point has its own.

NumPy gathers the coefficients of a chunk of points into memory that each core keeps, and runs the graded Horner scheme
there; JAX compiles gather and scheme to one loop over the points, in which no coefficient is stored again.
"""

from collections.abc import Callable
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

from taylorkit import multi_index
from taylorkit.cores import on_all_cores
from taylorkit.polynomial import Array, by_degree, horner, monomials, order_of

# Gathered coefficients that each core holds at once, in numbers: 2 MiB of float64. With less NumPy's calls cost as much
# as their work, more leaves the cache.
CHUNK = 2**18

Scheme = Callable[[Array, Array, int], Array]  # coefficients (P, *S, M), displacements (D, M), order

# Of more terms the compiled loop takes seconds to compile.
UNROLLED = 300


def partial_sums(coefficients: np.ndarray, delta: np.ndarray, which: np.ndarray) -> np.ndarray:
    """T_0, …, T_n with the coefficients `which` (M,) of (P, *S, N) at displacements `delta` (D, M): (n+1, *S, M)."""
    return at_points(coefficients, delta, which, sums)


def sums(coefficients: np.ndarray, delta: np.ndarray, order: int) -> np.ndarray:
    """T_0, …, T_n where each point has its own coefficients (P, *S, M) and `delta` (D, M): (n+1, *S, M)."""
    terms = by_degree(delta, len(delta), order)
    return np.stack([np.einsum("p...m,pm->...m", coefficients[k], basis) for k, basis in terms]).cumsum(axis=0)


def at_points(coefficients: np.ndarray, delta: np.ndarray, which: np.ndarray, scheme: Scheme) -> np.ndarray:
    """`scheme` with the coefficients `which` (M,) of (P, *S, N) at `delta` (D, M), on all cores: (1 or n+1, *S, M)."""
    order, size = order_of(len(delta), len(coefficients)), prod(coefficients.shape[:-1])
    step = max(1, CHUNK // max(1, size))
    delta = delta.astype(coefficients.dtype, copy=False)
    out = np.empty((1 if scheme is horner else order + 1, *coefficients.shape[1:-1], len(which)), delta.dtype)

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


@lru_cache(maxsize=1)
def loop() -> Any:
    import jax

    return jax.jit(_gathered, static_argnums=3)


def _gathered(table: Array, delta: Array, which: Array, order: int) -> Array:
    """T of `order` at each point, from the rows `which` (M,) of `table` (N, P, *S) and `delta` (D, M): (M, *S)."""
    count = multi_index.count(len(delta), order)
    if count > UNROLLED:
        return _mapped(table[:, :count], delta, which, order)
    columns = delta.reshape(*delta.shape, *[1] * (table.ndim - 2))
    # Each term by itself: a gather of whole rows would be stored before it is used.
    terms = [table.at[which, p].get(mode="promise_in_bounds") for p in range(count)]
    return horner(_objects(terms), _objects(list(columns)), order)


def _mapped(table: Array, delta: Array, which: Array, order: int) -> Array:
    """The same as products of whole rows with the monomials, a chunk of points at a time."""
    import jax

    def one(place: tuple[Array, Array]) -> Array:
        row, displacement = place
        basis = jax.numpy.concatenate(list(monomials(displacement[:, None], order)))[:, 0]
        return jax.numpy.tensordot(basis, table[row], axes=1)

    return jax.lax.map(one, (which, delta.T), batch_size=max(1, CHUNK // max(1, table[0].size)))


def _objects(values: list[Any]) -> np.ndarray:
    """An array that holds these as they are; NumPy would look into them."""
    array = np.empty(len(values), object)
    for i, value in enumerate(values):
        array[i] = value
    return array
