"""Taylor polynomials evaluated: an atlas beside SciPy's interpolators of the same accuracy, and stencils as products.

`measure(quick)` gives rows, `markdown(rows)` their tables, `draw(rows, folder)` the plot.
"""

from tests.benchmarks.evaluation.draw import draw
from tests.benchmarks.evaluation.measure import measure
from tests.benchmarks.evaluation.text import markdown

__all__ = ["draw", "markdown", "measure"]
