"""Figures over two axes: the stored fields, the right way round, with scale, contours and centres."""

import numpy as np
import pytest
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import LogNorm
from matplotlib.contour import ContourSet
from mpl_toolkits.mplot3d.art3d import Poly3DCollection

from taylorkit.errors import SpecError
from taylorkit.plotting import Source, default_figures, draw, select, sheets
from tests.plotting import synthetic


def mesh(axes: Axes) -> QuadMesh:
    return next(c for c in axes.collections if isinstance(c, QuadMesh))


def contours(axes: Axes) -> list[ContourSet]:
    return [c for c in axes.collections if isinstance(c, ContourSet)]


def dots(axes: Axes) -> np.ndarray:
    return np.stack([np.asarray(d) for d in axes.lines[-1].get_data()], axis=1)


def test_error_maps_are_the_stored_errors_on_one_log_scale(cubic: Source) -> None:
    figure = draw(cubic, {"kind": "error_map", "evaluation": "map"})
    panels, error = figure.axes[:4], cubic.evaluations["map"].error
    assert len({id(type(mesh(p).norm)) for p in panels}) == 1
    assert len({(mesh(p).norm.vmin, mesh(p).norm.vmax) for p in panels}) == 1
    for k, axes in enumerate(panels):
        drawn = mesh(axes)
        assert isinstance(drawn.norm, LogNorm)
        expected = np.maximum(error.sel(degree=k).transpose("y", "x"), drawn.norm.vmin)
        np.testing.assert_array_equal(drawn.get_array().reshape(expected.shape), expected)
        assert f"T_{{{k}}}" in axes.get_title() and "sampled max" in axes.get_title()


def test_contours_stand_at_powers_of_ten_and_not_in_rounding_noise(cubic: Source) -> None:
    *wrong, exact = draw(cubic, {"kind": "error_map", "evaluation": "map"}).axes[:4]
    for axes in wrong:
        (lines,) = contours(axes)
        assert np.array_equal(lines.levels, np.round(lines.levels)) and lines.labelTexts
    assert contours(exact) == []


def test_the_floor_is_said_with_zero(cubic: Source) -> None:
    bar = draw(cubic, {"kind": "error_map", "evaluation": "map"}).axes[-1]
    assert "zero too" in bar.get_ylabel()


def test_the_centre_and_the_axes_are_named(cubic: Source) -> None:
    figure = draw(cubic, {"kind": "error_map", "evaluation": "map"})
    np.testing.assert_array_equal(dots(figure.axes[0]), [[1, 2]])
    assert figure.axes[2].get_xlabel() == "$x$" and figure.axes[2].get_ylabel() == "$y$"
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["centre"]


def test_an_atlas_shows_its_centres(atlas: Source) -> None:
    axes = draw(atlas, {"kind": "error_map", "evaluation": "atlas", "degrees": [1]}).axes[0]
    expected = [(x, y) for x in atlas.root.x.values for y in atlas.root.y.values]
    np.testing.assert_allclose(dots(axes), expected)


def test_what_is_not_finite_is_grey_and_said(cubic: Source) -> None:
    error = cubic.evaluations["map"].error.copy(deep=True)
    error[:, 3, 4] = np.inf
    figure = draw(Source(cubic.root, {"map": cubic.evaluations["map"].assign(error=error)}), {"kind": "error_map"})
    assert np.ma.getmaskarray(mesh(figure.axes[0]).get_array()).sum() == 1
    assert "grey: not finite" in figure.axes[-1].get_ylabel()


def test_errors_along_a_line_are_floored_at_rounding(waves: Source) -> None:
    axes = draw(waves, {"kind": "error_map", "evaluation": "near", "degrees": [0, 10]}).axes[0]
    expected = waves.evaluations["near"].error.sel(degree=10).values
    drawn = axes.lines[1].get_ydata()
    assert axes.get_yscale() == "log" and drawn.min() == 1e-16
    np.testing.assert_array_equal(drawn, np.maximum(expected, 1e-16))


def test_errors_at_scattered_points(cubic: Source) -> None:
    axes = draw(cubic, {"kind": "error_map", "evaluation": "points", "degrees": [2]}).axes[0]
    error = cubic.evaluations["points"].error.sel(degree=2).values
    np.testing.assert_array_equal(axes.lines[0].get_ydata()[1:], error[1:])


def test_contour_panels_share_their_levels(cubic: Source) -> None:
    figure = draw(cubic, {"kind": "contours", "evaluation": "map", "degrees": [1, 2]})
    f, *others = (contours(axes)[0] for axes in figure.axes[:3])
    assert len(f.levels) > 5
    for other in others:
        np.testing.assert_array_equal(other.levels, f.levels)
    assert [axes.get_title() for axes in figure.axes[:3]] == ["$g$", "$T_{1}$", "$T_{2}$"]


def test_trust_radius_over_a_plane_is_a_map_a_degree(atlas: Source) -> None:
    figure = draw(atlas, {"kind": "trust_radius", "degrees": [1, 3]})
    drawn = mesh(figure.axes[1]).get_array()
    np.testing.assert_array_equal(drawn, atlas.root.trust_radius.sel(degree=3).transpose("y", "x"))
    assert "sampled" in figure.axes[-1].get_ylabel()


@pytest.fixture(scope="module")
def shuffled() -> tuple[Source, Source]:
    """A grid and a map with axes that ascend, and the same with them in any order and a value of y twice."""
    plain = synthetic.plane(synthetic.cubic((9, 8), 3), "map")

    def mixed(dataset: xr.Dataset) -> xr.Dataset:
        sizes = {v: np.arange(dataset.sizes[v]) for v in "xy"}
        return dataset.isel(x=np.roll(sizes["x"][::-1], 1), y=np.append(np.roll(sizes["y"], 1), 1))

    return plain, Source(mixed(plain.root), {name: mixed(plain.evaluations[name]) for name in ("map",)})


@pytest.mark.parametrize(
    ("kind", "request_"),
    [
        ("derivative_maps", {"terms": ["y", "x y", "y^2"]}),
        ("error_map", {"evaluation": "map"}),
        ("trust_radius", {}),
    ],
)
def test_cells_lie_where_their_points_do_whatever_the_order(
    shuffled: tuple[Source, Source], kind: str, request_: dict
) -> None:
    for axes, other in zip(*(draw(source, {"kind": kind, **request_}).axes for source in shuffled), strict=True):
        assert axes.get_title() == other.get_title()
        if not axes.get_title():
            continue
        np.testing.assert_array_equal(mesh(other).get_array(), mesh(axes).get_array())
        np.testing.assert_array_equal(mesh(other).get_coordinates(), mesh(axes).get_coordinates())


def test_contours_do_not_cross_themselves(shuffled: tuple[Source, Source]) -> None:
    a, b = (draw(source, {"kind": "contours", "evaluation": "map"}).axes[0].collections[0] for source in shuffled)
    for one, other in zip(a.get_paths(), b.get_paths(), strict=True):
        np.testing.assert_array_equal(one.vertices, other.vertices)


def test_a_surface_has_its_cells_between_neighbours(shuffled: tuple[Source, Source]) -> None:
    a, b = (draw(source, {"kind": "surface", "evaluation": "map"}).axes[0].collections[0] for source in shuffled)
    np.testing.assert_array_equal(a.get_facecolor(), b.get_facecolor())


def test_one_value_written_twice_is_no_axis() -> None:
    root = synthetic.cubic((5, 4), 3).root.isel(y=[1, 1])
    with pytest.raises(SpecError, match="its axes with 2 values or more are x"):
        draw(Source(root), {"kind": "derivative_maps"})
    assert [request["kind"] for request in default_figures(Source(root))] == []


def test_a_surface_holds_every_cell_and_its_polynomial_over_it(cubic: Source) -> None:
    def polygons(**more: object) -> int:
        (axes,) = draw(cubic, {"kind": "surface", "evaluation": "map", **more}).axes
        (sheet,) = (c for c in axes.collections if isinstance(c, Poly3DCollection))
        return len(sheet.get_facecolor())

    alone, over = polygons(), polygons(degree=1)
    assert alone == 49 * 39
    assert over > 1.5 * alone
    # T₃ is f: no cell is cut, though rounding may put either above the other.
    assert polygons(degree=3) >= 2 * alone


def test_a_surface_names_its_axes_and_marks_the_centre(cubic: Source) -> None:
    figure = draw(cubic, {"kind": "surface", "evaluation": "map", "degree": 2, "view": [10, 20]})
    (axes,) = figure.axes
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_zlabel()) == ("$x$", "$y$", "$g$")
    assert [float(v[0]) for v in axes.lines[-1].get_data_3d()] == pytest.approx([1, 2, 13])
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["$g$", "$T_{2}$", "centre"]
    assert (axes.elev, axes.azim) == (10, 20)


def test_sheets_are_cut_where_they_cross() -> None:
    dataset = synthetic.cubic((4, 3)).evaluations["map"]
    over = select.axes(dataset)
    x, y = (dataset[a].values for a in over)
    flat = sheets.cells(dataset, over, np.zeros((4, 3)))
    tilted = sheets.cells(dataset, over, np.add.outer(x, 0.3 * y))
    one, two = sheets.parted(flat, tilted)
    assert len(one) == len(two) > len(flat)
    for a, b in zip(one, two, strict=True):
        gap = a[:, 2] - b[:, 2]
        assert gap.min() > -1e-12 or gap.max() < 1e-12

    def area(sheet: sheets.Sheet) -> float:
        turned = ((p, np.roll(p, -1, axis=0)) for p in sheet)
        return sum(abs((p[:, 0] * q[:, 1] - q[:, 0] * p[:, 1]).sum()) / 2 for p, q in turned)

    assert area(one) == pytest.approx(100) and area(two) == pytest.approx(100)


def test_cells_are_cut_at_a_height() -> None:
    """A roof over a unit square, z = 4x: between 1 and 2 a strip of it is left."""
    square = np.array([[0.0, 0, 0], [1, 0, 4], [1, 1, 4], [0, 1, 0]])
    (strip,) = sheets.within([square], 1.0, 2.0)
    assert sorted(map(tuple, strip)) == [(0.25, 0, 1), (0.25, 1, 1), (0.5, 0, 2), (0.5, 1, 2)]
    assert (
        sheets.within([square], 5.0, 6.0)
        == sheets.within([square], -2.0, -1.0)
        == sheets.within([square * np.nan], 0.0, 1.0)
        == []
    )
    (whole,) = sheets.within([square], 0.0, 4.0)
    assert whole is square
