"""A batch, the slow and obvious way. docs/why-vmap.md explains what `jax.vmap` does better."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from taylorkit.errors import SpecError
from taylorkit.reals import unmasked


def naive_vmap(fun: Callable, *batches: Any) -> Any:
    """`jax.vmap(fun)(*batches)` as a plain loop: fun at each point, the results stacked.

    Each of `batches` is an array (N, …), one for each input of fun; fun takes one point of each and
    may return an array or a tree of them. Raises SpecError where the batches have no common leading
    axis, or no points.

    >>> naive_vmap(lambda x: x**2, jnp.array([1.0, 2.0, 3.0]))
    Array([1., 4., 9.], dtype=float32)
    """
    unmasked(list(batches), "naive_vmap")
    arrays = [jnp.asarray(batch) for batch in batches]
    shapes = [array.shape for array in arrays]
    lengths = {shape[:1] for shape in shapes}
    if len(lengths) != 1 or lengths & {(), (0,)}:
        raise SpecError(
            f"naive_vmap: batches of shapes {shapes}; give each input of the function as an array "
            "(N, …) with the same N ≥ 1"
        )
    values = [fun(*point) for point in zip(*arrays, strict=True)]
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *values)
