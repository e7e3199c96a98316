"""Words, numbers and formulas, for figures and pages alike. What an artifact says is data: none of it may break a
title."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any
from unicodedata import lookup

import numpy as np
from matplotlib.mathtext import MathTextParser

__all__ = [
    "about",
    "definition",
    "derivative",
    "listed",
    "math",
    "name",
    "number",
    "point",
    "power",
    "superscript",
    "symbol",
    "term",
    "text",
    "word",
]

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
MOST_LISTED, DOTS = 6, r"\ldots"
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
# fmt: off
GREEK = frozenset([
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi",
    "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
])
# fmt: on


def number(value: Any, digits: int = 4) -> str:
    """A number as a reader writes it: 13, 0.4621, 1.5·10⁻⁷, ∞; – where there is none."""
    if value is None or np.isnan(value):
        return "–"
    if np.isinf(value):
        return "∞" if value > 0 else "−∞"
    value = value + 0  # no sign of a zero
    if isinstance(value, int | np.integer):
        return f"{value:,}".replace(",", "\u202f").replace("-", "−")
    mantissa, _, exponent = f"{float(value):.{digits}g}".replace("-0e", "0e").partition("e")
    mantissa = mantissa.replace("-", "−")
    if not exponent:
        return mantissa
    tens = power(int(exponent))
    return {"1": tens, "−1": f"−{tens}"}.get(mantissa, f"{mantissa}·{tens}")


def power(exponent: int) -> str:
    """A power of ten: 10⁻⁷."""
    return "10" + superscript(str(exponent))


def superscript(digits: str) -> str:
    """Digits and minus, raised."""
    return digits.translate(SUPERSCRIPTS)


def math(latex: str) -> str | None:
    """`latex` as mathtext between dollars; None where Matplotlib cannot set it (it knows a part of LaTeX)."""
    if not latex.strip() or "$" in latex or not _sets(f"${latex}$"):
        return None
    return f"${latex}$"


def text(words: str) -> str:
    """Words that may hold $formulas$; taken literally where the formulas cannot be set."""
    return words if "$" not in words or _sets(words) else words.replace("$", r"\$")


@lru_cache(maxsize=256)
def _sets(words: str) -> bool:
    try:
        MathTextParser("path").parse(words)
    except (ValueError, RuntimeError):
        return False
    return True


def term(label: str) -> str:
    """`x^2 y` as x² y."""
    factors = (f.partition("^") for f in label.split(" "))
    return " ".join(stem + superscript(exponent) for stem, _, exponent in factors)


def name(variable: str) -> str:
    """A variable as LaTeX: x, x_{1}, v_{x}, \\theta, \\mathrm{rate}."""
    head, _, below = variable.partition("_")
    if len(head) == len(below) == 1:
        return f"{head}_{{{below}}}"
    stem, index = _indexed(variable)
    letter = stem if len(stem) == 1 else f"\\{stem}" if stem in GREEK else None
    if letter is None:
        return f"\\mathrm{{{variable.replace('_', chr(92) + '_')}}}"
    return f"{letter}_{{{index}}}" if index else letter


def _indexed(variable: str) -> tuple[str, str]:
    """x_1 and x1 as x and 1."""
    stem = variable.rstrip("0123456789").rstrip("_")
    return stem, variable[len(stem) :].lstrip("_")


def word(variable: str) -> str:
    """A variable as a plain word: x, x₁, θ, rate."""
    stem, index = _indexed(variable)
    # Unicode spells it so.
    letter = lookup(f"GREEK SMALL LETTER {stem.replace('lambda', 'lamda')}") if stem in GREEK else stem
    return letter + index.translate(SUBSCRIPTS)


def point(values: Mapping[str, float]) -> str:
    """`x = 0` or `(x, y) = (1, 2)`, with formulas for the names; the first and the last of many."""
    names = listed([name(v) for v in values], DOTS)
    numbers = listed([number(float(v), 4) for v in values.values()], "…")
    return f"${names}$ = {numbers}" if len(values) == 1 else f"$({names})$ = ({numbers})"


def listed(parts: Sequence[str], dots: str) -> str:
    """Parts with commas between them; of more than six the first two and the last, which a title has room for."""
    return ", ".join(parts if len(parts) <= MOST_LISTED else [*parts[:2], dots, parts[-1]])


def symbol(attrs: Mapping[str, Any]) -> str:
    """The function's letter, as LaTeX: what its signature has before the parenthesis, or f."""
    head = str(attrs.get("function", {}).get("signature_latex", "")).partition("(")[0].strip()
    return head if head and math(head) else "f"


def definition(attrs: Mapping[str, Any], variables: Iterable[str]) -> list[str]:
    """What to call the function, the fullest first: f(x) = formula, then f(x)."""
    signature = f"{symbol(attrs)}({listed([name(v) for v in variables], DOTS)})"
    full = math(f"{signature} = {attrs.get('function', {}).get('latex') or ''}".rstrip(" ="))
    return [s for s in (full, f"${signature}$") if s]


def derivative(letter: str, degree: int) -> str:
    """f, f', f'', f''', then f^{(k)}, as LaTeX."""
    return letter + ("'" * degree if degree <= 3 else f"^{{({degree})}}")


def about(attrs: Mapping[str, Any]) -> str:
    """Where an evaluation's polynomials are centred, and where the variables that it does not vary are held."""
    atlas = attrs.get("source") == "atlas"
    place = "the nearest centre" if atlas else point(attrs.get("center", {}))
    fixed = attrs.get("fixed") or {}
    return f"about {place}" + (f", at {point(fixed)}" if fixed else "")
