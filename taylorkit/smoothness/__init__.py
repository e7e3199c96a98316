"""Where f is not smooth: points that lie on a kink or a jump of something that f computes.

| module | |
|---|---|
| `switches` | the non-smooth primitives, and what vanishes where each is not smooth |
| `marks` | what is known of a value at a point: whether it moves, and where it bends or jumps |
| `watch` | f run once more with an eye on the switches: an equation at a time |
| `bodies` | the same through calls, branches, loops and custom derivative rules |
| `late` | loops that stop by data before the derivatives have converged |
| `kept` | loops of a fixed length that keep what they have when data say so |
| `longer` | a program in which one loop goes round some turns more |
| `bounded` | a program whose loops end, where f is asked for points that nobody named |

At a kink the derivatives are those of one side and are kept; status says so. What is found is what f's program says,
not what its values do: hypot, which takes the larger and the smaller of two numbers, is smooth where they are equal,
and yet at a kink of its program.
"""

from collections.abc import Callable

import jax

from taylorkit import motion
from taylorkit.smoothness import bodies
from taylorkit.smoothness.marks import Seen
from taylorkit.smoothness.switches import watched
from taylorkit.smoothness.watch import run
from taylorkit.trace import Traced

__all__ = ["at_kink", "bodies", "non_smooth"]


def non_smooth(traced: Traced) -> list[str]:
    """The non-smooth primitives that f, or a custom rule in place of a part of it, uses on values that move."""
    found: set[str] = set()

    def visit(use: motion.Use) -> None:
        if any(use.moving) and watched(use.equation):
            found.add(use.name)

    with traced.scope():
        bodies.Ruled(visit).through(traced.jaxpr.jaxpr, [True])
    return sorted(found)


def at_kink(traced: Traced) -> Callable[[jax.Array], jax.Array]:
    """v (D,) ↦ whether f's program bends or jumps at v: a bool."""

    def kink(v: jax.Array) -> jax.Array:
        (out,) = run(traced.jaxpr.jaxpr, traced.jaxpr.consts, [Seen(v, moves=True)])
        return out.marked.any()

    return kink
