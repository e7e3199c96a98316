"""Grids, and the blocks that they are cut into."""

import numpy as np
import pytest

from taylorkit import grid
from taylorkit.errors import SpecError
from taylorkit.grid import Grid, block_shape, blocks

X, Y, Z = np.array([0.0, 1.0, 2.0]), np.array([5.0, 6.0]), np.array([9.0])
GRIDS = {
    "line": Grid(("x",), (X,)),
    "plane": Grid(("x", "y"), (X, Y)),
    "space": Grid(("x", "y", "z"), (X, Y, np.array([7.0, 8.0, 9.0, 10.0]))),
    "slice": Grid(("x", "y", "z"), (X, Z, Y), fixed=(1,)),
    "alone": Grid(("x", "y"), (Z, Z)),
    "scattered": Grid(("x", "y"), scattered=np.array([[1.0, 2.0], [3.0, 4.0], [0.0, 0.0]])),
}


def test_rows_are_in_c_order() -> None:
    expected = [[0, 5], [0, 6], [1, 5], [1, 6], [2, 5], [2, 6]]
    np.testing.assert_array_equal(GRIDS["plane"].rows(), expected)


def test_a_fixed_axis_has_a_value_but_no_dimension() -> None:
    points = GRIDS["slice"]
    assert (points.dims, points.shape, points.size) == (("x", "z"), (3, 2), 6)
    assert set(points.coordinates()) == {"x", "z"}
    np.testing.assert_array_equal(points.rows()[:, 1], 9.0)
    np.testing.assert_array_equal(points.rows((slice(1, 2), slice(0, 2))), [[1, 9, 5], [1, 9, 6]])


def test_scattered_points_have_one_dimension() -> None:
    points = GRIDS["scattered"]
    assert (points.dims, points.shape) == (("point",), (3,))
    assert {name: dims for name, (dims, _) in points.coordinates().items()} == {"x": ("point",), "y": ("point",)}
    np.testing.assert_array_equal(points.rows((slice(1, 3),)), [[3, 4], [0, 0]])


@pytest.mark.parametrize("points", GRIDS.values(), ids=GRIDS)
def test_row_and_nearest_agree_with_rows(points: Grid) -> None:
    rows = points.rows()
    assert len(rows) == points.size
    for index, row in enumerate(rows):
        np.testing.assert_array_equal(points.row(index), row)
        assert points.nearest(row + 0.1) == index
    low, high = points.extent()
    np.testing.assert_array_equal([low, high], [rows.min(axis=0), rows.max(axis=0)])


@pytest.mark.parametrize("points", GRIDS.values(), ids=GRIDS)
@pytest.mark.parametrize("room", [1, 2, 3, 5, 100])
def test_blocks_cover_each_point_once_in_whole_shards(points: Grid, room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid, "BLOCK_BYTES", 8 * room)
    cut = block_shape(points.shape, 8)
    times = np.zeros(points.shape, int)
    rows = []
    for block in blocks(points.shape, cut):
        times[block.region] += 1
        rows += points.rows(block.region).tolist()
        assert block.points == len(points.rows(block.region)) <= max(1, room)
        for region, length, n in zip(block.region, cut, points.shape, strict=True):
            assert region.start % length == 0
            assert region.stop in (region.start + length, n)
    assert (times == 1).all()
    assert sorted(rows) == sorted(points.rows().tolist())


@pytest.mark.parametrize(
    ("shape", "bytes_a_point", "cut"),
    [
        ((1000, 1000), 2**24 // 100, (1, 100)),
        ((1000, 1000), 2**24 // 4500, (4, 1000)),
        ((10, 10), 8, (10, 10)),
        ((10, 10), 2**30, (1, 1)),
        ((), 8, ()),
        ((3, 2, 2), 2**24 // 5, (1, 2, 2)),
    ],
)
def test_blocks_are_slabs_of_whole_trailing_axes(
    shape: tuple[int, ...], bytes_a_point: int, cut: tuple[int, ...]
) -> None:
    assert block_shape(shape, bytes_a_point) == cut


def test_a_grid_without_dimensions_is_one_block() -> None:
    (block,) = blocks((), ())
    assert (block.name, block.points, block.region) == ("", 1, ())


@pytest.mark.parametrize(
    ("axes", "said"),
    [((X, np.array([])), r"^y: has no points; give at least one"), ((X, np.array([1, np.nan])), r"^y = nan: must be")],
)
def test_points_must_be_there_and_finite(axes: tuple[np.ndarray, ...], said: str) -> None:
    with pytest.raises(SpecError, match=said):
        Grid(("x", "y"), axes)
