"""Whether the series arithmetic works on single numbers or on arrays: what a program costs depends on it most."""

from taylorkit.differentiation import series
from taylorkit.trace import Traced, equations

# Arrays of at most so many numbers are taken apart into single numbers.
SMALL = 16


def kind(traced: Traced, order: int) -> str:
    """`scalars` or `arrays`, as method `series` decides it; else by the largest array in the program."""
    if decided := getattr(series, "kind", None):
        return str(decided(traced, order))
    variables = [v for e in equations(traced.jaxpr.jaxpr) for v in (*e.invars, *e.outvars)]
    largest = max((getattr(v.aval, "size", 0) for v in variables), default=0)
    return "scalars" if largest <= SMALL else "arrays"
