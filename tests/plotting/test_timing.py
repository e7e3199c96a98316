"""The figures of both benchmarks, from stored numbers alone."""

import numpy as np
import pytest
from matplotlib.axes import Axes

from taylorkit.errors import SpecError
from taylorkit.plotting.figure import Source, draw
from tests.plotting.tables import orders, timing

NAN = float("nan")


@pytest.fixture
def jacobians() -> Source:
    columns = {
        "mode": ("mode", ["jacfwd", "jacrev"]),
        "inputs": ("shape", [1000, 200, 10]),
        "outputs": ("shape", [10, 200, 1000]),
        "run_seconds": (("mode", "shape"), [[0.016, 0.002, 0.001], [0.001, 0.0021, 0.012]]),
        "floating_operations": (("mode", "shape"), [[5e8, 5e7, 5e6], [5e6, 5e7, 5e8]]),
        "max_difference": ("shape", [1e-16, 2e-16, 1.2e-15]),
    }
    return timing("jacobians", columns)


def ticks(axes: Axes) -> list[str]:
    return [label.get_text().splitlines()[-1] for label in axes.get_xticklabels()]


def test_run_time_and_compile_time_side_by_side() -> None:
    figure = draw(orders([0.1, 0.4, 1.6, 6.4]), {"kind": "timing"})
    run, compiled = figure.axes
    assert run.get_title() == "run time, 200\u202f000 points"
    assert compiled.get_title() == "compile time"
    for axes, scale in ((run, 100), (compiled, 1)):
        assert axes.get_yscale() == "log"
        np.testing.assert_allclose(axes.lines[0].get_ydata(), np.array([0.1, 0.4, 1.6, 6.4]) / scale)
    names = [text.get_text() for text in run.get_legend().get_texts()]
    assert names == ["nested grad", "Taylor mode"]
    assert figure._supxlabel is None
    assert r"$t(x) = \tanh\frac{x}{2}$" in figure._suptitle.get_text()


@pytest.mark.parametrize(
    ("nested", "words"),
    [
        ([0.1, 6.4, NAN, NAN], "orders 2 to 3 are skipped, since order 1 took 6.4 s to compile"),
        ([0.1, 0.4, 6.4, NAN], "order 3 is skipped, since order 2 took 6.4 s to compile"),
    ],
    ids=["several", "one"],
)
def test_what_was_skipped_is_said(nested: list[float], words: str) -> None:
    figure = draw(orders(nested), {"kind": "timing"})
    assert figure._supxlabel.get_text() == f"nested grad: {words} (limit 5 s)"


def test_bars_with_their_ratios(jacobians: Source) -> None:
    figure = draw(jacobians, {"kind": "timing"})
    times, operations = figure.axes
    assert ticks(times) == ["jacrev 16× less", "about equal", "jacfwd 12× less"]
    assert ticks(operations) == ["jacrev 100× less", "about equal", "jacfwd 100× less"]
    assert [text.get_text() for text in times.texts] == ["16", "2", "1", "1", "2.1", "12"]
    heights = [bar.get_height() for bar in times.patches]
    np.testing.assert_allclose(heights, [16, 2, 1, 1, 2.1, 12])
    assert "the same Jacobian" in figure._supxlabel.get_text()
    assert "1.2·10⁻¹⁵" in figure._supxlabel.get_text()


def test_operations_that_were_not_counted_have_no_panel(jacobians: Source) -> None:
    jacobians.root["floating_operations"][:] = NAN
    assert len(draw(jacobians, {"kind": "timing"}).axes) == 1


def test_an_unknown_suite_is_refused() -> None:
    with pytest.raises(SpecError, match="suite = 'memory': no figure; write one of orders, jac"):
        draw(timing("memory", {}), {"kind": "timing"})
