"""Functions whose high derivatives lose digits at some points, here as in JAX: preflight names them."""

from collections.abc import Iterator

from taylorkit.rewriting import equations, source_line
from taylorkit.series.origins import name_of
from taylorkit.trace import Traced

LIMITS = {
    "_dawsn": "dawsn(x) loses digits of its derivatives for |x| above 5: half of them at order 4 and x = 12",
    "regularized_incomplete_beta": "betainc loses digits of high derivatives near 0 and 1: at order 6, 0.01 it keeps 7",
}


def warnings(traced: Traced) -> Iterator[str]:
    """A sentence for each of them in f."""
    for equation in equations(traced.jaxpr.jaxpr):
        words = LIMITS.get(name_of(equation) or equation.primitive.name)
        if words:
            yield f"{words} ({source_line(equation) or 'a line that JAX does not tell'})"
