"""Polynomials with integer coefficients at points of few bits: every derivative is a number that a float holds."""

from fractions import Fraction
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import taylorkit as tk
from taylorkit import multi_index
from tests.derivatives import oracles

# (variables, degree, order): to total order 8 in few variables, and past the degree, where derivatives vanish.
SIZES = [(1, 8, 8), (1, 12, 10), (2, 3, 4), (3, 4, 2), (4, 3, 2), (5, 3, 1), (5, 2, 2)]


def as_function(polynomial: oracles.Polynomial) -> Any:
    """Σ c v^e as a function of one vector, by a table of powers."""
    exponents = np.array(list(polynomial))
    coefficients = np.array(list(polynomial.values()), float)
    highest = int(exponents.max())

    def f(v: jax.Array) -> jax.Array:
        powers = jnp.stack([v**k for k in range(highest + 1)])
        return sum(coefficients[i] * powers[e, range(len(e))].prod() for i, e in enumerate(exponents))

    return f
