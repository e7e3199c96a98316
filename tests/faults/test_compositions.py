"""Generated compositions of functions with rules of their own, a few of those of `compositions`."""

import numpy as np
import pytest

from tests.faults import compositions
from tests.faults.composed import program

# Quick ones, one of them with static arguments; without callbacks, which may wait for themselves (see there).
SEEDS = (6, 48, 1, 15)


@pytest.mark.parametrize("seed", SEEDS)
def test_fault_W3_R26_compositions(seed: int) -> None:
    given = program(seed)
    right = compositions.expected(given)
    verdicts = {method: compositions.verdict(given, method, right) for method in compositions.METHODS}
    assert {verdicts[method] for method in ("series", "auto")} == {"right"}, verdicts
    assert not any(text.startswith("WRONG") for text in verdicts.values()), verdicts


def test_the_seeds_are_of_all_kinds() -> None:
    made = [program(seed) for seed in SEEDS]
    assert not any(given.hosted for given in made)
    assert {given.backward for given in made} == {True, False}
    assert {given.points.shape[1] for given in made} == {1, 2}


def test_a_wrong_derivative_is_seen() -> None:
    given = program(SEEDS[0])
    wrong = compositions.expected(given).copy()
    wrong[2, 1] += 1e-8 * np.abs(wrong).max()
    assert compositions.verdict(given, "series", wrong).startswith("WRONG to order 4")
