"""Every family of functions in both forms of series, beside nested derivatives."""

from typing import Any

import pytest

from tests.series import compare, families
from tests.series.compare import Table

# So many functions are compiled together: compilers slow down with the length of what they are given.
TOGETHER = 16


def chunks(tables: dict[str, Table]) -> dict[str, Table]:
    """Tables of functions of a few variables, none of them long."""
    return {
        f"{family}-{start // TOGETHER}": dict(list(table.items())[start : start + TOGETHER])
        for family, table in tables.items()
        for start in range(0, len(table), TOGETHER)
    }


PLANE, LINE = chunks(families.ON_THE_PLANE), chunks(families.ON_THE_LINE)


@pytest.mark.parametrize("chunk", PLANE)
def test_equals_nested_in_two_variables(chunk: str) -> None:
    assert far_off(PLANE[chunk], families.PLANE, 2) == {}


@pytest.mark.parametrize("chunk", LINE)
def test_equals_nested_in_one_variable(chunk: str) -> None:
    assert far_off(LINE[chunk], families.LINE, 3) == {}


def far_off(table: Table, points: Any, order: int) -> dict[tuple[str, str], float]:
    """What is not as close as rounding allows, by form and name."""
    composed = {name: lambda x, f=f: f(families.three(x)) for name, f in table.items()}
    found = compare.differences(composed, points, order, compare.QUICK)
    return {which: d for which, d in found.items() if d > compare.ROUNDING}
