"""Generated compositions of functions with rules of their own, a few of those of `compositions`.

Those that are quick, and without callbacks: operation by operation, these may wait for themselves (see there).
"""

import pytest

from tests.faults import compositions


@pytest.mark.parametrize("seed", [9, 14, 17, 18, 24, 26, 28, 30, 32, 36, 42, 48])
def test_fault_W3_R26_compositions(seed: int) -> None:
    agree, _, wrong = compositions.compare(seed)
    assert not wrong and agree >= 3  # `series` in both forms, and what `auto` takes
