"""The figures of the reference cases, drawn from artifacts of the project's own specs, against plain formulas."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from taylorkit.pipeline import plan, run
from taylorkit.plotting import Source, draw
from taylorkit.store.read import open
from taylorkit.store.tree import evaluations

SPECS = Path(__file__).parent.parent / "data" / "specs"

# Polynomials of degree 10 on [-10, 10] reach 1e3: a few roundings of that.
TOLERANCE = 1e-11


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[tuple[dict, Figure]]]:
    """The figures that a spec asks for, by its name, drawn once."""
    store, drawn = tmp_path_factory.mktemp("store"), {}

    def of(name: str) -> list[tuple[dict, Figure]]:
        if name not in drawn:
            job = plan(SPECS / f"{name}.toml", store=store)
            run(job)
            source = Source(open(job.artifact), {e: open(job.artifact, e) for e in evaluations(job.artifact)})
            requests = job.spec.report.figures or []
            drawn[name] = [(request, draw(source, request)) for request in requests]
        return drawn[name]

    return of


def lines(figure: Figure) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The labelled lines of all panels."""
    return {
        str(line.get_label()): (np.asarray(line.get_xdata()), np.asarray(line.get_ydata()))
        for axes in figure.axes
        for line in axes.get_lines()
        if len(np.atleast_1d(line.get_xdata())) > 2
    }


def f(x: np.ndarray) -> np.ndarray:
    return np.sin(x) + np.cos(x)


def taylor_of_f(x: np.ndarray, degree: int) -> np.ndarray:
    """Σ f⁽ᵏ⁾(0) xᵏ/k!, the derivatives being 1, 1, −1, −1, 1, 1, …"""
    term, total = np.ones_like(x), np.zeros_like(x)
    for k in range(degree + 1):
        total = total + (1, 1, -1, -1)[k % 4] * term
        term = term * x / (k + 1)
    return total


def test_u2_three_figures(figures) -> None:
    drawn = [figure for request, figure in figures("sin-plus-cos") if request["kind"] == "approximations"]
    for figure, degrees in zip(drawn, ([1], [0, 1, 2], [2]), strict=True):
        shown = lines(figure)
        x, values = shown["$f$"]
        np.testing.assert_allclose(values, f(x), atol=TOLERANCE)
        assert {k for k in range(3) if f"$T_{{{k}}}$" in shown} == set(degrees)
        for k in degrees:
            np.testing.assert_allclose(shown[f"$T_{{{k}}}$"][1], taylor_of_f(x, k), atol=TOLERANCE)
    closed = next(v for label, v in lines(drawn[2]).items() if "1 + x - x^2/2" in label)
    np.testing.assert_allclose(closed[1], 1 + closed[0] - closed[0] ** 2 / 2, atol=TOLERANCE)


@pytest.mark.parametrize(("number", "reach"), [(0, 4.0), (1, 10.0)])
def test_u3_mml_figure_5_4(figures, number: int, reach: float) -> None:
    shown = lines(figures("mml-figure-5-4")[number][1])
    x, values = shown["$f$"]
    assert (x.min(), x.max()) == (-reach, reach)
    np.testing.assert_allclose(values, f(x), atol=TOLERANCE)
    for k in (0, 1, 5, 10):
        np.testing.assert_allclose(shown[f"$T_{{{k}}}$"][1], taylor_of_f(x, k), atol=1e-9 if reach > 4 else TOLERANCE)
    leaves = np.abs(shown["$T_{10}$"][1] - values)
    # "Almost perfectly": T10's remainder at 4 is below 4^11/11! = 0.105 times |f⁽¹¹⁾| ≤ √2.
    assert leaves.max() < 0.15 if reach == 4 else leaves.max() > 100
    ends = np.abs(shown["$T_{5}$"][1] - values)[[0, -1]]
    assert (ends > 1).all(), "T5 leaves f on both sides"


def test_u5_derivatives_beside_and_together(figures) -> None:
    (_, beside), (_, together), *_ = figures("tanh-half")
    panels = [axes for axes in beside.axes if axes.get_lines()]
    assert len(panels) == 2
    x = np.asarray(panels[0].get_lines()[0].get_xdata())
    assert len(x) == 200
    np.testing.assert_allclose(panels[0].get_lines()[0].get_ydata(), np.tanh(x / 2), atol=TOLERANCE)
    assert sum(len(np.atleast_1d(line.get_xdata())) == 200 for line in panels[1].get_lines()) == 6
    drawn = [line for axes in together.axes for line in axes.get_lines() if len(np.atleast_1d(line.get_xdata())) == 200]
    assert len(drawn) == 10
    t = np.tanh(x / 2)
    np.testing.assert_allclose(drawn[0].get_ydata(), (1 - t**2) / 2, atol=TOLERANCE)
    np.testing.assert_allclose(drawn[1].get_ydata(), -t * (1 - t**2) / 2, atol=TOLERANCE)


def test_m8_three_surfaces_and_the_error_maps(figures) -> None:
    drawn = figures("mml-5-15")
    surfaces = [(request, figure) for request, figure in drawn if request["kind"] == "surface"]
    assert [request.get("degree") for request, _ in surfaces] == [None, 1, 2]
    for _, figure in surfaces:
        (axes,) = [axes for axes in figure.axes if axes.name == "3d"]
        assert axes.get_xlim()[0] <= -5
        assert axes.get_xlim()[1] >= 5
    maps = next(figure for request, figure in drawn if request["kind"] == "error_map")
    panels = [axes for axes in maps.axes if "T_" in axes.get_title()]
    assert len(panels) == 4
