"""What a page carries to be explored: the artifact's own numbers, within bounds."""

import base64
import json
from math import prod
from typing import Any

import numpy as np
import pytest

from taylorkit.nearest import Centers
from taylorkit.plotting import Source
from taylorkit.polynomial import TaylorPolynomial
from taylorkit.report.explore import bounds, explorer
from taylorkit.report.explore.bounds import strides
from tests.plotting import synthetic


def numbers(text: str, dtype: str = "<f8") -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), dtype)


def centers(data: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    rows = numbers(data["centers"]["rows"]).reshape(-1, len(data["variables"]))
    return rows, numbers(data["centers"]["coefficients"]).reshape(len(rows), data["outputs"], -1)


def sums(data: dict[str, Any], evaluation: dict[str, Any], output: int = 0) -> np.ndarray:
    """T_0 … T_n at the points of an evaluation over x and y, of what the page carries alone."""
    rows, coefficients = centers(data)
    places = np.meshgrid(*(numbers(c) for c in evaluation["coordinates"]), indexing="ij")
    points = np.stack([p.ravel() for p in places], axis=1)
    nearest = evaluation["nearest"]
    which = numbers(nearest, "<i4") if nearest else np.full(len(points), evaluation["own"])
    made = [
        TaylorPolynomial(rows[c], coefficients[c, output]).partial_sums(points[which == c]) for c in np.unique(which)
    ]
    whole = np.empty((data["order"] + 1, len(points)))
    for c, values in zip(np.unique(which), made, strict=True):
        whole[:, which == c] = values
    return whole


@pytest.fixture(scope="module")
def plane() -> Source:
    return synthetic.plane(synthetic.cubic((12, 10), grid_points=5))


def test_what_is_carried_is_what_is_stored(plane: Source) -> None:
    data = explorer(plane)
    assert data is not None
    assert [e["name"] for e in data["evaluations"]] == ["map", "atlas"], "scattered points are no map"
    assert data["letter"] == "g" and data["centers"]["count"] == 25
    for evaluation in data["evaluations"]:
        stored = plane.evaluations[evaluation["name"]]
        np.testing.assert_array_equal(numbers(evaluation["truth"]), stored["truth"].values.ravel())
        np.testing.assert_array_equal(numbers(evaluation["max_error"]), stored["max_error"].values)
        expected = stored["approximation"].values.reshape(4, -1)
        np.testing.assert_allclose(sums(data, evaluation), expected, atol=1e-12)


def test_a_page_says_the_same_twice_and_as_json(plane: Source) -> None:
    assert json.dumps(explorer(plane)) == json.dumps(explorer(plane))


def test_outputs_are_kept_apart() -> None:
    data = explorer(synthetic.vector())
    assert data is not None and data["outputs"] == data["all_outputs"] == 2
    first, second = numbers(data["evaluations"][0]["truth"]).reshape(2, -1)
    np.testing.assert_array_equal(second, 2 * first)
    _, coefficients = centers(data)
    np.testing.assert_allclose(coefficients[:, 1], 2 * coefficients[:, 0])


def test_what_cannot_be_shown_is_left_out(plane: Source) -> None:
    points = {"points": plane.evaluations["points"]}
    assert explorer(Source(plane.root, points)) is None
    assert explorer(Source(plane.root)) is None
    assert explorer(synthetic.four()) is None
    assert explorer(synthetic.other()) is None


def test_axes_of_one_point_are_held(plane: Source) -> None:
    row = {"row": plane.evaluations["map"].isel(y=[3])}
    data = explorer(Source(plane.root, row))
    assert data is not None
    (evaluation,) = data["evaluations"]
    assert evaluation["axes"] == ["x"] and evaluation["fixed"] == {"y": float(row["row"]["y"][0])}
    np.testing.assert_array_equal(numbers(evaluation["truth"]), row["row"]["truth"].values.ravel())


def test_an_axis_that_falls_is_turned(plane: Source) -> None:
    turned = {"map": plane.evaluations["map"].isel(x=slice(None, None, -1))}
    data, expected = explorer(Source(plane.root, turned)), explorer(plane)
    assert data is not None and expected is not None
    assert data["evaluations"][0]["truth"] == expected["evaluations"][0]["truth"]


def test_beyond_its_bounds_a_page_carries_every_so_manieth(plane: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("taylorkit.report.explore.evaluations.MOST_NUMBERS", 2 * 60)
    monkeypatch.setattr("taylorkit.report.explore.behind.MOST_COEFFICIENTS", 10 * 9)
    data = explorer(plane)
    assert data is not None
    _, atlas = data["evaluations"]
    assert atlas["points"] <= 60 < atlas["all_points"] and not atlas["as_stored"]
    assert [pick["length"] for pick in data["centers"]["picks"]] == [3, 3] and data["centers"]["count"] == 25
    rows, _ = centers(data)
    places = np.meshgrid(*(numbers(c) for c in atlas["coordinates"]), indexing="ij")
    points = np.stack([p.ravel() for p in places], axis=1)
    nearest = Centers(rows[:9]).nearest(points)
    np.testing.assert_array_equal(numbers(atlas["nearest"], "<i4"), nearest)


def test_an_atlas_too_large_to_read_leaves_single_centres(plane: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("taylorkit.report.explore.behind.MOST_READ", 1000)
    data = explorer(plane)
    assert data is not None and data["centers"]["picks"] == []
    (evaluation,) = data["evaluations"]
    assert evaluation["name"] == "map" and evaluation["own"] == 0
    expected = plane.evaluations["map"]["approximation"].values.reshape(4, -1)
    np.testing.assert_allclose(sums(data, evaluation), expected, atol=1e-12)


def test_a_centre_of_no_grid_points_is_unknown(plane: Source) -> None:
    atlas = plane.evaluations["atlas"]
    lost = atlas.assign(center_index=atlas["center_index"].copy(data=np.full(atlas["center_index"].shape, 10**12)))
    data = explorer(Source(plane.root, {"atlas": lost}))
    assert data is not None
    assert set(numbers(data["evaluations"][0]["nearest"], "<i4")) == {-1}


@pytest.mark.parametrize("shape", [(1,), (7,), (10**6,), (3, 1000), (400, 300)])
def test_strides_leave_no_more_than_asked_for(shape: tuple[int, ...]) -> None:
    steps = strides(shape, 500)
    left = prod(len(range(0, n, s)) for n, s in zip(shape, steps, strict=True))
    assert min(500, prod(shape)) / 4 <= left <= 500
    assert set(strides(shape, 10**6)) == {1}


def test_the_bounds_leave_room_for_figures() -> None:
    eight = 8 * 4 / 3
    assert eight * (bounds.MOST_NUMBERS * 1.5 + bounds.MOST_COEFFICIENTS) < 2e6
