"""MathML: formulas come through, anything else becomes text."""

import pytest

from taylorkit.report.formula import mathml


@pytest.mark.parametrize(
    "latex",
    [
        r"\sin x + \cos x",
        r"\frac{1 - e^{-x}}{1 + e^{-x}}",
        r"\sum_{i=1}^{n} x_i^2",
        r"\sqrt{x}",
        r"\left( a < b \right)",
    ],
)
def test_formulas_become_mathml(latex: str) -> None:
    made = mathml(latex)
    assert made.startswith("<math") and made.endswith("</math>") and "\\" not in made


@pytest.mark.parametrize(
    "latex",
    [
        r"\text{<script>alert(1)</script>}",
        r"\text{<img src=x onerror=alert(1)>}",
        r"\text{<mi onclick='alert(1)'>x</mi>}",
        r"\href{javascript:alert(1)}{x}",
        r"\text{<![CDATA[<script>]]>}",
        r"<script>alert(1)</script>",
        r"\begin{x",
        "{",
        "x" * 5000,
    ],
)
def test_what_is_no_formula_is_escaped(latex: str) -> None:
    made = mathml(latex)
    for hostile in ("<script", "<img", "onclick='", "href=", "CDATA[<"):
        assert hostile not in made


def test_a_formula_that_does_not_parse_is_shown_as_it_is() -> None:
    assert mathml(r"\begin{x") == r'<code class="latex">\begin{x</code>'
