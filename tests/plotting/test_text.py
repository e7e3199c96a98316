"""Numbers and names as a reader writes them."""

import numpy as np
import pytest

from taylorkit.plotting import logarithm, select, text

NUMBERS = {
    "13": 13,
    "0.4621": 0.46211717,
    "1.5·10⁻⁷": 1.5e-7,
    "10⁻⁵": 1e-5,
    "−10²⁰": -1e20,
    "2·10⁶": 2e6,
    "−3": -3.0,
    "0": 0.0,
    "∞": np.inf,
    "−∞": -np.inf,
    "–": np.nan,
    "200\u202f000": 200_000,
}


@pytest.mark.parametrize(("words", "value"), NUMBERS.items())
def test_numbers(words: str, value: float) -> None:
    assert text.number(value) == words


def test_no_number() -> None:
    assert text.number(None) == "–"


@pytest.mark.parametrize(
    ("variable", "latex"),
    [("x", "x"), ("x1", "x_{1}"), ("x_12", "x_{12}"), ("theta", "\\theta"), ("rate_1", "\\mathrm{rate\\_1}")],
)
def test_variables_can_be_set(variable: str, latex: str) -> None:
    assert text.name(variable) == latex
    assert text.math(latex)


@pytest.mark.parametrize(
    ("variable", "word"), [("x", "x"), ("x_12", "x₁₂"), ("theta", "θ"), ("lambda2", "λ₂"), ("rate", "rate")]
)
def test_variables_as_words(variable: str, word: str) -> None:
    assert text.word(variable) == word


@pytest.mark.parametrize("letter", sorted(text.GREEK))
def test_every_greek_letter_is_one(letter: str) -> None:
    assert "α" <= text.word(letter) <= "ω"


def test_of_many_variables_the_first_and_the_last_are_listed() -> None:
    six, ten = ({f"x{i}": float(i) for i in range(n)} for n in (6, 10))
    assert text.point(six).endswith("(0, 1, 2, 3, 4, 5)")
    assert text.point(ten) == r"$(x_{0}, x_{1}, \ldots, x_{9})$ = (0, 1, …, 9)"
    assert text.definition({}, ten) == [r"$f(x_{0}, x_{1}, \ldots, x_{9})$"] * 2


def test_latex_that_cannot_be_set_is_none() -> None:
    assert text.math(r"\frac{1 - e^{-x}}{1 + e^{-x}}")
    assert [text.math(bad) for bad in ("", r"\begin{x}", "a$b", "{")] == [None] * 4


def test_derivatives_have_primes_then_numbers() -> None:
    assert [text.derivative("f", k) for k in range(5)] == ["f", "f'", "f''", "f'''", "f^{(4)}"]


def test_degrees_are_spread_from_first_to_order() -> None:
    assert select.spread(3, 4) == [0, 1, 2, 3]
    chosen = select.spread(20, 6, first=1)
    assert chosen[0] == 1 and chosen[-1] == 20 and len(chosen) <= 6


@pytest.mark.parametrize("errors", [[0.0, 0.0], [np.nan, np.nan], [1e-30, 0.0], [np.inf, 1e5]])
def test_every_error_has_a_scale(errors: list[float]) -> None:
    scale = logarithm.scale(np.array(errors), np.array([1.0, -2.0]))
    assert 0 < scale.floor < scale.ceiling < np.inf
    drawn = scale.clip(np.array(errors))
    assert (drawn[np.isfinite(drawn)] >= scale.floor).all()


def test_zero_is_drawn_far_from_what_is_not() -> None:
    scale = logarithm.scale(np.array([36.0, 36.0, 0.0]), np.array([36.0]))
    assert scale.floor < 1e-13 and scale.ceiling == 100
    assert "zero too" in scale.words(np.array([0.0]), "gap")


def test_single_precision_has_a_higher_floor() -> None:
    errors = np.array([1e-12, 1.0])
    double, single = (logarithm.scale(errors, np.ones(2, kind)).floor for kind in (np.float64, np.float32))
    assert double == 1e-12 and single == 1e-7
