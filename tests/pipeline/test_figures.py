"""What figures ask for is refused before anything is computed, in the words in which drawing refuses it."""

from pathlib import Path
from typing import Any

import pytest

from taylorkit import cli, pages, pipeline
from taylorkit.errors import SpecError
from taylorkit.pipeline import figures
from taylorkit.plotting import FIGURES, UnknownYetError, check, default_figures, draw
from tests.store.making import ATLAS, LINE, run, write_spec
from tests.test_cli import GRAPH, GROWTH

SINGLE = """
function = "two_variable"
variables = ["x", "y"]
call = "scalars"
order = 3
grid.x = 1.0
grid.y = 0.5

[evaluations.dot]
x = 1.0
y = 0.5

[evaluations.map]
x = { start = 0.0, stop = 1.0, num = 4 }
y = { start = 0.0, stop = 1.0, num = 5 }

[evaluations.line]
x = { start = 0.0, stop = 1.0, num = 4 }
"""
SPECS = {"atlas": ATLAS, "line": LINE, "single": SINGLE, "graph": GRAPH, "growth": GROWTH}
# The spec, what it asks for, and a part of what is said.
IMPOSSIBLE: dict[str, tuple[str, dict[str, Any], str]] = {
    "a point beyond": ("atlas", {"kind": "explain", "point": 1000}, "point = 1000: evaluation 'map' has 54"),
    "no bars": ("single", {"kind": "explain", "largest": 0}, "largest = 0: write a whole"),
    "an output beyond": ("atlas", {"kind": "explain", "output": 7}, "output = 7: f has 1"),
    "terms as a text": ("atlas", {"kind": "derivative_maps", "terms": "x"}, "terms = 'x': write a list"),
    "no terms": ("atlas", {"kind": "derivative_maps", "terms": []}, r"terms = \[\]: write a list"),
    "a term beyond": ("atlas", {"kind": "derivative_maps", "terms": ["x^3"]}, r"'x\^3': its degree is 3"),
    "an axis twice": ("atlas", {"kind": "derivative_maps", "over": ["x", "x"]}, "need two of them"),
    "axes as a text": ("atlas", {"kind": "derivative_maps", "over": "xy"}, "over = 'xy': its axes"),
    "a place for no axis": ("atlas", {"kind": "derivative_maps", "at": [1.0]}, r"at = \[1.0\]: .* no axis"),
    "one wide axis": ("line", {"kind": "derivative_maps"}, "axes with 2 values or more are x; these maps need two"),
    "limits that fall": (
        "atlas",
        {"kind": "trust_share", "limits": [3, 1]},
        r"limits = \[3, 1\]: write two increasing",
    ),
    "a number that is true": ("atlas", {"kind": "terms", "most": True}, "most = True: write a whole"),
    "five panels": ("single", {"kind": "terms", "degrees": [0, 1, 2, 3, 1]}, "write at most 4"),
    "a degree beyond": ("atlas", {"kind": "error_map", "degrees": [3]}, "degrees = 3: .* to the order, 2"),
    "limits of no error": ("line", {"kind": "error_map", "limits": [0, 1]}, "two increasing positive"),
    "limits of convergence": ("line", {"kind": "convergence", "limits": [0]}, "two increasing positive"),
    "contours of a line": ("line", {"kind": "contours"}, "axes are x; contours needs 2"),
    "contours between nothing": (
        "single",
        {"kind": "contours", "evaluation": "map", "limits": [1, 1]},
        "two increasing numbers",
    ),
    "lines of a map": ("single", {"kind": "approximations", "evaluation": "map"}, "axes are x, y; this figure needs 1"),
    "no closed form": ("line", {"kind": "approximations", "overlay": True}, "has no closed form"),
    "a word for a switch": ("line", {"kind": "approximations", "overlay": "no"}, "overlay = 'no': write true or false"),
    "a number for a title": ("line", {"kind": "convergence", "title": 5}, "title = 5: write a text"),
    "evaluations in a list": (
        "line",
        {"kind": "convergence", "evaluation": ["near"]},
        r"evaluation = \[\'near\'\]: write a text",
    ),
    "one angle": ("single", {"kind": "surface", "evaluation": "map", "view": [1]}, r"view = \[1\]: write"),
    "an angle as a number": ("single", {"kind": "surface", "evaluation": "map", "view": 1}, "view = 1: write"),
    "a surface beyond": (
        "single",
        {"kind": "surface", "evaluation": "map", "degree": 4},
        "degree = 4: .* to the order, 3",
    ),
    "one output": ("single", {"kind": "cloud"}, "output = 1: f has 1"),
    "distances in an atlas": ("atlas", {"kind": "error_against_distance"}, "is of an atlas"),
    "no distances": (
        "single",
        {"kind": "error_against_distance", "evaluation": "dot"},
        "all its points are the centre",
    ),
    "powers in an atlas": ("atlas", {"kind": "tensor_powers"}, "an atlas has many centres"),
    "derivatives over a plane": ("atlas", {"kind": "derivatives"}, "axes are x, y; this figure needs 1"),
    "a radius of no degree": ("atlas", {"kind": "trust_radius", "degrees": "all"}, "degrees = 'all': write a list"),
    "another kind": ("line", {"kind": "growth"}, "draws artifacts of kind 'growth', this one is of kind 'taylor'"),
    "of another kind": ("growth", {"kind": "convergence"}, "draws artifacts of kind 'taylor', this one is of kind 'gr"),
    "an order that is no graph": ("graph", {"kind": "graph", "order": 2}, "order = 2: write one of 0, 1"),
}


@pytest.fixture(scope="module", params=SPECS)
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, pipeline.Job]:
    """Each of the specs, run."""
    folder = tmp_path_factory.mktemp("made")
    return request.param, run(write_spec(folder, SPECS[request.param]), folder / "store")[0]


def test_a_plan_is_refused_what_the_artifact_is_refused(whole: tuple[str, pipeline.Job]) -> None:
    name, job = whole
    plan, source = figures.planned(job), pages.source(job.artifact)
    for of, request, said in IMPOSSIBLE.values():
        if of == name:
            with pytest.raises(SpecError, match=said) as early:
                check(plan, request)
            with pytest.raises(SpecError) as late:
                draw(source, request)
            assert str(early.value) == str(late.value)


def test_a_plan_may_show_what_the_artifact_shows(whole: tuple[str, pipeline.Job]) -> None:
    """It differs in nothing but the values."""
    _, job = whole
    plan, source = figures.planned(job), pages.source(job.artifact)
    assert list(plan.evaluations) == list(source.evaluations)
    for planned, made in (
        (plan.root, source.root),
        *zip(plan.evaluations.values(), source.evaluations.values(), strict=True),
    ):
        assert planned.attrs == made.attrs
        shapes = [{n: (v.dims, v.shape) for n, v in d.variables.items() if v.dims != (n,)} for d in (planned, made)]
        assert shapes[0] == shapes[1] and planned.sizes == made.sizes
        for name in planned.coords:
            assert planned[name].equals(made[name])
    for request in default_figures(source):
        check(plan, request)


def test_nothing_of_a_plan_can_be_read(tmp_path: Path) -> None:
    plan = figures.planned(pipeline.plan(write_spec(tmp_path, LINE), store=tmp_path / "store"))
    with pytest.raises(UnknownYetError, match="derivatives"):
        plan.root["derivatives"].isel(term=0).values  # noqa: B018


@pytest.mark.parametrize("command", ["check", "run"])
def test_the_command_says_which_and_makes_nothing(tmp_path: Path, command: str, capsys: pytest.CaptureFixture) -> None:
    spec, store = write_spec(tmp_path, ATLAS), tmp_path / "store"
    asked = "report.figures=[{kind='trust_share'},{kind='terms',most=true}]"
    assert cli.main([command, str(spec), "--store", str(store), "--set", asked]) == 2
    assert "report.figures, number 2: figure 'terms': most = True: write" in capsys.readouterr().err
    assert not store.exists()


def test_an_artifact_that_is_there_is_asked_too(tmp_path: Path) -> None:
    """Its page is drawn anew for other figures: those are looked at before a missing evaluation is computed."""
    spec = write_spec(tmp_path, LINE)
    job, _ = run(spec, tmp_path / "store")
    assert pipeline.plan(spec, store=tmp_path / "store").artifact == job.artifact
    with pytest.raises(SpecError, match="number 1: figure 'terms': most = 0"):
        pipeline.plan(spec, ["report.figures=[{kind='terms',most=0}]"], tmp_path / "store")


def test_every_kind_is_refused_something() -> None:
    assert {request["kind"] for _, request, _ in IMPOSSIBLE.values()} | {"timing"} == set(FIGURES)
