"""Requests: what is drawn, and what is refused with field, value and remedy."""

import subprocess
import sys
from pathlib import Path

import pytest

from taylorkit.errors import SpecError
from taylorkit.plotting import FIGURES, Source, caption, default_figures, draw
from tests.plotting import synthetic

REFUSED = {
    "an unknown kind": ("waves", {"kind": "pie"}, ["'pie'", "surface"]),
    "no kind": ("waves", {}, ["None", "surface"]),
    "an unknown field": ("waves", {"kind": "surface", "degrees": [1]}, ["degrees = [1]", "degree,"]),
    "an unknown evaluation": ("waves", {"kind": "convergence", "evaluation": "far"}, ["'far'", "near, wide"]),
    "a degree above the order": ("waves", {"kind": "approximations", "degrees": [11]}, ["11", "order, 10"]),
    "a negative degree": ("waves", {"kind": "error_map", "degrees": [-1]}, ["-1", "order, 10"]),
    "a degree that is a word": ("cubic", {"kind": "surface", "degree": "two"}, ["'two'", "order, 3"]),
    "a degree that is true": ("cubic", {"kind": "surface", "degree": True}, ["True", "order, 3"]),
    "no degrees": ("waves", {"kind": "approximations", "degrees": []}, ["[]", "[0, 1, 10]"]),
    "degrees that are no list": ("waves", {"kind": "approximations", "degrees": 2}, ["degrees = 2", "list"]),
    "a surface over one axis": ("waves", {"kind": "surface"}, ["'near'", "axes are x", "needs 2"]),
    "contours of scattered points": ("cubic", {"kind": "contours", "evaluation": "points"}, ["'points'", "point"]),
    "lines over two axes": ("cubic", {"kind": "approximations", "evaluation": "map"}, ["'map'", "x, y", "needs 1"]),
    "derivatives over two axes": ("atlas", {"kind": "derivatives"}, ["grid", "x, y", "needs 1"]),
    "derivatives at one point": ("waves", {"kind": "derivatives"}, ["x has 1 value", "2 or more"]),
    "an output that is not there": ("waves", {"kind": "convergence", "output": 1}, ["output = 1", "below 1"]),
    "limits the wrong way round": ("waves", {"kind": "approximations", "limits": [2, 1]}, ["[2, 1]", "increasing"]),
    "limits below zero of errors": ("waves", {"kind": "error_map", "limits": [-1, 1]}, ["[-1, 1]", "positive"]),
    "limits of one number": ("ramp", {"kind": "derivatives", "limits": [1]}, ["[1]", "increasing"]),
    "an overlay where there is none": (
        "waves",
        {"kind": "approximations", "evaluation": "wide", "overlay": True},
        ["overlay = True", "'wide'"],
    ),
    "no evaluation at all": ("ramp", {"kind": "convergence"}, ["None", "none; add"]),
    "a view of one angle": ("cubic", {"kind": "surface", "view": [1]}, ["view = [1]", "elevation"]),
    "a point that is not there": ("cubic", {"kind": "explain", "evaluation": "points", "point": 7}, ["7", "below 7"]),
    "a point that is true": ("cubic", {"kind": "explain", "point": True}, ["True", "'map' has 2000 point(s)"]),
    "no bars": ("cubic", {"kind": "explain", "largest": 0}, ["largest = 0", "from 1 to 40"]),
    "maps over one axis": ("waves", {"kind": "derivative_maps"}, ["grid", "are none", "two"]),
    "maps over no axis": ("atlas", {"kind": "derivative_maps", "over": ["x", "z"]}, ["['x', 'z']", "are x, y"]),
    "maps over one axis twice": ("atlas", {"kind": "derivative_maps", "over": ["x", "x"]}, ["['x', 'x']", "two"]),
    "maps at a place for no axis": ("atlas", {"kind": "derivative_maps", "at": [0.5]}, ["at = [0.5]", "no axis"]),
    "maps of no term": ("atlas", {"kind": "derivative_maps", "terms": []}, ["terms = []", "['x', 'y']"]),
    "maps of an unknown term": ("atlas", {"kind": "derivative_maps", "terms": ["z"]}, ["'z' is no variable", "x, y"]),
    "more panels of terms than can be read": ("waves", {"kind": "terms", "degrees": [1, 2, 3, 4, 5]}, ["at most 4"]),
    "no terms": ("cubic", {"kind": "terms", "most": 0}, ["most = 0", "1 to 40"]),
    "a number of terms that is true": ("cubic", {"kind": "terms", "most": True}, ["most = True", "whole"]),
    "shares of a degree above the order": ("cubic", {"kind": "trust_share", "degrees": [4]}, ["4", "order, 3"]),
    "tensor powers of an atlas": ("atlas", {"kind": "tensor_powers", "evaluation": "atlas"}, ["'atlas'", "single"]),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED.keys())
def test_refusals_say_field_value_and_remedy(case: tuple[str, dict, list[str]], request: pytest.FixtureRequest) -> None:
    source, options, words = case
    with pytest.raises(SpecError) as error:
        draw(request.getfixturevalue(source), options)
    assert [word for word in words if word not in str(error.value)] == []


@pytest.mark.parametrize("kind", ["trust_radius", "trust_share"])
def test_trust_is_refused_where_there_is_none(waves: Source, kind: str) -> None:
    with pytest.raises(SpecError, match="holds none"):
        draw(Source(waves.root.drop_vars("trust_radius")), {"kind": kind})


@pytest.mark.parametrize("name", ["waves", "ramp", "cubic", "atlas"])
def test_default_figures_can_all_be_drawn(name: str, request: pytest.FixtureRequest) -> None:
    source = request.getfixturevalue(name)
    requests = default_figures(source)
    assert requests
    for options in requests:
        assert draw(source, options).get_suptitle()


def test_default_figures_cover_what_there_is(waves: Source, ramp: Source, cubic: Source) -> None:
    def kinds(source: Source) -> set[str]:
        return {r["kind"] for r in default_figures(source)}

    assert kinds(waves) == {"approximations", "error_map", "convergence", "trust_radius"}
    assert kinds(ramp) == {"derivatives", "trust_radius"}
    assert kinds(cubic) >= {"surface", "contours", "error_map", "convergence", "approximations"}
    assert {"kind": "approximations", "evaluation": "near", "degrees": [2], "overlay": True} in default_figures(waves)


def test_titles_hold_the_formula_and_the_centre(waves: Source, cubic: Source) -> None:
    title = draw(waves, {"kind": "approximations"}).get_suptitle()
    assert r"\sin x + \cos x" in title and "about $x$ = 0" in title
    assert "about $(x, y)$ = (1, 2)" in draw(cubic, {"kind": "error_map"}).get_suptitle()


def test_an_own_title_is_used_and_cannot_break_a_figure(waves: Source) -> None:
    assert draw(waves, {"kind": "convergence", "title": "Costs $5"}).get_suptitle() == r"Costs \$5"
    assert draw(waves, {"kind": "convergence", "title": r"$\nonsense{$"}).get_suptitle() == r"\$\nonsense{\$"


def test_a_formula_that_cannot_be_set_gives_way_to_the_signature(waves: Source) -> None:
    function = waves.root.attrs["function"] | {"latex": r"\begin{cases} x \end{cases}"}
    broken = {n: d.assign_attrs(function=function) for n, d in waves.evaluations.items()}
    title = draw(Source(waves.root, broken), {"kind": "convergence"}).get_suptitle()
    assert "cases" not in title and "$f(x)$" in title


def test_an_output_is_chosen_and_said() -> None:
    source = synthetic.vector()
    first, second = (draw(source, {"kind": "approximations", "evaluation": "near", "output": i}) for i in (0, 1))
    assert "output 1 of 2" in second.get_suptitle()
    heights = [figure.axes[0].lines[0].get_ydata().max() for figure in (first, second)]
    assert heights[1] == pytest.approx(2 * heights[0])


def test_captions_are_plain_words() -> None:
    words = caption({"kind": "approximations", "evaluation": "near", "degrees": [0, 2], "overlay": True})
    assert words == "f and its Taylor polynomials (evaluation near, degrees 0, 2, overlay)"
    assert caption({"kind": "explain", "point": 0, "title": None}).endswith(" (point 0)")
    assert caption({"kind": "derivatives", "beside": False, "output": 0}).endswith(" (output 0)")
    assert "$" not in "".join(FIGURES.values())


def test_drawing_needs_neither_jax_nor_pyplot() -> None:
    code = """
import sys
from pathlib import Path
from tests.plotting import synthetic
from taylorkit.plotting import default_figures, draw
import taylorkit.report
source = synthetic.cubic((5, 4))
for request in default_figures(source):
    draw(source, request)
print([m for m in ("jax", "matplotlib.pyplot", "zarr") if m in sys.modules])
"""
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout.strip() == "[]"
