"""What is known of a value at a point beside its number: whether it moves, and at which entries it bends or jumps.

Two marks wait for what is done with the value. |u| at u = 0 bends, unless what is made of it is squared; and what an
equality chooses at the point that it singles out jumps, unless that moves with the variables: then it is taken for the
smooth continuation that it was put there to be, as in sinc.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp

Mask: TypeAlias = jax.Array | None
"""A bool for each entry of a value; None: nowhere."""


@dataclass(frozen=True)
class Seen:
    """A value, whether it moves with the variables, and where it is not smooth."""

    value: Any
    moves: bool = False
    bends: Mask = None
    jumps: Mask = None
    mirrors: Mask = None
    """Where |u| has u = 0."""
    equals: Mask = None
    """Where an equality holds."""

    @property
    def settled(self) -> "Seen":
        """With nothing left to wait for."""
        bends, jumps = either(self.bends, self.mirrors), either(self.jumps, self.equals)
        return replace(self, bends=bends, jumps=jumps, mirrors=None, equals=None)

    @property
    def marked(self) -> jax.Array:
        """Where it is not smooth in any way, for each entry."""
        settled = self.settled
        mask = either(settled.bends, settled.jumps)
        return jnp.zeros(jnp.shape(self.value), bool) if mask is None else mask

    def with_marks(self, other: "Seen") -> "Seen":
        """With another's marks too, all of them at every entry if the shapes differ."""
        return self.with_masks({name: spread(getattr(other, name), self.value) for name in MARKS})

    def with_masks(self, masks: Mapping[str, Mask]) -> "Seen":
        """With these masks too, by the names of marks."""
        joined: dict[str, Any] = {name: either(getattr(self, name), mask) for name, mask in masks.items()}
        return replace(self, **joined)


MARKS = ("bends", "jumps", "mirrors", "equals")


def either(*masks: Mask) -> Mask:
    found = [m for m in masks if m is not None]
    return None if not found else jnp.stack(jnp.broadcast_arrays(*found)).any(axis=0)


def spread(mask: Mask, like: Any) -> Mask:
    """A mask for another value: as it is where the shapes agree, else anywhere means everywhere."""
    if mask is None or mask.shape == jnp.shape(like):
        return mask
    return jnp.full(jnp.shape(like), mask.any())


def smooth(values: Sequence[Any]) -> list[Seen]:
    """Values that do not move."""
    return [Seen(value) for value in values]
