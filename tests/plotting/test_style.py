"""One look, left behind nowhere, and files that are the same each time."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import matplotlib
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from taylorkit.plotting import FIGURES, Source, draw, save, style
from tests.plotting import synthetic
from tests.plotting.tables import LONG, SMALL, graph, growth, orders

# Each kind over each sort of points that it draws in another way.
REQUESTS: dict[str, tuple[Callable[[], Source], dict[str, Any]]] = {
    "approximations": (synthetic.waves, {"overlay": True}),
    "approximations at points": (synthetic.cubic, {"evaluation": "points"}),
    "derivatives": (synthetic.ramp, {"beside": True}),
    "surface": (synthetic.cubic, {"evaluation": "map", "degree": 1}),
    "contours": (synthetic.cubic, {"evaluation": "map", "degrees": [1]}),
    "error_map": (synthetic.cubic, {"evaluation": "map", "degrees": [1]}),
    "error_map over a line": (synthetic.waves, {"evaluation": "wide"}),
    "error_map at points": (synthetic.cubic, {"evaluation": "points"}),
    "cloud": (synthetic.vector, {"evaluation": "near"}),
    "error_against_distance": (synthetic.cubic, {"evaluation": "map"}),
    "convergence": (synthetic.waves, {}),
    "trust_radius": (synthetic.waves, {}),
    "trust_radius over a line": (synthetic.ramp, {}),
    "trust_radius over two": (partial(synthetic.cubic, (5, 4), 3), {}),
    "derivative_maps": (partial(synthetic.cubic, (5, 4), 3), {"terms": ["x", "x y"]}),
    "explain": (synthetic.cubic, {"evaluation": "points", "point": 2}),
    "trust_share": (synthetic.ramp, {}),
    "terms": (synthetic.four, {"degrees": [1, 2]}),
    "terms over points": (partial(synthetic.cubic, (5, 4), 3), {}),
    "tensor_powers": (synthetic.four, {}),
    "graph": (partial(graph, small=SMALL, long=LONG), {"order": 1}),
    "growth": (growth, {}),
    "timing": (partial(orders, [0.1, 0.4, 1.6, 6.4]), {}),
}


def test_every_kind_is_among_the_requests() -> None:
    assert {case.split()[0] for case in REQUESTS} == FIGURES.keys()


@pytest.mark.parametrize("case", REQUESTS)
def test_saving_twice_gives_the_same_bytes(case: str, tmp_path: Path) -> None:
    make, options = REQUESTS[case]
    request = {"kind": case.split()[0], **options}
    first, second = (save(draw(make(), request), tmp_path / d, "it") for d in "ab")
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


@pytest.mark.parametrize(
    ("lowest", "highest", "words"),
    [
        (1e-7, 1e2, ["10⁻⁴", "10⁰", "10²"]),  # powers alone
        (2.5e-3, 7e-3, ["3·10⁻³", "4·10⁻³", "6·10⁻³"]),  # none between the ends: numbers between powers
        (1e3, 1e4, ["10³", "10⁴"]),
    ],
)
def test_logarithmic_numbers_are_words(lowest: float, highest: float, words: list[str]) -> None:
    figure, axes = style.single()
    axes.semilogy([0, 1], [lowest, highest])
    style.plain_ticks(figure)
    axes.set_ylim(lowest, highest)
    labels = [label.get_text() for which in ("major", "minor") for label in axes.yaxis.get_ticklabels(which=which)]
    assert not any("$" in label for label in labels)
    assert set(words) <= set(labels)


def test_small_ticks_take_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """A layout that leaves them out is the layout with them, and they are drawn."""

    def laid_out(most: int) -> tuple[tuple[float, ...], int]:
        monkeypatch.setattr(style, "MANY_TICKS", most)
        figure = draw(synthetic.cubic(), {"kind": "error_map", "evaluation": "map", "degrees": [1]})
        style._arrange(figure)
        bar = figure.axes[-1]
        return (*figure.axes[0].get_position().bounds, *bar.get_position().bounds), len(bar.yaxis.get_minorticklocs())

    everything, nothing = laid_out(10_000), laid_out(0)
    assert everything == nothing
    assert everything[1] > 8
