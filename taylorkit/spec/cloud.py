"""Points scattered as a normal distribution, the same for ever: no generator of random numbers has a say.

They are Sobol's sequence (its direction numbers those of Joe and Kuo, *SIAM Journal on Scientific Computing* 2008), not
scrambled, without its first point, which is 0; and of each coordinate the quantile of the normal distribution. Any
beginning of the sequence covers the distribution more evenly than random points do, so that a longer cloud holds a
shorter one.
"""

import numpy as np


def offsets(num: int, spread: np.ndarray) -> np.ndarray:
    """`num` points about 0 with the standard deviations `spread` (D,): (num, D). Where one is 0 nothing moves."""
    from scipy.special import ndtri
    from scipy.stats import qmc

    moving = np.flatnonzero(spread)
    found = np.zeros((num, len(spread)))
    # Points of 30 bits are exact numbers, and none of them is 0 or 1 after the first.
    found[:, moving] = ndtri(qmc.Sobol(len(moving), scramble=False, bits=30).fast_forward(1).random(num))
    return found * spread
