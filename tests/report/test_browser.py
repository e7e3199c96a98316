"""Pages in a real browser: every control does what it says, nothing complains, and all of it stands without scripts."""

import dataclasses
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from taylorkit.plotting import Source
from taylorkit.plotting.text import number
from taylorkit.polynomial import TaylorPolynomial
from taylorkit.report import write_page
from tests.browsing import Browser, browser, opened
from tests.plotting import synthetic

pytestmark = pytest.mark.skipif(browser() is None, reason="no Chromium is installed")

FIGURES = [{"kind": "convergence", "evaluation": "map"}, {"kind": "error_map", "evaluation": "atlas"}]
READOUT = "document.getElementById('explore-readout').textContent"
HOVER = "document.querySelector('#explore-plot .hoverlayer').textContent"
INK = {"light": "rgb(27, 31, 36)", "dark": "rgb(230, 237, 243)"}
CELL = re.compile(r"\(x, y\) = \((.*), (.*)\)g = (.*)T₃ = (.*)\|g − T₃\| = (.*)")


@pytest.fixture(scope="module")
def plane() -> Source:
    return synthetic.plane(synthetic.cubic((12, 10), grid_points=5))


@pytest.fixture(scope="module")
def page(plane: Source, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_page(plane, tmp_path_factory.mktemp("plane"), figures=FIGURES)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with opened() as found:
        yield found


@pytest.fixture(scope="module")
def loaded(chromium: Browser, page: Path) -> Browser:
    """The page, opened once: each test goes on from where another left it."""
    chromium.open(page)
    return chromium


@pytest.fixture(autouse=True)
def quiet(chromium: Browser) -> Iterator[None]:
    yield
    assert chromium.said == [] and chromium.asked == []


def choose(tab: Browser, element: str, value: Any = None) -> None:
    """Do to a control what somebody does, and let it tell the page so."""
    act = "e.click()" if value is None else f"e.value = {json.dumps(value)}, e.dispatchEvent(new Event('input')), "
    act += "" if value is None else "e.dispatchEvent(new Event('change'))"
    tab.get(f"(() => {{ const e = document.querySelector({json.dumps(element)}); {act} }})()")


def degree(tab: Browser, k: int) -> None:
    choose(tab, f"#explore-degrees input[value='{k}']")


def errors(tab: Browser, k: int) -> np.ndarray:
    return np.array(tab.get(f"Array.from(explorer.errors[{k}])"), float)


def told(tab: Browser) -> str:
    """The largest error that the page says."""
    found = re.search(r"= ([^=]*) over", tab.get(READOUT))
    assert found
    return found[1]


def in_plot(tab: Browser, across: float, down: float) -> tuple[float, float]:
    """A place in the first of the plot's fields, by parts of its width and height."""
    box = "document.querySelector('#explore-plot .nsewdrag').getBoundingClientRect().toJSON()"
    tab.get("document.getElementById('explore-plot').scrollIntoView()")
    r = tab.get(box)
    return r["x"] + across * r["width"], r["y"] + down * r["height"]


def test_each_degree_shows_its_errors_as_they_are_stored(loaded: Browser, plane: Source) -> None:
    for place, name in enumerate(("map", "atlas")):
        choose(loaded, "#explore-evaluation", str(place))
        stored = plane.evaluations[name]
        for k in range(4):
            degree(loaded, k)
            assert told(loaded) == number(float(stored["max_error"][k]))
            np.testing.assert_allclose(errors(loaded, k), stored["error"].values[k].ravel(), atol=1e-12)
            drawn = loaded.get("document.getElementById('explore-plot').data[0].z.flat()")
            np.testing.assert_allclose(drawn, stored["approximation"].values[k].T.ravel(), rtol=1e-12, atol=1e-12)


def test_arrow_keys_change_the_degree(loaded: Browser) -> None:
    degree(loaded, 1)
    loaded.get("document.querySelector('#explore-degrees input:checked').focus()")
    loaded.press("ArrowRight")
    assert loaded.get(READOUT).startswith("T₂ about")


def test_sliders_and_clicks_choose_the_centre_that_they_say(loaded: Browser, plane: Source) -> None:
    choose(loaded, "#explore-evaluation", "1")
    degree(loaded, 1)
    atlas, axes = plane.evaluations["atlas"], {v: plane.root[v].values for v in "xy"}
    points = np.stack(np.meshgrid(atlas["x"].values, atlas["y"].values, indexing="ij"), axis=-1)
    for i in range(2):
        choose(loaded, f"#explore-picks label:nth-child({i + 1}) input", str(i + 3))
    about = [(axes["x"][3], axes["y"][4])]
    checked = [_error_about(loaded, plane, points, *about[0])]
    loaded.wait("explorer.center !== 19", lambda: loaded.click(*in_plot(loaded, 0.3, 0.8)))
    about.append((axes["x"][1], axes["y"][1]))
    checked.append(_error_about(loaded, plane, points, *about[1]))
    assert checked[0] != checked[1]
    choose(loaded, "#explore-stored")
    assert told(loaded) == number(float(atlas["max_error"][1])) != checked[1]


def _error_about(tab: Browser, plane: Source, points: np.ndarray, x: float, y: float) -> str:
    """The largest error about a centre, worked out apart from the page; the page says and draws the same."""
    slopes = plane.root["derivatives"].sel(x=x, y=y).values[:3]
    T = TaylorPolynomial((x, y), slopes)
    expected = np.abs(plane.evaluations["atlas"]["truth"].values - T(tuple(np.moveaxis(points, -1, 0))))
    np.testing.assert_allclose(errors(tab, 1), expected.ravel(), atol=1e-12)
    assert tab.get(READOUT).replace("\u00a0", " ") == (
        f"T₁ about (x, y) = ({number(x)}, {number(y)}): largest |g − T₁| = {number(expected.max())} over 441 points"
    )
    words = tab.get("Array.from(document.querySelectorAll('#explore-picks output'), e => e.textContent)")
    assert words == [number(x), number(y)]
    assert tab.get("document.getElementById('explore-one').checked")
    dot = tab.get(
        "[document.getElementById('explore-plot').data[2].x, document.getElementById('explore-plot').data[2].y]"
    )
    assert dot == [[x], [y]]
    return number(expected.max())


def test_sliders_are_idle_while_the_centre_is_as_stored(loaded: Browser) -> None:
    idle = "document.querySelector('#explore-picks').classList.contains('idle')"
    places = "Array.from(document.querySelectorAll('#explore-picks output'), e => e.textContent).join()"
    choose(loaded, "#explore-evaluation", "1")
    before = loaded.get(places)
    assert loaded.get(idle)
    choose(loaded, "#explore-picks label:nth-child(1) input", "0")
    assert loaded.get(idle) is False
    assert loaded.get(places) != before
    choose(loaded, "#explore-stored")
    assert loaded.get(idle)
    assert loaded.get(places) == before


def test_arrow_keys_point_and_enter_picks(loaded: Browser, plane: Source) -> None:
    """Without a pointer: from the middle of a map to its neighbours, told in words."""
    choose(loaded, "#explore-evaluation", "0")
    degree(loaded, 2)
    at = plane.evaluations["map"]
    i, j = at.sizes["x"] // 2, at.sizes["y"] // 2
    loaded.get("document.getElementById('explore-picture').focus()")
    for key in ("ArrowRight", "ArrowUp", "ArrowUp", "ArrowLeft", "ArrowLeft", "ArrowDown"):
        loaded.press(key)
    there = at.isel(x=i - 1, y=j + 1)
    said = loaded.get("document.getElementById('explore-point').textContent").replace("\u00a0", " ")
    values = [float(there[name]) for name in ("x", "y")]
    assert said == (
        f"(x, y) = ({number(values[0], 5)}, {number(values[1], 5)}): g = {number(float(there['truth']), 6)}, "
        f"T₂ = {number(float(there['approximation'][2]), 6)}, |g − T₂| = {number(float(there['error'][2]))}"
    )
    loaded.wait(f"{HOVER}.includes('T₂')")
    loaded.press("Enter")
    nearest = [float(plane.root[v].sel({v: value}, method="nearest")) for v, value in zip("xy", values, strict=True)]
    assert f"about (x, y) = ({number(nearest[0])}, {number(nearest[1])})" in loaded.get(READOUT)
    assert loaded.get("document.getElementById('explore-one').checked")
    loaded.get("document.activeElement.blur()")
    assert loaded.get("document.getElementById('explore-point').textContent") == ""


def test_pointing_at_a_map_tells_its_values(loaded: Browser, plane: Source) -> None:
    choose(loaded, "#explore-evaluation", "0")
    degree(loaded, 3)
    for field, what in (("polynomial", "approximation"), ("function", "truth")):
        choose(loaded, f"input[name='explore-what'][value='{field}']")
        stored = plane.evaluations["map"][what].values
        shown = loaded.get("document.getElementById('explore-plot').data[0].z.flat()")
        np.testing.assert_allclose(shown, (stored[3] if stored.ndim == 3 else stored).T.ravel(), atol=1e-12)
    loaded.wait(f"{HOVER}.includes('T₃')", lambda: loaded.mouse("mouseMoved", *in_plot(loaded, 0.71, 0.4)))
    found = CELL.fullmatch(loaded.get(HOVER).replace("−", "-").replace("|g - T₃|", "|g − T₃|"))
    assert found
    x, y, g, t, _ = (float(v) for v in found.groups())
    at = plane.evaluations["map"].sel(x=x, y=y, method="nearest")
    assert (float(at["x"]), float(at["y"])) == pytest.approx((x, y), rel=1e-4)
    assert (float(at["truth"]), float(at["approximation"][3])) == pytest.approx((g, t), rel=1e-5)
    assert g == pytest.approx(x**2 + 2 * x * y + y**3, rel=1e-3)


def test_tables_are_copied_as_a_spreadsheet_reads_them(loaded: Browser, plane: Source) -> None:
    keep = "copied.push(e.clipboardData.getData('text/plain'))"
    loaded.get(f"globalThis.copied = []; document.addEventListener('copy', e => {keep})")
    choose(loaded, ".table button.copy")
    lines = [line.split("\t") for line in loaded.get("copied.at(-1)").split("\n")]
    assert lines[0] == ["evaluation", "degree", "max |f − Tₖ|", "RMS", "samples"]
    expected = [
        [name, *(repr(v) for v in (k, float(d["max_error"][k]), float(d["rms_error"][k]), int(d["samples"][k])))]
        for name, d in plane.evaluations.items()
        for k in range(4)
    ]
    assert lines[1:] == expected
    rows = "const [a, b] = document.querySelectorAll('tbody tr')"
    part = "getSelection().setBaseAndExtent(a.cells[1], 0, b.cells[2], 1)"
    loaded.get(f"{{ {rows}; {part}; document.execCommand('copy') }}")
    assert loaded.get("copied.at(-1)").split("\n")[0].split("\t") == expected[0][1:]
    one = "getSelection().selectAllChildren(document.querySelector('tbody td'))"
    loaded.get(f"{{ {one}; document.execCommand('copy') }}")
    assert loaded.get("copied.at(-1)") == "", "a word alone is left to the browser"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1200])
def test_it_fits_and_follows_the_theme(loaded: Browser, width: int, theme: str) -> None:
    loaded.look(width, theme)
    loaded.wait("explorer.width === document.getElementById('explore-plot').clientWidth")
    assert loaded.get("document.documentElement.scrollWidth <= innerWidth")
    assert loaded.get("document.getElementById('explore-plot').scrollWidth <= explorer.width")
    assert loaded.get("getComputedStyle(document.body).color") == INK[theme]
    loaded.wait(f"getComputedStyle(document.querySelector('#explore-plot .xtick text')).fill === '{INK[theme]}'")


def test_print_shows_figures_and_no_controls(loaded: Browser) -> None:
    loaded.look(1200, media="print")
    assert loaded.get("document.querySelector('#explore').checkVisibility()") is False
    assert (
        loaded.get("[...document.querySelectorAll('button, nav, input, select')].some(e => e.checkVisibility())")
        is False
    )
    assert loaded.get("[...document.images].every(i => i.checkVisibility() && i.naturalWidth > 0)")
    loaded.look(1200)
    assert loaded.get("document.querySelector('#explore').checkVisibility()")


def test_numbers_are_written_as_everywhere(loaded: Browser) -> None:
    values = [0.0, -0.0, 1.0, -3.0, 0.46211717, 1.5e-7, -1e20, 9999.6, 1.00004, 0.00012345, 12345.6, 2.5, 1e4]
    for digits in (2, 4):
        written = loaded.get(f"{values}.map(v => number(v, {digits}))")
        assert written == [number(v, digits) for v in values]
    assert loaded.get("[NaN, Infinity, -Infinity].map(v => number(v))") == ["–", "∞", "−∞"]


def test_every_control_has_a_name(loaded: Browser) -> None:
    nodes = loaded.send("Accessibility.getFullAXTree")["nodes"]
    roles = ("radio", "slider", "combobox", "button", "image", "navigation", "table", "link")
    named = [(n["role"]["value"], n["name"]["value"]) for n in nodes if n.get("role", {}).get("value") in roles]
    assert {role for role, _ in named} == set(roles)
    assert [role for role, name in named if not name.strip() and role != "table"] == []
    assert loaded.get("document.querySelectorAll('h1').length") == 1
    targets = loaded.get("Array.from(document.querySelectorAll('nav a'), a => !!document.querySelector(a.hash))")
    assert targets == [True] * 4


def test_lines_show_each_output(chromium: Browser, tmp_path: Path) -> None:
    source = synthetic.vector()
    near = source.evaluations["near"]
    chromium.open(write_page(source, tmp_path, figures=[]))
    for output in range(2):
        choose(chromium, "#explore-output", str(output))
        degree(chromium, 3)
        assert told(chromium) == number(float(near["max_error"][3, output]))
        drawn = chromium.get("document.getElementById('explore-plot').data.map(t => Array.from(t.y))")
        np.testing.assert_allclose(drawn[0], near["truth"][output])
        np.testing.assert_allclose(drawn[1], near["approximation"][3, output])
    chromium.wait(f"{HOVER}.includes('T₃')", lambda: chromium.mouse("mouseMoved", *in_plot(chromium, 0.75, 0.5)))
    values = [float(v) for v in re.findall(r"= ([-−\d.e]+?)(?=[fT|]|$)", chromium.get(HOVER).replace("−", "-"))]
    at = near.sel(x=values[0], method="nearest").isel(output=1)
    expected = [at["x"], at["truth"], at["approximation"][3], at["error"][3]]
    assert values == pytest.approx([float(v) for v in expected], rel=1e-3)


def test_words_keep_to_the_page(chromium: Browser, plane: Source, tmp_path: Path) -> None:
    """A wide table and a long formula scroll by themselves; on paper, where nothing scrolls, all of them is there."""
    row = "| " + " | ".join(["a column of words"] * 8) + " |"
    table = f"{row}\n{'|---' * 8}|\n{row}"
    formula = " + ".join(f"x^{{{k}}}" for k in range(60))
    spec = {"report": {"words": f"{table}\n\nA sum ${formula}$ in words.\n\n$${formula}$$", "figures": []}}
    page = write_page(dataclasses.replace(plane, root=plane.root.assign_attrs(spec=spec)), tmp_path)
    chromium.open(page)
    for width in (390, 1200):
        chromium.look(width)
        assert chromium.get("document.documentElement.scrollWidth <= innerWidth")
    chromium.look(718, media="print")
    cut = "['.formula', '.words table', '.words math'].flatMap(s => [...document.querySelectorAll(s)])"
    assert chromium.get(f"{cut}.some(e => getComputedStyle(e).overflowX !== 'visible')") is False
    chromium.look(1200)


def test_without_scripts_figures_and_tables_stand(chromium: Browser, page: Path) -> None:
    chromium.open(page, scripts=False)
    seen = chromium.get("[...document.querySelectorAll('body *')].filter(e => e.checkVisibility()).map(e => e.tagName)")
    assert seen.count("IMG") == len(FIGURES) and seen.count("TABLE") == 4
    assert not {"BUTTON", "INPUT", "SELECT"} & set(seen)
    assert chromium.get("document.querySelector('#explore').checkVisibility()") is False
    assert chromium.get("[...document.images].every(i => i.naturalWidth > 0)")
