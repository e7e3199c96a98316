"""How time grows with the number of variables and of points. (How it grows with the order is each problem's table.)

With D the output grows as P = C(D+n, n), so what is compared is the time of one output number.
"""

from collections.abc import Callable, Iterable, Sequence

from tests.benchmarks.markdown import figure, table
from tests.benchmarks.problem import POINTS
from tests.benchmarks.record import Row

# Title, whether a problem belongs to it, and the order at which its problems are compared.
SERIES: tuple[tuple[str, Callable[[Row], bool], int], ...] = (
    ("sin(Σ xᵢxⱼ) exp(−|x|²/2) + tanh(Σ i xᵢ)", lambda r: r.problem.startswith("kin-"), 4),
    ("network D → 64 → 64 → 1, tanh", lambda r: r.problem.startswith("mlp-tanh-"), 2),
    ("network D → 64 → 64 → 1, softplus", lambda r: r.problem.startswith("mlp-softplus-"), 2),
)


def report(rows: Iterable[Row]) -> str:
    """Both growths as tables."""
    ran = [row for row in rows if row.seconds is not None]
    return "\n\n".join(["### How it grows", *_with_variables(ran), *_with_points(ran), ""])


def number_seconds(row: Row) -> float:
    """Seconds for each number written."""
    return (row.seconds or 0.0) * _itemsize(row) / row.written_bytes


def point_seconds(row: Row) -> float:
    return (row.seconds or 0.0) / row.points


def across(
    rows: Sequence[Row], along: Callable[[Row], int], value: Callable[[Row], float]
) -> dict[str, dict[int, float]]:
    """By contestant, `value` at each place along an axis."""
    found: dict[str, dict[int, float]] = {}
    for row in rows:
        found.setdefault(row.contestant, {})[along(row)] = value(row)
    return found


def _with_variables(rows: Sequence[Row]) -> list[str]:
    tables = [
        (
            f"{title}, order {order}: nanoseconds for each number written",
            [r for r in rows if belongs(r) and r.order == order],
        )
        for title, belongs, order in SERIES
    ]
    return [
        f"{title}\n\n{_table(across(chosen, lambda r: r.variables, number_seconds), 'D = {:,}')}"
        for title, chosen in tables
        if chosen
    ]


def _with_points(rows: Sequence[Row]) -> list[str]:
    chosen = [row for row in rows if row.group == POINTS]
    if not chosen:
        return []
    title = f"{chosen[0].title}, order {chosen[0].order}: nanoseconds for each point"
    return [f"{title}\n\n{_table(across(chosen, lambda r: r.points, point_seconds), 'N = {:,}')}"]


def _table(found: dict[str, dict[int, float]], head: str) -> str:
    places = sorted({place for values in found.values() for place in values})
    lines = [[who, *(figure(values.get(place), 1e9) for place in places)] for who, values in found.items()]
    return table(["", *(head.format(place) for place in places)], lines)


def _itemsize(row: Row) -> int:
    return {"float64": 8, "float32": 4}[row.dtype]
