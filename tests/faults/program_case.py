"""One program of the table, where it is expanded, and what is right there.

Each takes one vector (D,). `right` is the same function without any rule: of D numbers of mpmath, or of the vector in
plain JAX where `plain`. Libraries are imported by the programs that use them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax

# Largest difference in a degree over the largest derivative of it, or over 1: solvers stop at 1e-12 or so, and each
# degree divides by another power of the slope at the root.
TOLERANCE = 1e-8
# Constant steps: the solution of a differential equation is that of the method, not the exact one.
STEPS = 1e-6
HEUN = 1e-3


@dataclass(frozen=True)
class Case:
    """A program, where it is expanded, and what is right there. The test suite runs the quick ones."""

    name: str
    program: Callable[[jax.Array], jax.Array]
    point: tuple[float, ...]
    right: Callable[..., Any]
    order: int = 4
    plain: bool = False
    tolerance: float = TOLERANCE
    quick: bool = False
