"""How much a page carries, and how it is written down."""

import base64
from collections.abc import Sequence
from math import prod

import numpy as np

# A page is to stay below 5 MB; the library that draws takes 1.5, figures about 2: so many numbers of 11 bytes each.
MOST_NUMBERS, MOST_COEFFICIENTS = 80_000, 50_000
# By the number of axes: lines are drawn point by point.
MOST_POINTS = {1: 5_000, 2: 40_000}
MOST_EVALUATIONS, MOST_OUTPUTS, MOST_DEGREE, MOST_TERMS = 8, 8, 40, 3_000
# Bytes of one array that are read for its every so manieth number.
MOST_READ = 2**26


def strides(shape: Sequence[int], most: int) -> tuple[int, ...]:
    """Steps along each axis that leave `most` places at most: a step more along the longest axis, again and again."""
    steps = [1] * len(shape)
    while prod(left := [-(-n // s) for n, s in zip(shape, steps, strict=True)]) > most:
        steps[int(np.argmax(left))] += 1
    return tuple(steps)


def packed(values: np.ndarray, dtype: str = "<f8") -> str:
    """Numbers as the page's scripts read them: base64 of their bytes."""
    return base64.b64encode(np.ascontiguousarray(values, dtype).tobytes()).decode("ascii")
