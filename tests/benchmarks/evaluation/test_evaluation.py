"""That everybody approximates the same function, and that rows become tables and a plot: times are not looked at."""

from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks.evaluation import draw, markdown
from tests.benchmarks.evaluation.measure import in_turn, quartiles
from tests.benchmarks.evaluation.stencils import stencil
from tests.benchmarks.evaluation.surfaces import CONTESTANTS, fitted

TOLERANCE = 1e-3


@pytest.mark.parametrize("who", CONTESTANTS)
def test_the_smallest_that_is_good_enough(who: str, rng: np.random.Generator) -> None:
    found = fitted(who, *rng.uniform(-2, 2, (2, 50)), TOLERANCE)
    assert 0 < found.error <= TOLERANCE and found.nbytes >= 8 * found.side**2


def test_operations_of_a_stencil() -> None:
    operations, call = stencil(2, 3, 64)
    assert call().shape == (16, 64) and operations == 2 * 10 * 64 * 16


def test_in_turn() -> None:
    calls: list[str] = []
    seconds = in_turn({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, 2)
    assert calls == ["a", "b"] * 3 and all(times.shape == (2,) for times in seconds.values())


def test_tables_and_plot(tmp_path: Path) -> None:
    surface = {"group": "surface", "who": "atlas", "side": 3, "bytes": 5_000, "error": 1e-7, "tolerance": 1e-6}
    surface |= {"points": 1000, "seconds": 1e-4, "ratio": quartiles(np.array([1.0, 2.0, 3.0]))}
    product = {"group": "stencil", "variables": 2, "order": 6, "terms": 28, "gflops": 20.0, "peak_gflops": 50.0}
    rows = [surface, product | {"share": [0.3, 0.4, 0.5]}]
    text = markdown(rows)
    assert "| atlas | 3 | 5 | 1.0e-07 | 10 | 2 (1.5–2.5) |" in text
    assert "| D = 2, order 6 | 28 | 20 | 50 | 0.4 (0.3–0.5) |" in text
    assert [path.exists() for path in draw(rows, tmp_path)] == [True] and draw(rows[1:], tmp_path) == []
