"""Generated compositions of functions with rules of their own, a few of those of `compositions`."""

import pytest

from tests.faults import compositions


@pytest.mark.parametrize("seed", [4, 8, 10, 14, 16, 17, 22, 23, 28, 34, 40, 46])
def test_fault_W3_R26_compositions(seed: int) -> None:
    agree, _, wrong = compositions.compare(seed)
    assert not wrong and agree >= 3  # `series` in both forms, and what `auto` takes
