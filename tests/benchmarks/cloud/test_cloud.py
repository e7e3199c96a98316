"""That everybody propagates the same cloud, and that rows become a table: times are not looked at."""

import numpy as np

from tests.benchmarks.cloud import markdown
from tests.benchmarks.cloud.measure import integrated


def test_tiles_and_one_call_give_the_same_states(rng: np.random.Generator) -> None:
    rows = rng.normal(size=(21, 3))
    whole, tiles = (integrated(lambda v: v[::-1] * 2, rows, together, 2)() for together in (21, 8))
    np.testing.assert_array_equal(whole, rows[:, ::-1] * 2)
    np.testing.assert_array_equal(tiles, whole)


def test_table() -> None:
    row = {"who": "map", "points": 1000, "order": 5, "expanding": 7.0, "seconds": 1e-3, "error": 1e-7}
    text = markdown([row | {"ratio": [2.0, 4.0, 5.0]}])
    assert "| map | 1 | 1 | 4 (2–5) | 1.0e-07 |" in text and markdown([]) == ""
