"""What a picture is told as: rows with the numbers that are drawn, whole labels, and an end to it."""

from typing import Any

import numpy as np
import pytest

from taylorkit.plotting import Source, draw
from taylorkit.plotting.moves import move
from taylorkit.plotting.text import number
from taylorkit.report.alt import LONGEST, alt
from tests.plotting import synthetic


def told(source: Source, **request: Any) -> str:
    return alt("A figure", draw(source, request))


@pytest.fixture(scope="module")
def atlas() -> Source:
    return synthetic.plane(synthetic.cubic((9, 8), 3))


def test_a_label_of_two_lines_is_one(atlas: Source) -> None:
    assert "expansion points where Tₖ holds out to r, of 9 from 0 to 1.02" in told(atlas, kind="trust_share")


def test_what_a_label_notes_is_no_name() -> None:
    """Zero has no place on the scale of errors: the label says so on a line of its own."""
    source = synthetic.waves(2)
    near = source.evaluations["near"].assign(error=source.evaluations["near"]["error"] * 0)
    words = told(Source(source.root, {"near": near}), kind="error_map")
    assert "|f − Tₖ| from " in words and "stands for" not in words


def test_terms_are_told_with_their_means(atlas: Source) -> None:
    """∂g/∂x = 2x + 2y and ∂g/∂y = 2x + 3y² at the nine points about (1, 2)."""
    words = told(atlas, kind="terms", degrees=[1])
    x, y = (atlas.root["derivatives"].sel(term=term).values.mean() for term in "xy")
    assert x == pytest.approx(6) and y == pytest.approx(16)
    assert "Rows (degree 1: all terms): y: 16; x: 6. " in words
    assert "Under it: ∂^α g / α! at 9 expansion points; the bar is their mean." in words


def test_terms_of_one_point_are_told() -> None:
    words = told(synthetic.cubic((3, 4)), kind="terms")
    assert "Rows (degree 1: all terms): y: 14; x: 6. Rows (degree 2: all terms): y²: 6; x y: 2; x²: 1." in words


def test_an_explained_change_is_told_term_by_term() -> None:
    source = synthetic.cubic((3, 4))
    made, _ = move(source, "points", 2, 0)
    words = told(source, kind="explain", evaluation="points", point=2)
    assert (
        f"change: +{number(made.change, 3)}. Rows (left unexplained: g − Tₖ): T₀: +{number(made.change, 3)};" in words
    )
    assert "Rows (change of g): y: +23.8; " in words


def test_of_many_rows_the_sums_are_told_all_the_same() -> None:
    words = told(synthetic.waves(25), kind="explain", point=3, largest=40)
    rows = words.partition("Rows (change of f): ")[2].partition(". Rows")[0].split("; ")
    assert [row.partition(":")[0] for row in rows[-2:]] == ["unexplained", "change"]
    assert len(rows) == 17 and rows[14] == "and 11 more"


def test_there_is_an_end_to_it() -> None:
    source = synthetic.waves(3)
    names = {f"a{'very' * 300}long_name": "x", f"another{'very' * 300}long_name": "x^2", "w" * 2000: "x^3"}
    words = told(Source(source.root.assign_attrs(names=names), source.evaluations), kind="explain", point=1)
    assert len(words) == LONGEST + 1 and words.endswith("…")


def test_rows_that_are_not_finite_are_told(atlas: Source) -> None:
    root = atlas.root.assign(derivatives=atlas.root["derivatives"] * np.nan)
    assert "x: –" in told(Source(root, atlas.evaluations), kind="terms", degrees=[1])
