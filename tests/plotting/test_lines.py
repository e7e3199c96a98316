"""Figures along one axis show the stored numbers, and say what they are."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from taylorkit.plotting import Source, draw
from tests.plotting import synthetic


def labelled(axes: Axes) -> dict[str, np.ndarray]:
    """The lines that have a label of their own: label to heights."""
    return {str(x.get_label()): np.asarray(x.get_ydata()) for x in axes.lines if not str(x.get_label()).startswith("_")}


def legend(figure: Figure) -> list[str]:
    return [entry.get_text() for entry in figure.legends[0].get_texts()]


def test_approximations_are_the_stored_polynomials(waves: Source) -> None:
    figure = draw(waves, {"kind": "approximations", "evaluation": "near", "degrees": [0, 1, 5, 10]})
    near, lines = waves.evaluations["near"], labelled(figure.axes[0])
    np.testing.assert_array_equal(lines["$f$"], near.truth)
    for k in (0, 1, 5, 10):
        np.testing.assert_array_equal(lines[f"$T_{{{k}}}$"], near.approximation.sel(degree=k))
    assert legend(figure) == ["$f$", "$T_{0}$", "$T_{1}$", "$T_{5}$", "$T_{10}$", "centre"]
    assert figure.axes[0].get_xlabel() == "$x$"


def test_the_truth_sets_the_height_and_limits_override_it(waves: Source) -> None:
    low, high = draw(waves, {"kind": "approximations", "evaluation": "wide"}).axes[0].get_ylim()
    assert -3 < low < -1.4 and 1.4 < high < 3
    own = draw(waves, {"kind": "approximations", "evaluation": "wide", "limits": [-5, 6]})
    assert own.axes[0].get_ylim() == (-5, 6)


def test_the_overlay_is_the_closed_form(waves: Source) -> None:
    figure = draw(waves, {"kind": "approximations", "evaluation": "near", "degrees": [2], "overlay": True})
    x = waves.evaluations["near"].x
    np.testing.assert_array_equal(labelled(figure.axes[0])["$1 + x - x^2/2$"], 1 + x - x**2 / 2)


def test_the_centre_lies_on_f(waves: Source) -> None:
    axes = draw(waves, {"kind": "approximations", "evaluation": "near"}).axes[0]
    dot = next(line for line in axes.lines if line.get_label() == "centre")
    assert (dot.get_xdata()[0], dot.get_ydata()[0]) == (0.0, pytest.approx(1.0))


def test_lines_have_colours_of_their_own(waves: Source, ramp: Source) -> None:
    few = draw(waves, {"kind": "approximations", "degrees": [0, 1, 2, 3, 5, 10]}).axes[0].lines[1:7]
    many = draw(ramp, {"kind": "derivatives"}).axes[0].lines
    for lines in (few, many):
        assert len({str(line.get_color()) for line in lines}) == len(lines)


def test_scattered_points_stand_over_their_coordinates(cubic: Source) -> None:
    axes = draw(cubic, {"kind": "approximations", "evaluation": "points", "degrees": [2]}).axes[0]
    np.testing.assert_allclose(labelled(axes)["$T_{2}$"], [13, 42, 94.46, 17.66, 2934.44, 14.69, 104.06], rtol=1e-12)
    assert axes.get_xticklabels()[2].get_text() == "(4.2, 3.7)"
    assert axes.get_yscale() == "symlog"


def test_scattered_points_of_one_variable_are_a_line(waves: Source) -> None:
    near = waves.evaluations["near"].isel(x=slice(None, None, -1)).swap_dims(x="point").reset_coords("x")
    figure = draw(Source(waves.root, {"near": near}), {"kind": "approximations", "degrees": [1]})
    np.testing.assert_array_equal(figure.axes[0].lines[0].get_xdata(), waves.evaluations["near"].x)


def test_derivatives_are_the_stored_ones(ramp: Source) -> None:
    figure = draw(ramp, {"kind": "derivatives", "degrees": [1, 2, 3, 4, 5, 6], "beside": True})
    left, right = map(labelled, figure.axes)
    np.testing.assert_array_equal(left["$t$"], ramp.root.derivatives.sel(term="1"))
    np.testing.assert_array_equal(right["$t''$"], ramp.root.derivatives.sel(term="x^2"))
    assert list(right) == ["$t'$", "$t''$", "$t'''$", "$t^{(4)}$", "$t^{(5)}$", "$t^{(6)}$"]
    alone = draw(ramp, {"kind": "derivatives"})
    assert len(alone.axes) == 1 and len(labelled(alone.axes[0])) == 10


def test_convergence_shows_the_sampled_errors_with_their_count(waves: Source) -> None:
    figure = draw(waves, {"kind": "convergence", "evaluation": "near"})
    axes, near = figure.axes[0], waves.evaluations["near"]
    np.testing.assert_array_equal(labelled(axes)["maximum"], near.max_error)
    np.testing.assert_array_equal(labelled(axes)["root mean square"], near.rms_error)
    assert axes.get_yscale() == "log" and axes.get_ylabel().startswith("sampled")
    assert figure.legends[0].get_title().get_text() == "over 201 samples"


def test_unequal_counts_are_both_said(waves: Source) -> None:
    near = waves.evaluations["near"]
    counts = near.samples.copy(data=np.r_[near.samples.values[:-1], 150])
    figure = draw(Source(waves.root, {"near": near.assign(samples=counts)}), {"kind": "convergence"})
    assert figure.legends[0].get_title().get_text() == "over 150 to 201 samples"


def test_trust_radius_at_one_centre_is_a_curve_under_the_estimate(waves: Source) -> None:
    figure = draw(waves, {"kind": "trust_radius"})
    lines = labelled(figure.axes[0])
    np.testing.assert_array_equal(lines["sampled\ntrust radius"], waves.root.trust_radius.values.ravel())
    np.testing.assert_array_equal(lines["convergence\n(low estimate): 20"], 20)
    assert "error ≤ 0.001" in figure.get_suptitle()


def test_an_infinite_radius_of_convergence_is_said_not_drawn(waves: Source) -> None:
    endless = waves.root.assign(convergence_radius=waves.root.convergence_radius * np.inf)
    assert any("no finite one" in entry for entry in legend(draw(Source(endless), {"kind": "trust_radius"})))


def test_trust_radius_over_a_line_has_gaps_where_it_is_unknown(ramp: Source) -> None:
    radius = ramp.root.trust_radius.copy(deep=True)
    radius[:, 3] = np.nan
    axes = draw(Source(ramp.root.assign(trust_radius=radius)), {"kind": "trust_radius", "degrees": [2, 4]}).axes[0]
    np.testing.assert_array_equal(labelled(axes)["$T_{4}$"], radius.sel(degree=4))
    assert "gap" in axes.get_ylabel() and "2 of 400 values" in axes.get_ylabel()
    assert "convergence\n(low estimate)" in labelled(axes)


def test_tensor_powers_of_the_reference_displacement() -> None:
    figure = draw(synthetic.four(), {"kind": "tensor_powers", "evaluation": "delta"})
    panels = figure.axes
    np.testing.assert_array_equal(panels[0].images[0].get_array().ravel(), [0, 1, 2, 3])
    np.testing.assert_array_equal(panels[1].images[0].get_array(), np.outer(range(4), range(4)))
    assert [panel.texts[-1].get_text() for panel in panels] == ["3", "9", "0", "9", "18", "27"]


def test_tensor_powers_keep_signs_and_start_at_the_centre() -> None:
    figure = draw(synthetic.four((-1.0, 2.0)), {"kind": "tensor_powers"})
    assert [t.get_text() for t in figure.axes[1].texts] == ["1", "−2", "−2", "4"]
