"""Figures of many points: what is drawn is what is stored, thinned the same way each time."""

import numpy as np
import pytest

from taylorkit.errors import SpecError
from taylorkit.plotting import Source, default_figures, draw
from taylorkit.plotting.cloud import SHOWN, shown
from tests.plotting import synthetic


def test_a_cloud_is_f_behind_its_polynomials() -> None:
    source = synthetic.vector()
    near = source.evaluations["near"]
    figure = draw(source, {"kind": "cloud", "evaluation": "near", "outputs": [1, 0], "degrees": [0, 3]})
    for axes, k in zip(figure.axes, (0, 3), strict=True):
        behind, over = (line.get_xydata() for line in axes.lines)
        np.testing.assert_array_equal(behind, near.truth.isel(output=[1, 0]).transpose(..., "output"))
        np.testing.assert_array_equal(
            over, near.approximation.isel(output=[1, 0]).sel(degree=k).transpose(..., "output")
        )
    assert figure.axes[0].get_xlabel() == "output 1 of 2" and figure.axes[0].get_ylabel() == "output 0 of 2"


def test_names_of_the_axes_are_data() -> None:
    names = ["$x$", "costs $5"]
    axes = draw(synthetic.vector(), {"kind": "cloud", "evaluation": "near", "names": names}).axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("$x$", r"costs \$5")


def test_many_points_are_thinned_evenly() -> None:
    np.testing.assert_array_equal(shown(SHOWN), np.arange(SHOWN))
    kept = shown(10 * SHOWN)
    assert 0.99 * SHOWN < len(kept) <= SHOWN and np.diff(kept).max() < 40
    np.testing.assert_array_equal(kept, shown(10 * SHOWN))


def test_errors_grow_as_the_power_that_follows_the_degree(waves: Source) -> None:
    """sin x + cos x about 0: the next term leads near 0."""
    x = np.geomspace(0.01, 0.2, 400)
    source = synthetic.waves(4)
    root = source.root
    of = lambda a, x: np.sin(x + a[0] * np.pi / 2) + np.cos(x + a[0] * np.pi / 2)  # noqa: E731
    near = synthetic.evaluate(root, "far", {"x": x}, {"x": 0.0}, of, scattered=True)
    figure = draw(Source(root, {"far": near}), {"kind": "error_against_distance", "degrees": [0, 1, 2]})
    for k, (median, guide) in enumerate(zip(figure.axes[0].lines[:6:2], figure.axes[0].lines[1:6:2], strict=True)):
        for line in (median, guide):
            r, error = np.log(line.get_data())
            assert np.polyfit(r, error, 1)[0] == pytest.approx(k + 1, rel=0.05)
        np.testing.assert_allclose(median.get_ydata(), guide.get_ydata(), rtol=0.3)


def test_variables_count_by_their_own_spread(cubic: Source) -> None:
    from taylorkit.plotting.error_against_distance import _distances

    points = cubic.evaluations["map"]
    stretched = points.assign_coords(x=1 + 1000 * (points.x - 1))
    np.testing.assert_allclose(_distances(points, ("x", "y")), _distances(stretched, ("x", "y")))
    assert np.sqrt(np.mean(_distances(points, ("x", "y")) ** 2)) == pytest.approx(np.sqrt(2))


REFUSED = {
    "one output": ("cubic", {"kind": "cloud", "evaluation": "points"}, "output = 1: f has 1 output"),
    "three outputs": ("cubic", {"kind": "cloud", "outputs": [0, 1, 2]}, r"outputs = \[0, 1, 2\]: write two numbers"),
    "an atlas": ("atlas", {"kind": "error_against_distance", "evaluation": "atlas"}, "'atlas': is of an atlas"),
}


@pytest.mark.parametrize(("name", "options", "said"), REFUSED.values(), ids=REFUSED)
def test_refused(name: str, options: dict, said: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(SpecError, match=said):
        draw(request.getfixturevalue(name), options)


def test_many_scattered_points_get_these_figures() -> None:
    source = synthetic.vector()
    near = source.evaluations["near"].isel(x=np.arange(300) % 20).drop_vars("x").rename(x="point")
    kinds = [r["kind"] for r in default_figures(Source(source.root, {"near": near}))]
    assert kinds[:3] == ["cloud", "error_against_distance", "convergence"]
