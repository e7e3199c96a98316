"""The figure of growth: both modes, their laws, their last numbers."""

import numpy as np
import pytest

from taylorkit.plotting.figure import draw
from taylorkit.plotting.growth import law
from tests.plotting.tables import NESTED, ORDERS, SERIES, growth


def test_both_modes_with_their_laws() -> None:
    axes = draw(growth(), {"kind": "growth"}).axes[0]
    assert axes.get_yscale() == "log"
    for line, counts in zip(axes.lines, (NESTED, SERIES), strict=True):
        np.testing.assert_array_equal(line.get_ydata(), counts)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        "nested grad: ×2.8 an order",
        "Taylor mode: $4n^2 + 18n + 8$ from order 1",
    ]
    assert [text.get_text() for text in axes.texts] == ["14\u202f446", "408"]


def test_the_title_has_the_formula() -> None:
    text = draw(growth(), {"kind": "growth"})._suptitle.get_text()
    assert text == r"The size of the computation:  $t(x) = \tanh\frac{x}{2}$"
    assert draw(growth(), {"kind": "growth", "title": "Mine"})._suptitle.get_text() == "Mine"


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        (3.0 ** np.arange(9), "×3 an order"),
        (5.0 * np.arange(9) ** 2 + 1, "$5n^2 + 1$ from order 1"),
        (12.0 * np.arange(9) + 7, "$12n + 7$ from order 1"),
        (np.full(9, 4.0), "$4$ from order 1"),
        (3.0 * np.arange(9) ** 2 - 2 * np.arange(9) + 9, "$3n^2 - 2n + 9$ from order 1"),
        (np.zeros(9), ""),
    ],
    ids=["exponential", "quadratic", "linear", "constant", "signs", "nothing"],
)
def test_laws(counts: np.ndarray, words: str) -> None:
    assert law(ORDERS, counts) == words


def test_a_law_that_is_nearly_met_says_so() -> None:
    wobbly = 4.0 * ORDERS**2 + 18 * ORDERS + 8 + (-1.0) ** ORDERS
    assert law(ORDERS, wobbly).startswith(r"$\approx 4n^2 + 18n")


def test_few_orders_have_no_law() -> None:
    assert law(ORDERS[:4], NESTED[:4]) == ""
    assert law(ORDERS[:5], NESTED[:5]) != ""
