"""u^r at a zero of u, for r > 0 that is not whole.

Let m be the lowest degree at which u has a coefficient there. Then u^r = O(|x|^{m r}):

    k < m r:    v_k = 0
    k ≥ m r:    v_k = C(r, k) 0^{r−k} L^k with L = u₁, of which the signs are left: ±∞; NaN where L^k has none

A derivative along which u does not change at all stays 0. Parts of u above degree k are not asked for: where they would
decide, v_k is NaN.
"""

from collections.abc import Callable
from functools import reduce
from math import inf
from typing import Any

import jax.numpy as jnp

from taylorkit.series.algebra import Degree, Series, call, choose
from taylorkit.series.parts import Part

# What the choice is between.
REGULAR, FLAT, SINGULAR = 0, 1, 2


def around(regular: Degree, u: Series, r: float) -> Degree:
    """The parts of u^r above degree 0, by `regular` where u is not 0."""
    singular = singular_degrees(regular, u, lambda k: u.value.number(inf if _rising(r, k) else -inf))

    def degree(k: int) -> Part | None:
        needed = int(k // r)
        parts = [part.vanishes() for part in map(u.part, range(1, min(needed, k) + 1)) if part is not None]
        flat = FLAT if needed <= k else SINGULAR

        def place(value: Any, *vanishing: Any) -> Any:
            still = reduce(jnp.logical_and, (v > 0 for v in vanishing), jnp.full((), True))
            return jnp.where(value == 0, jnp.where(still, flat, SINGULAR), REGULAR).astype(jnp.int32)

        which = call(place, u.value, *parts, name=("branch point", r, k))
        return choose(which, [regular(k), None, singular(k)])

    return degree


def unless_still(regular: Degree, u: Series) -> Degree:
    """`regular`, and 0 where u is 0 and no part of it up to this degree is anything else: what is masked by an infinity
    does not move."""

    def degree(k: int) -> Part | None:
        parts = [part.vanishes() for part in map(u.part, range(1, k + 1)) if part is not None]
        if any(part.certainly(0.0) for part in parts):
            return regular(k)

        def still(value: Any, *vanishing: Any) -> Any:
            return reduce(jnp.logical_and, (v > 0 for v in vanishing), value == 0).astype(jnp.int32)

        return choose(call(still, u.value, *parts, name=("still", k)), [regular(k), None])

    return degree


def singular_degrees(regular: Degree, u: Series, infinity: Callable[[int], Part], *others: Series) -> Degree:
    """±∞ by the signs of `infinity` and of L^k, for the coefficients that `regular` has; it changes where u does, and
    `others` do."""
    powers: list[Part | None] = []

    def degree(k: int) -> Part | None:
        part, slope = regular(k), u.part(1)
        while len(powers) < k:
            last = powers[-1] if powers else None
            powers.append(slope if not powers or slope is None else type(slope).convolve([(1.0, last, slope)]))
        given = [p for series in (u, *others) for p in map(series.part, range(1, k + 1)) if p is not None]
        return None if part is None else part.unbounded(powers[k - 1], infinity(k), given)

    return degree


def _rising(r: float, k: int) -> bool:
    """Whether r (r − 1) … (r − k + 1) is positive."""
    return sum(r < i for i in range(k)) % 2 == 0
