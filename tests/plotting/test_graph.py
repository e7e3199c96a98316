"""The drawing of a computation: everything in it, nothing over anything else, inputs left and outputs right."""

import re

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from taylorkit.errors import SpecError
from taylorkit.plotting import style
from taylorkit.plotting.figure import draw
from taylorkit.plotting.layered import HEIGHT, arrange, layers
from tests.plotting.tables import LONG, SMALL, graph


def boxes(figure: Figure) -> dict[str, tuple[float, float, float, float]]:
    """Left, right, bottom and top of the box around each label."""
    axes = figure.axes[0]
    frames = [p for p in axes.patches if isinstance(p, FancyBboxPatch)]
    places = [(p.get_x(), p.get_x() + p.get_width(), p.get_y(), p.get_y() + p.get_height()) for p in frames]
    return dict(zip([t.get_text() for t in axes.texts], places, strict=True))


@pytest.fixture(params=["small", "long"])
def figure(request: pytest.FixtureRequest) -> Figure:
    return draw(graph(small=SMALL, long=LONG), {"kind": "graph", "order": int(request.param == "long")})


def test_every_node_and_edge_is_drawn() -> None:
    figure = draw(graph(small=SMALL), {"kind": "graph"})
    assert list(boxes(figure)) == [label for label, _ in SMALL[0]]
    arrows = [p for p in figure.axes[0].patches if isinstance(p, FancyArrowPatch)]
    assert len(arrows) == len(SMALL[1])


def test_inputs_are_left_and_outputs_right() -> None:
    places = boxes(draw(graph(long=LONG), {"kind": "graph"}))
    middle = [place for label, place in places.items() if label.startswith("v")]
    right_of_inputs = max(places["x"][1], places["k: float32[3]"][1])
    assert right_of_inputs < min(left for left, *_ in middle)
    assert max(right for _, right, *_ in middle) < places["w = add v11 x"][0]
    assert places["w = add v11 x"][0] == places["output x"][0]


def test_no_box_covers_another_and_labels_fit_theirs(figure: Figure) -> None:
    places = list(boxes(figure).values())
    for i, (left, right, bottom, top) in enumerate(places):
        for other in places[:i]:
            apart = other[0] > right or other[1] < left or other[2] > top or other[3] < bottom
            assert apart
    renderer = FigureCanvasAgg(figure).get_renderer()
    axes = figure.axes[0]
    with style.context():
        for text, (left, right, *_) in zip(axes.texts, places, strict=True):
            extent = text.get_window_extent(renderer).transformed(axes.transData.inverted())
            assert left < extent.x0 and extent.x1 < right


def test_arrows_pass_behind_no_box(figure: Figure) -> None:
    places = np.array(list(boxes(figure).values()))
    for arrow in figure.axes[0].patches:
        if not isinstance(arrow, FancyArrowPatch):
            continue
        x, y = arrow._path_original.interpolated(30).vertices.T[:, :, None]
        inside = (x > places[:, 0]) & (x < places[:, 1]) & (y > places[:, 2]) & (y < places[:, 3])
        assert not inside.any()


def test_everything_lies_within_the_figure(figure: Figure) -> None:
    renderer = FigureCanvasAgg(figure).get_renderer()
    with style.context():
        outside = figure.get_tightbbox(renderer)
    assert outside.x0 >= -0.01 and outside.y0 >= -0.01
    assert outside.x1 <= figure.get_figwidth() + 0.01
    assert outside.y1 <= figure.get_figheight() + 0.01


def test_the_title_says_which_derivative_of_what() -> None:
    s = graph(small=SMALL, long=LONG)
    titles = [draw(s, {"kind": "graph", "order": k})._suptitle.get_text() for k in (0, 1)]
    assert titles[0] == "The computation of $f(x) = x^2 + e^x$"
    assert re.sub(r"\s", " ", titles[1]) == ("The computation of $f'(x)$, where $f(x) = x^2 + e^x$")
    own = draw(s, {"kind": "graph", "title": "costs $5"})
    assert own._suptitle.get_text() == r"costs \$5"


def test_a_function_without_formula_is_called_by_its_name() -> None:
    s = graph(small=SMALL, long=LONG)
    s.root.attrs["function"] = {"name": "my$fun", "latex": "", "signature_latex": ""}
    text = draw(s, {"kind": "graph", "order": 1})._suptitle.get_text()
    assert "$f'$" in text and r"my\$fun" in text


def test_the_legend_names_the_kinds_that_there_are() -> None:
    figure = draw(graph(small=SMALL), {"kind": "graph"})
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["input", "intermediate", "output"]


def test_an_order_that_is_not_stored_is_refused() -> None:
    with pytest.raises(SpecError, match="order = 2: write one of 0, 1"):
        draw(graph(small=SMALL, long=LONG), {"kind": "graph", "order": 2})


def test_the_same_graph_is_drawn_the_same() -> None:
    first, second = (boxes(draw(graph(long=LONG), {"kind": "graph"})) for _ in range(2))
    assert first == second


def test_layers_are_longest_paths() -> None:
    kinds = ["input", "constant", "intermediate", "intermediate", "output", "output"]
    assert layers(kinds, [(0, 2), (2, 3), (1, 3), (3, 4), (0, 5)]) == [0, 0, 1, 2, 3, 3]
    assert layers(["input", "output"], []) == [0, 1]
    # A dead end of the same depth does not push outputs into the middle.
    assert layers(["input", "output", "intermediate"], [(0, 1), (0, 2)]) == [0, 2, 1]


def test_a_literal_alone_is_a_drawing_too() -> None:
    drawing = arrange(["output 3.0"], ["output"], [])
    assert drawing.layer == [1] and drawing.routes == []
    assert drawing.spans[1, 1] > drawing.spans[1, 0] and HEIGHT > 0
