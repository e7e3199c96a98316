"""Products of dense parts: written out, and gathered at once, against products of polynomials."""

import itertools
from collections import Counter

import jax.numpy as jnp
import numpy as np
import pytest

from taylorkit.multi_index import multi_indices
from taylorkit.series import parts
from taylorkit.series.parts import Dense

VARIABLES = 3


def exponents(degree: int) -> list[tuple[int, ...]]:
    return [tuple(a) for a in multi_indices(VARIABLES, degree).tolist() if sum(a) == degree]


@pytest.mark.parametrize("most", [0, 10_000])
def test_a_sum_of_products(most: int, monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator) -> None:
    monkeypatch.setattr(parts, "UNROLLED_NUMBERS", most)
    expected: Counter[tuple[int, ...]] = Counter()
    products = []
    for weight, j, k in ((2.0, 1, 4), (0.5, 2, 3), (1.0, 3, 2)):
        # Whole numbers: their products are exact in any order.
        a, b = (rng.integers(-9, 10, len(exponents(d))) for d in (j, k))
        products.append((weight, *(Dense(jnp.asarray(v, float), VARIABLES, d) for v, d in ((a, j), (b, k)))))
        for (p, x), (q, y) in itertools.product(zip(exponents(j), a, strict=True), zip(exponents(k), b, strict=True)):
            expected[tuple(np.add(p, q).tolist())] += weight * int(x) * int(y)
    found = Dense.convolve(products)
    assert found is not None and found.degree == 5
    np.testing.assert_array_equal(found.array, [expected[e] for e in exponents(5)])
