"""Truncated multivariate Taylor arithmetic: a jaxpr of f run on power series instead of numbers.

| module | |
|---|---|
| `symbols` | the program: a straight line of + and × over leaves, and its lowering to XLA |
| `monomials`, `parts` | homogeneous polynomials: sparse in symbols, dense in arrays |
| `algebra` | lazy series and the recurrences that all rules are made of |
| `registry`, `rules/`, `kinds` | one rule a primitive, how a kind of rule is applied |
| `general` | the rule of primitives that only have a JVP: by `euler` at once, by `slopes` a variable after the other |
| `identity`, `directions` | when two equations do the same; what a rule does with its directions |
| `forms`, `interpreter` | values as single numbers or whole arrays; one equation after the other |
"""

from taylorkit.series import rules
from taylorkit.series.interpreter import Run

__all__ = ["Run", "rules"]
