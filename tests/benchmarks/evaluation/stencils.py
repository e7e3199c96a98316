"""Every centre at the same displacements: one matrix product, beside the machine's fastest."""

from collections.abc import Callable
from typing import Any

import numpy as np

import taylorkit as tk
from taylorkit.multi_index import count

SQUARE = 1500  # a product of this size is bound by arithmetic alone
CENTERS, DISPLACEMENTS = 4096, 1024


def stencil(variables: int, order: int, small: int) -> tuple[float, Callable[[], Any]]:
    """How many operations it is, a product and a sum each, and the call."""
    rng = np.random.default_rng(0)
    centers = rng.normal(size=(CENTERS // small, variables))
    A = tk.Atlas(centers, rng.normal(size=(count(variables, order), len(centers))))
    delta = 0.1 * rng.normal(size=(DISPLACEMENTS // small, variables))
    return 2.0 * len(A.coefficients) * len(centers) * len(delta), lambda: A.stencil(delta)


def square(small: int) -> tuple[float, Callable[[], Any]]:
    size = SQUARE // small
    a = np.random.default_rng(0).normal(size=(size, size))
    out = np.empty_like(a)
    return 2.0 * size**3, lambda: np.matmul(a, a, out=out)
