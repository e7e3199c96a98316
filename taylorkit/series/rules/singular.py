"""The determinant of a matrix of any size, singular or not, without a division by what may vanish.

With the singular vectors of A₀, M = U₀ᵀ A V₀ has the singular values for its value. The largest of them are divided by,
the least are not:

    det A = ± det M₁₁ det(M₂₂ − M₂₁ M₁₁⁻¹ M₁₂)
"""

from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from taylorkit.series.algebra import Degree, Series, choose
from taylorkit.series.parts import Dense, Part


def above_zero(run: Any, a: Series, kept: int) -> Degree:
    """Degrees above 0 of the determinant of a real matrix, `kept` of whose singular values are not divided by."""
    matrix = a.value.array[0]
    left, values, right = jnp.linalg.svd(matrix)
    large = values[..., :-kept]
    rounding = values.shape[-1] * jnp.finfo(values.dtype).eps * values[..., 0]
    # Of a rank so low all derivatives up to this order are 0.
    low = Dense((large[..., -1] <= rounding).astype(jnp.int32)[None], run.variables, 0)
    given = [matrix, left, jnp.where(large > 0, large, 1), right]
    program = jax.make_jaxpr(_determinant)(*(jax.ShapeDtypeStruct(v.shape, v.dtype) for v in given))
    (found,) = replace(run, numbers=False)(program.jaxpr, program.consts, [a, *given[1:]])

    def degree(k: int) -> Part | None:
        part = found.part(k)
        return part and choose(low, [part, None if k <= kept else part.scale(jnp.nan)])

    return degree


def _determinant(a: Any, left: Any, large: Any, right: Any) -> Any:
    size = large.shape[-1]
    m = jnp.swapaxes(left, -1, -2) @ a @ jnp.swapaxes(right, -1, -2)
    m = jnp.concatenate([m[..., :size, :] / large[..., None], m[..., size:, :]], -2)
    rest = m[..., size:, size:] - m[..., size:, :size] @ jnp.linalg.solve(m[..., :size, :size], m[..., :size, size:])
    sign = jnp.sign(jnp.linalg.det(lax.stop_gradient(left)) * jnp.linalg.det(right))
    logarithm = jnp.linalg.slogdet(m[..., :size, :size])[1]
    return sign * large.prod(-1) * jnp.exp(logarithm) * jnp.linalg.det(rest)
