"""Every family of functions in both forms of series, beside nested derivatives."""

import pytest

from tests.series import families
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


# Half of what moves numbers is tried in two variables, half in one; `python -m tests.series.families` tries all in
# both, and everything on the line at order 3.
PLANE = chunks({name: dict(list(table.items())[::2]) for name, table in families.ON_THE_PLANE.items()})
MOVED = chunks({name: dict(list(table.items())[1::2]) for name, table in families.ON_THE_PLANE.items()})
LINE = chunks(families.ON_THE_LINE)


@pytest.mark.parametrize("chunk", PLANE)
def test_equals_nested_in_two_variables(chunk: str) -> None:
    assert families.far_off(PLANE[chunk], families.PLANE, 2) == {}


@pytest.mark.parametrize("chunk", MOVED)
def test_equals_nested_in_one_variable_at_order_2(chunk: str) -> None:
    assert families.far_off(MOVED[chunk], families.LINE, 2) == {}


@pytest.mark.parametrize("chunk", LINE)
def test_equals_nested_in_one_variable(chunk: str) -> None:
    order = 3 if chunk.startswith("special") else 2
    assert families.far_off(LINE[chunk], families.LINE, order) == {}
