"""What explains a change of f, and the maps of its derivatives: on polynomials, whose parts are known."""

import numpy as np
import pytest
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.container import BarContainer
from matplotlib.figure import Figure

from taylorkit.errors import SpecError, UndrawableError
from taylorkit.plotting import Source, draw
from taylorkit.plotting.derivative_maps import _scale
from taylorkit.plotting.moves import move
from tests.plotting import synthetic

# A few additions of numbers near 1000.
ROUNDING = {"rtol": 1e-13, "atol": 1e-10}
NAMES = {"names": {"slope": "x", "twist": "x y", "turn": "x y"}}


def named(source: Source) -> Source:
    return Source(source.root.assign_attrs(NAMES), source.evaluations)


def bars(axes: Axes) -> dict[str, float]:
    """How far each bar of a waterfall goes, by its name."""
    names = [label.get_text() for label in axes.get_yticklabels()]
    patches = [p for c in axes.containers if isinstance(c, BarContainer) for p in c]
    return dict(zip(names, (p.get_width() for p in patches), strict=True))


def test_the_parts_are_those_of_the_polynomial(cubic: Source) -> None:
    """g = x² + 2xy + y³ from (1, 2) to (4.2, 3.7): g_x = 6, g_y = 14, g_xx = 2, g_xy = 2, g_yy = 12, g_yyy = 6."""
    made, words = move(named(cubic), "points", 2, 0)
    dx, dy = 4.2 - 1, 3.7 - 2
    expected = [6 * dx, 14 * dy, dx**2, 2 * dx * dy, 6 * dy**2, 0, 0, 0, dy**3]
    np.testing.assert_allclose(made.parts, expected, **ROUNDING)
    assert made.names == ["slope", "y", "x²", "twist, turn", "y²", "x³", "x² y", "x y²", "y³"]
    assert (made.start, made.end, words) == ({"x": 1.0, "y": 2.0}, {"x": 4.2, "y": 3.7}, "")
    change = 4.2**2 + 2 * 4.2 * 3.7 + 3.7**3 - 13
    assert made.change == pytest.approx(change, rel=1e-14)
    left = change - np.array([0.0, *np.cumsum([sum(expected[:2]), sum(expected[2:5]), expected[8]])])
    np.testing.assert_allclose(made.unexplained, left, **ROUNDING)
    assert made.of_degree(2) == pytest.approx(sum(expected[2:5]))


def test_points_of_a_grid_a_line_and_an_atlas(cubic: Source, waves: Source, atlas: Source) -> None:
    """Whatever the points lie on: parts and remainder add up to the change, from the centre that serves the point."""
    for source, name, point in ((cubic, "map", 1234), (waves, "near", 17), (atlas, "atlas", 300)):
        made, _ = move(source, name, point, 0)
        dataset = source.evaluations[name]
        place = np.unravel_index(point, dataset["truth"].shape)
        truth = float(dataset["truth"].values[place])
        assert [made.end[d] for d in dataset["truth"].dims] == [
            float(dataset[d].values[i]) for d, i in zip(dataset["truth"].dims, place, strict=True)
        ]
        np.testing.assert_allclose(made.parts.sum() + made.unexplained[-1], made.change, **ROUNDING)
        at_start = float(source.root["derivatives"].isel(term=0).sel(made.start).values)
        assert made.change == pytest.approx(truth - at_start, rel=1e-13, abs=1e-13)


def test_scattered_points_of_one_variable_keep_their_numbers(waves: Source) -> None:
    x = np.array([2.0, -1.0, 0.52])
    near = waves.evaluations["near"]
    scattered = near.sel(x=x, method="nearest").drop_vars("overlay").rename(x="point")
    scattered = scattered.assign_coords(x=("point", scattered["point"].values)).drop_vars("point")
    source = Source(waves.root, {"few": scattered})
    assert [round(move(source, "few", i, 0)[0].end["x"], 6) for i in range(3)] == x.tolist()


def test_an_output_is_explained_alone() -> None:
    first, second = (move(synthetic.vector(), "near", 17, output) for output in (0, 1))
    np.testing.assert_allclose(second[0].parts, 2 * first[0].parts)
    assert second[1] == "output 1 of 2"


def test_a_waterfall_ends_at_the_change(cubic: Source) -> None:
    figure = draw(named(cubic), {"kind": "explain", "evaluation": "points", "point": 2, "largest": 3})
    drawn, (made, _) = bars(figure.axes[0]), move(named(cubic), "points", 2, 0)
    assert list(drawn) == ["y", "slope", "y²", "6 other terms", "unexplained", "change"]
    assert drawn["slope"] == pytest.approx(6 * 3.2)
    *steps, change = drawn.values()
    assert sum(steps) == pytest.approx(change) and change == pytest.approx(made.change)
    starts = [p.get_x() for c in figure.axes[0].containers for p in c]
    np.testing.assert_allclose(starts, [*np.cumsum([0.0, *steps[:-1]]), 0.0], **ROUNDING)
    assert "from $(x, y)$ = (1, 2) to (4.2, 3.7)" in figure.get_suptitle()
    values = [t.get_text() for t in figure.axes[1].texts]
    assert values[0] == f"+{made.change:.3g}" and len(values) == 4


def test_a_move_of_nothing_can_be_drawn(cubic: Source) -> None:
    assert isinstance(draw(cubic, {"kind": "explain", "evaluation": "points", "point": 0}), Figure)


def test_what_is_not_finite_cannot_be_explained(cubic: Source) -> None:
    broken = cubic.root.assign(derivatives=cubic.root["derivatives"] * np.inf)
    with pytest.raises(UndrawableError, match="point = 1: a term, or f there, is not finite"):
        draw(Source(broken, cubic.evaluations), {"kind": "explain", "evaluation": "points", "point": 1})


def meshes(figure: Figure) -> list[np.ndarray]:
    panels = [a for a in figure.axes if any(isinstance(c, QuadMesh) for c in a.collections) and a.get_title()]
    return [next(c for c in a.collections if isinstance(c, QuadMesh)).get_array() for a in panels]


def test_maps_are_the_stored_derivatives(atlas: Source) -> None:
    figure = draw(named(atlas), {"kind": "derivative_maps", "terms": ["twist", "y^2", [0, 1]]})
    assert [a.get_title() for a in figure.axes if a.get_title()] == ["twist, turn: x y", "y²", "y"]
    for drawn, term in zip(meshes(figure), ["x y", "y^2", "y"], strict=True):
        np.testing.assert_array_equal(drawn, atlas.root.derivatives.sel(term=term).transpose("y", "x"))


def test_terms_with_names_are_drawn_by_default(atlas: Source) -> None:
    titles = [a.get_title() for a in draw(named(atlas), {"kind": "derivative_maps"}).axes if a.get_title()]
    assert titles == ["slope: x", "twist, turn: x y"]
    assert len(meshes(draw(atlas, {"kind": "derivative_maps"}))) == 9


def test_the_largest_terms_have_their_names(atlas: Source) -> None:
    figure = draw(named(atlas), {"kind": "terms", "degrees": [1, 2]})
    rows = [{label.get_text() for label in axes.get_yticklabels()} for axes in figure.axes[:2]]
    assert rows == [{"slope", "$y$"}, {"$x^{2}$", "twist, turn", "$y^{2}$"}]


def box() -> xr.Dataset:
    """xyz over a grid of three axes."""

    def of(alpha: list[int], *x: np.ndarray) -> np.ndarray:
        return np.prod([v if a == 0 else np.full_like(v, float(a == 1)) for v, a in zip(x, alpha, strict=True)], axis=0)

    attrs = synthetic.common("taylor", "box", ["x", "y", "z"], function=synthetic.function("box", "xyz", "f(x, y, z)"))
    axes = {"x": np.linspace(-1, 1, 5), "y": np.linspace(0, 1, 4), "z": np.array([0.1, 0.2, 0.3])}
    return synthetic.grid(attrs, axes, 1, of)


@pytest.mark.parametrize(
    ("request_", "over", "at"),
    [({}, ("x", "y"), {"z": 0.2}), ({"over": ["z", "x"], "at": [1.0]}, ("z", "x"), {"y": 1.0})],
)
def test_other_axes_are_held(request_: dict, over: tuple[str, str], at: dict[str, float]) -> None:
    root = box()
    figure = draw(Source(root), {"kind": "derivative_maps", "terms": ["x"], **request_})
    expected = root.derivatives.sel(term="x", **at).transpose(*reversed(over))
    np.testing.assert_array_equal(meshes(figure)[0], expected)
    assert (figure.axes[0].get_xlabel(), figure.axes[0].get_ylabel()) == tuple(f"${v}$" for v in over)
    (name, value), *_ = at.items()
    assert figure.get_suptitle().endswith(f"at ${name}$ = {value:g}")


def test_a_place_off_the_grid_is_refused() -> None:
    with pytest.raises(SpecError, match=r"at = 0\.25: is no value of z in the grid; the nearest is 0\.[23]"):
        draw(Source(box()), {"kind": "derivative_maps", "at": [0.25]})
    with pytest.raises(SpecError, match="at = 'middle': is no value of z in the grid"):
        draw(Source(box()), {"kind": "derivative_maps", "at": ["middle"]})


def test_colours_are_about_zero_where_signs_differ() -> None:
    norm, colors, extend = _scale(np.array([-1.0, 0.0, 3.0]))
    assert (norm.vmin, norm.vmax, colors, extend) == (-3.0, 3.0, "RdBu_r", "neither")
    norm, colors, extend = _scale(np.array([1.0, 2.0, np.nan]))
    assert (norm.vmin, norm.vmax, colors, extend) == (1.0, 2.0, "viridis", "neither")
    tower = np.concatenate([np.linspace(-1, 1, 1000), [500.0]])
    norm, _, extend = _scale(tower)
    assert norm.vmax == pytest.approx(0.98, abs=0.01) and extend == "both"
    assert _scale(np.full(3, np.nan))[2] == "neither"
