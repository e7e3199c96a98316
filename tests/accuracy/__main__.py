"""`python -m tests.accuracy [FUNCTION …]`: the measured c of each function, and its errors by nested's, as a table."""

import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tests.accuracy import measure, several, test_several
from tests.accuracy.elementary import TABLE
from tests.accuracy.measure import ORDERS, REFERENCE

COLUMNS = (
    "function",
    "order",
    *(f"c, {np.dtype(dtype).name}, to order {order}" for dtype, order in ORDERS.items()),
    "named c",
    f"error by {REFERENCE}'s, median",
)


def main(names: Sequence[str]) -> None:
    """All functions, or the named ones."""
    _row(*COLUMNS)
    print("|---" * len(COLUMNS) + "|")
    ratios: list[np.ndarray] = []
    for name, entry in _chosen(TABLE, names):
        worst = [_attempt(lambda n=name, d=dtype: measure.errors_in_units(n, d).max()) for dtype in ORDERS]
        ratio = _attempt(lambda n=name: _median(ratios, measure.ratios(n)))
        _row(name, entry.order, *worst, entry.c, ratio)
    for name, several_entry in _chosen(several.TABLE, names):
        high = _attempt(lambda n=name: test_several.units_of(n, test_several.computed(n)).max())
        _row(name, several_entry.order, high, "", several_entry.c, "")
    if ratios:
        print(f"\nMedian of the ratios over functions, points and degrees: {np.median(np.concatenate(ratios)):.3g}")


def _row(*cells: object) -> None:
    print(f"| {' | '.join(map(str, cells))} |", flush=True)


def _chosen(table: dict[str, Any], names: Sequence[str]) -> list[tuple[str, Any]]:
    return [(name, entry) for name, entry in table.items() if not names or name in names]


def _median(seen: list[np.ndarray], ratios: np.ndarray) -> float:
    seen.append(ratios.ravel())
    return float(np.median(ratios))


def _attempt(measured: Callable[[], float]) -> str:
    """The number, or what stood in its way: one function that fails hides no other."""
    try:
        return f"{measured():.3g}"
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:80]}"


if __name__ == "__main__":
    main(sys.argv[1:])
