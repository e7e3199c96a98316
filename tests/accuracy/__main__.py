"""`python -m tests.accuracy`: the measured c of each function, and how errors compare with nested's, as a table."""

from collections.abc import Callable

import numpy as np

from tests.accuracy import measure, several, test_several
from tests.accuracy.elementary import TABLE
from tests.accuracy.measure import ORDER, REFERENCE, SINGLE_ORDER

COLUMNS = (
    "function",
    f"c, double, order {ORDER}",
    f"c, single, order {SINGLE_ORDER}",
    "named c",
    f"error by {REFERENCE}'s, median",
)


def main() -> None:
    print(f"| {' | '.join(COLUMNS)} |", "|---" * len(COLUMNS) + "|", sep="\n")
    for name, entry in TABLE.items():
        double, single = (
            _attempt(lambda name=name, dtype=dtype, order=order: measure.errors_in_units(name, dtype, order).max())
            for dtype, order in ((np.float64, ORDER), (np.float32, SINGLE_ORDER))
        )
        ratio = _attempt(lambda name=name: np.median(measure.ratios(name)))
        print(f"| {name} | {double} | {single} | {entry.c} | {ratio} |", flush=True)
    for name, entry in several.TABLE.items():
        worst = _attempt(lambda name=name: test_several.units_of(name, test_several.computed(name)).max())
        print(f"| {name} (order {several.ORDER}) | {worst} | | {entry.c} | |", flush=True)
    ratios = _attempt(lambda: np.median(np.concatenate([measure.ratios(name).ravel() for name in TABLE])))
    print(f"\nMedian of the ratios over all functions, points and degrees: {ratios}")


def _attempt(measured: Callable[[], float]) -> str:
    """The number, or what stood in its way: one function that fails hides no other."""
    try:
        return f"{measured():.3g}"
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:80]}"


if __name__ == "__main__":
    main()
