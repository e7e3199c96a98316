"""Figures over all expansion points at once: shares of them, and what their coefficients are."""

import numpy as np
import pytest

from taylorkit.errors import SpecError
from taylorkit.plotting import Source, default_figures, draw, select
from taylorkit.plotting.trust_share import survival
from tests.plotting import synthetic
from tests.plotting.test_lines import legend


def test_survival_is_the_share_that_reaches_a_radius() -> None:
    radii, shares = survival(np.array([0.5, 2.0, 0.0, 0.5, np.nan]), reach=3.0)
    np.testing.assert_array_equal(radii, [0.0, 0.5, 2.0, 3.0])
    np.testing.assert_array_equal(shares, [0.8, 0.6, 0.2, 0.0])


def test_what_holds_as_far_as_was_looked_does_not_fall() -> None:
    radii, shares = survival(np.array([3.0, 1.0]), reach=3.0)
    np.testing.assert_array_equal(radii, [0.0, 1.0, 3.0])
    np.testing.assert_array_equal(shares, [1.0, 1.0, 0.5])


def test_shares_are_those_of_the_stored_radii(ramp: Source) -> None:
    root = ramp.root.assign_attrs(trust={"tolerance": 1e-3, "radius": 100.0})
    figure = draw(Source(root), {"kind": "trust_share", "degrees": [2, 4]})
    for k in (2, 4):
        stored = root.trust_radius.sel(degree=k).values
        line = next(a for a in figure.axes[0].lines if f"T_{{{k}}}" in str(a.get_label()))
        for r in np.linspace(0.01, 1.2 * stored.max(), 50):
            # A step holds from behind the radius before it.
            step = int(np.searchsorted(line.get_xdata(), r))
            assert line.get_ydata()[step] == pytest.approx(np.mean(stored >= r))
    assert legend(figure)[0] == f"$T_{{2}}$, half to {np.sort(root.trust_radius.sel(degree=2))[100]:.3g}"
    assert "error ≤ 0.001" in figure.get_suptitle()


def test_points_without_a_radius_are_counted(ramp: Source) -> None:
    radius = ramp.root.trust_radius.copy(deep=True)
    radius[:, :150] = np.nan
    figure = draw(Source(ramp.root.assign(trust_radius=radius)), {"kind": "trust_share", "degrees": [1]})
    assert "of 200 (150 unknown)" in figure.axes[0].get_ylabel()
    assert legend(figure) == ["$T_{1}$, half to 0"]


@pytest.mark.parametrize("kind", ["trust_share", "trust_radius"])
def test_what_was_not_sampled_is_not_drawn(ramp: Source, kind: str) -> None:
    """With trust.samples = 0 a run stores NaN for each radius; it would read as that nothing holds."""
    unknown = ramp.root.trust_radius * np.nan
    root = ramp.root.assign(trust_radius=unknown).assign_attrs(trust={"tolerance": 1e-3, "radius": None, "samples": 0})
    with pytest.raises(SpecError, match=r"holds no trust radius: the run had trust\.samples = 0"):
        draw(Source(root), {"kind": kind})
    asked = [{r["kind"] for r in default_figures(source)} for source in (ramp, Source(root))]
    assert asked == [{"derivatives", "trust_radius"}, {"derivatives"}]


@pytest.mark.parametrize("kind", ["trust_share", "trust_radius"])
def test_no_radius_is_below_zero(ramp: Source, kind: str) -> None:
    with pytest.raises(SpecError, match=r"limits = \[-1, 1\]: write two increasing numbers from 0 up"):
        draw(ramp, {"kind": kind, "limits": [-1, 1]})
    axes = draw(ramp, {"kind": kind, "limits": [0, 2]}).axes[0]
    assert (0, 2) in (axes.get_xlim(), axes.get_ylim())


def test_terms_are_ranked_by_the_stored_coefficients() -> None:
    source = synthetic.cubic((5, 4), 3)
    figure = draw(source, {"kind": "terms", "degrees": [1, 2], "most": 2})
    first, second = figure.axes
    # g = x² + 2xy + y³: g_y = 2x + 3y² beats g_x = 2(x + y); then y² with 3y, xy with 2, x² with 1.
    assert [t.get_text() for t in first.get_yticklabels()] == ["$y$", "$x$"]
    assert [t.get_text() for t in second.get_yticklabels()] == ["$y^{2}$", r"$x\;y$"]
    y = np.tile(source.root.y, 3)
    dots = np.asarray(second.lines[1].get_xdata()).reshape(2, 9)
    np.testing.assert_allclose(dots, [3 * y, np.full(9, 2.0)])
    bars = [segment[0][0] for segment in second.collections[0].get_segments()]
    np.testing.assert_allclose(bars, [np.mean(3 * y), 2.0])
    share = 100 * (np.sum(9 * y**2) + 36) / (np.sum(9 * y**2) + 36 + 9)
    assert second.get_title() == f"degree 2: 2 of 3 terms, {share:.2g} % of the squares"
    assert first.get_title() == "degree 1: all terms"


def test_terms_leave_out_what_is_not_finite_and_say_so() -> None:
    source = synthetic.cubic((5, 4), 3)
    packed = source.root.derivatives.copy(deep=True)
    packed[:, 0, 0] = np.inf
    figure = draw(Source(source.root.assign(derivatives=packed)), {"kind": "terms", "degrees": [2]})
    panel = figure.axes[0]
    assert [segment[0][0] for segment in panel.collections[0].get_segments()][1:] == [2.0, 1.0]
    assert figure.get_supxlabel().endswith("not finite at 1")
    assert panel.get_title() == "degree 2: all terms"


def test_many_points_are_thinned_and_it_is_said(ramp: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("taylorkit.plotting.terms.MOST_POINTS", 50)
    figure = draw(ramp, {"kind": "terms"})
    assert "50 of 200 expansion points" in figure.get_supxlabel()
    np.testing.assert_array_equal(figure.axes[0].lines[1].get_xdata()[[0, -1]], ramp.root.derivatives[1, [0, -1]])
    assert len(figure.axes[0].lines[1].get_xdata()) == 50


@pytest.mark.parametrize(
    ("shape", "most", "kept"),
    [((200,), 50, (50,)), ((2, 300), 100, (2, 50)), ((9, 9), 81, (9, 9)), ((9, 1), 4, (4, 1))],
)
def test_thinned_points_are_even_and_no_more_than_asked(shape: tuple, most: int, kept: tuple) -> None:
    names = "xy"[: len(shape)]
    attrs = synthetic.common("taylor", "plain", list(names))
    axes = {v: np.arange(float(n)) for v, n in zip(names, shape, strict=True)}
    root = synthetic.grid(attrs, axes, 1, lambda alpha, *x: x[0])
    thin = select.thinned(root, most)
    assert tuple(thin.sizes[v] for v in names) == kept
    for name in names:
        ends = thin[name].values[[0, -1]]
        assert ends[0] == 0 and (ends[1] == root[name][-1] or thin.sizes[name] == 1)
