"""One look, left behind nowhere, and files that are the same each time."""

from pathlib import Path

import matplotlib
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from taylorkit.plotting import Source, draw, save, style

REQUESTS = {
    "approximations": ("waves", {}),
    "error_map": ("cubic", {"evaluation": "map", "degrees": [1]}),
    "surface": ("cubic", {"evaluation": "map", "degree": 1}),
}


@pytest.mark.parametrize("kind", REQUESTS)
def test_saving_twice_gives_the_same_bytes(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    name, options = REQUESTS[kind]
    source = request.getfixturevalue(name)
    first, second = (save(draw(source, {"kind": kind, **options}), tmp_path / d, "it") for d in "ab")
    assert [p.name for p in first] == ["it.png", "it.svg"]
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]


def test_settings_come_from_here_and_stay_here(waves: Source) -> None:
    with matplotlib.rc_context({"lines.linewidth": 9.0, "text.color": "red"}):
        figure = draw(waves, {"kind": "convergence"})
        assert matplotlib.rcParams["lines.linewidth"] == 9.0
    assert figure.axes[0].lines[0].get_linewidth() == style.SETTINGS["lines.linewidth"]
    assert figure._suptitle.get_color() == "black"


@pytest.mark.parametrize("terms", [1, 8, 40])
def test_titles_fit_their_figure(waves: Source, terms: int) -> None:
    function = waves.root.attrs["function"] | {"latex": " + ".join([r"\sin x"] * terms)}
    long = {"near": waves.evaluations["near"].assign_attrs(function=function)}
    figure = draw(Source(waves.root, long), {"kind": "approximations"})
    renderer = FigureCanvasAgg(figure).get_renderer()
    assert figure._suptitle.get_window_extent(renderer).width <= figure.bbox.width
    assert figure._suptitle.get_fontsize() >= 9


def test_legends_lie_beside_the_data(waves: Source, ramp: Source) -> None:
    for figure in (draw(waves, {"kind": "error_map"}), draw(ramp, {"kind": "derivatives"})):
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        legend, axes = figure.legends[0].get_window_extent(), figure.axes[0].get_window_extent()
        title = figure._suptitle.get_window_extent()
        assert legend.x0 >= axes.x1 and legend.x1 <= figure.bbox.x1
        assert not legend.overlaps(title)
