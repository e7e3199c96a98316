"""Lazy series: what is asked for is computed, once, and nothing that rests on itself."""

import jax.numpy as jnp
import pytest
from jax import lax

from taylorkit.series import monomials
from taylorkit.series.algebra import Circular, Series, convolve, exponential, integral, knot, reciprocal
from taylorkit.series.parts import Sparse
from taylorkit.series.symbols import Program


@pytest.fixture
def x() -> Series:
    """The variable itself at 2, its value a number, so that every coefficient folds to one."""
    program = Program()
    parts = Sparse({0: program.number(2.0)}), Sparse({monomials.unit(0): program.number(1.0)})
    return Series(lambda k: parts[k], stop=1)


def coefficients(series: Series, order: int) -> list[float]:
    """The numbers of a series in one variable."""
    found = []
    for k in range(order + 1):
        part = series.part(k)
        found.append(0.0 if part is None else part.terms[k].constant)  # type: ignore[union-attr]
    return found


def test_products_are_exact_in_whole_numbers(x: Series) -> None:
    assert coefficients(x * x, 3) == [4, 4, 1, 0]
    assert coefficients(x * x * x, 4) == [8, 12, 6, 1, 0]
    assert coefficients(1 - x * x, 2) == [-3, -4, -1]


def test_a_reciprocal_and_an_exponential(x: Series) -> None:
    assert coefficients(reciprocal(x), 3) == [0.5, -0.25, 0.125, -0.0625]
    value = float(lax.exp(2.0))
    assert coefficients(exponential(x), 3) == pytest.approx([value, value, value / 2, value / 6], rel=1e-6)


def test_a_knot_may_ask_for_its_own_lower_degrees(x: Series) -> None:
    tangent = knot(lambda: x.value.call("tan", jnp.tan), lambda v: lambda k: integral(x, 1 + v * v, k))
    t = float(jnp.tan(2.0))
    assert coefficients(tangent, 2) == pytest.approx([t, 1 + t * t, t * (1 + t * t)], rel=1e-5)


def test_what_rests_on_itself_is_refused(x: Series) -> None:
    circular = Series(lambda k: circular.part(k))
    with pytest.raises(Circular, match="degree 1 of a series rests on itself"):
        circular.part(1)
    before = Series.circles
    assert circular.peek(1) is None
    assert Series.circles == before + 1


def test_each_degree_is_computed_once(x: Series) -> None:
    asked: list[int] = []

    def degree(k: int) -> Sparse | None:
        asked.append(k)
        return x.part(k)  # type: ignore[return-value]

    counted = Series(degree)
    convolve(counted, counted, 2)
    convolve(counted, counted, 2)
    assert sorted(asked) == [0, 1, 2]


def test_degrees_that_cannot_matter_are_not_asked_for(x: Series) -> None:
    """E u begins at degree 1: degree k of a product with it needs the other factor below k alone."""
    asked: list[int] = []

    def degree(k: int) -> Sparse | None:
        asked.append(k)
        return x.part(k)  # type: ignore[return-value]

    convolve(x.euler, Series(degree), 3)
    assert max(asked, default=0) < 3


def test_codes_of_products_add() -> None:
    for row, found in zip(monomials.codes(3, 3), monomials.pairs(3, 1, 2), strict=True):
        assert {monomials.codes(3, 1)[i] + monomials.codes(3, 2)[j] for i, j in found} == {row}
    first, second = monomials.padded_pairs(3, 1, 2)
    assert first.shape == second.shape == (3, 10)
