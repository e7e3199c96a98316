"""Two artifacts on one page: what differs is told, with its numbers, and figures share a scale."""

import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure

from taylorkit import cli
from taylorkit.compared import compare
from taylorkit.errors import IntegrityError, SpecError
from taylorkit.plotting import Source, draw
from taylorkit.report import agreement, comparison, pictures
from taylorkit.report.comparison import Side, _limits, _numbers, write_comparison
from tests.plotting import synthetic
from tests.report.reading import Page
from tests.store.making import LINE, flip, write_spec

GROWTH = """
kind = "growth"
function = "tanh_half"
variables = ["x"]
call = "scalars"
order = 1
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`line` to orders 2 and 3, the second on every other point and those between."""
    folder = tmp_path_factory.mktemp("compared")
    low, high = write_spec(folder, LINE, "low"), write_spec(folder, LINE.replace("num = 5", "num = 9"), "high")
    for spec, *options in ((low,), (high, "--set", "order=3")):
        assert cli.main(["run", str(spec), "--store", str(folder / "store"), *options]) == 0
    return folder / "store"


def sides(store: Path) -> list[Path]:
    return [next(store.glob(f"{name}-*.zarr")) for name in ("low", "high")]


def test_the_page_tells_what_differs(store: Path, capsys: pytest.CaptureFixture) -> None:
    low, high = sides(store)
    assert cli.main(["compare", str(low), str(high)]) == 0
    page = Path(capsys.readouterr().out.strip())
    read = Page(page)
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", read.source)]
    assert ["derivatives", "order", "2", "3"] in cells
    assert ["derivatives", "points x", "5 values", "9 values"] in cells
    # Degree 2 at the five points that both have: the same numbers, but for rounding.
    (agreed,) = [row[2] for row in cells if row[:2] == ["2", "5"]]
    assert re.fullmatch("0|.*·10⁻¹[⁵-⁹]", agreed)
    with xr.open_zarr(low / "evaluation/near", consolidated=False) as a:
        worst = float(a["max_error"].sel(degree=2))
    (told,) = [row for row in cells if row[:2] == ["near", "2"]]
    assert float(told[2]) == pytest.approx(worst, rel=1e-3)
    (beyond,) = [row for row in cells if row[:2] == ["near", "3"]]
    assert beyond[2] == "–"
    assert beyond[4] == "–"
    assert len(read.all("img")) == 2
    for link in read.all("a"):
        assert (page.parent / str(link["href"])).is_file()


def test_figures_of_an_error_share_a_scale() -> None:
    a, b = synthetic.cubic(), synthetic.cubic()
    b.evaluations["map"]["error"] = b.evaluations["map"]["error"] * 1e3
    request = {"kind": "error_map", "evaluation": "map", "degrees": [1]}
    low, high = (_limits(x, x, request)["limits"] for x in (a, b))
    both = _limits(a, b, request)["limits"]
    assert both[1] == max(low[1], high[1]) > min(low[1], high[1])
    assert both[0] <= low[0]
    assert _limits(a, b, request | {"limits": [1.0, 2.0]}) == {}
    # A maximum decades above the root mean square is on the scale, too.
    a.evaluations["map"]["max_error"] = a.evaluations["map"]["max_error"] * 1e3
    lowest, highest = _limits(a, a, {"kind": "convergence", "evaluation": "map"})["limits"]
    drawn = a.evaluations["map"][["max_error", "rms_error"]].to_array().values
    assert drawn.max() < highest and lowest < drawn[drawn > 0].min()
    assert _limits(a, b, {"kind": "surface", "evaluation": "map"}) == {}
    assert _limits(a, b, {"kind": "error_map", "evaluation": "map", "degrees": [77]}) == {}


def test_numbers_are_compared_where_both_have_them() -> None:
    root = synthetic.cubic().root
    assert [k for k, _, apart in agreement.by_degree(root, root) if apart == 0] == list(range(root.attrs["order"] + 1))
    other = root.copy(deep=True)
    place = dict.fromkeys(other["derivatives"].dims, 0)
    value = float(root["derivatives"].isel(place))
    other["derivatives"][place] = value + 1.0
    (first, *others) = agreement.by_degree(root, other)
    largest = float(abs(root["derivatives"].isel(term=0)).max())
    assert first[2] == pytest.approx(1.0 / largest)
    assert all(apart == 0 for _, _, apart in others)


def test_nothing_is_compared_that_cannot_be() -> None:
    root = synthetic.cubic().root
    moved = root.assign_coords({axis: root[axis] + 0.123 for axis in root.attrs["variables"]})
    named = root.assign_attrs(variables=["p", "q"])
    assert list(agreement.by_degree(root, moved)) == []
    assert list(agreement.by_degree(root, named)) == []


def test_a_number_that_is_none_differs_from_one_that_is() -> None:
    one, other = np.array([1.0, np.nan, np.nan]), np.array([1.0, np.nan, 2.0])
    assert agreement._apart(one, one) == 0
    assert agreement._apart(one, other) == np.inf


def test_what_differs_from_zeros_is_infinitely_far_from_them() -> None:
    """x² against x² + 10⁻³ x³, whose third derivative is 0.006: of A's degree 3 there is nothing to measure it by."""
    zeros = np.zeros(3)
    assert agreement._apart(zeros, np.full(3, 0.006)) == np.inf
    assert agreement._apart(zeros, zeros) == 0
    assert agreement._apart(np.ones(3), zeros) == 1


def test_a_degree_of_too_many_numbers_is_not_compared_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    source = synthetic.cubic()
    monkeypatch.setattr(agreement, "MOST", 2)  # of degree k there are k + 1
    assert [apart for *_, apart in agreement.by_degree(source.root, source.root)] == [0, 0, None, None]
    table = _numbers(*(Side(name, source) for name in "ab"))
    assert [row[2] for row in table.rows] == ["0", "0", "–", "–"]
    assert "more than 2 numbers" in table.note


def test_a_point_that_is_there_twice_counts_once() -> None:
    root = synthetic.ramp(2, 4).root
    scattered = root.swap_dims(x="point").reset_coords("x").isel(point=[0, 1, 1, 2])
    assert {points for _, points, _ in agreement.by_degree(scattered, scattered)} == {3}
    side = Side("a", Source(scattered))
    assert _numbers(side, side).head[1] == "distinct points in both"


def test_two_kinds_are_refused_in_one_sentence(store: Path, tmp_path: Path) -> None:
    spec = write_spec(tmp_path, GROWTH, "growing")
    assert cli.main(["run", str(spec), "--store", str(tmp_path / "store")]) == 0
    (growing,) = (tmp_path / "store").glob("growing-*.zarr")
    low, _ = sides(store)
    for a, b, words in ((low, growing, "taylor, .* of kind growth"), (growing, low, "growth, .* of kind taylor")):
        with pytest.raises(SpecError, match=f"is of kind {words}: .*; compare artifacts of one kind$"):
            compare(a, b)
    assert not list((tmp_path / "store").glob("pages/compare/*"))


def side(name: str, evaluations: dict[str, xr.Dataset], *figures: dict[str, Any]) -> Side:
    root = synthetic.cubic((12, 10)).root
    return Side(name, Source(root.assign_attrs(spec={"report": {"figures": list(figures)}}), evaluations))


@pytest.fixture(scope="module")
def map_() -> xr.Dataset:
    return synthetic.cubic((12, 10)).evaluations["map"]


def test_what_is_left_out_is_said_with_the_reason_and_the_side(map_: xr.Dataset, tmp_path: Path) -> None:
    figures = (
        {"kind": "convergence", "evaluation": "map", "title": "Only A", "words": "Only A"},
        {"kind": "convergence", "evaluation": "week"},
        {"kind": "error_map", "evaluation": "map", "degrees": [3]},
    )
    a = side("a", {"map": map_, "week": map_}, *figures)
    # The same artifact of lower order; and one that lacks what a figure reads.
    lower = map_.sel(degree=slice(0, 2)).assign_attrs(order=2)
    for other, reason in (
        (lower, "B cannot show it (degrees = 3: write whole numbers from 0 to the order, 2)"),
        (map_.drop_vars("error"), "B cannot show it (KeyError: "),
    ):
        read = Page(write_comparison(a, side("b", {"map": other}), [], tmp_path))
        assert "2 of A's 3 figures are left out:" in read.texts["p"]
        week, degree = read.texts["li"]
        assert week == "The sampled error against the degree (evaluation week): B has no evaluation week"
        assert degree.startswith("The error |f − Tₖ|, degree by degree (evaluation map, degrees 3): " + reason)
        assert len(read.all("img")) == 2
        assert "Only A" not in read.source


def test_a_title_of_a_is_not_drawn_over_b(map_: xr.Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []

    def spy(source: Source, request: dict[str, Any]) -> Figure:
        drawn.append(draw(source, request))
        return drawn[-1]

    monkeypatch.setattr(comparison, "draw", spy)
    a = side("a", {"map": map_}, {"kind": "convergence", "title": "Only A"})
    write_comparison(a, side("b", {"map": map_}), [], tmp_path)
    assert [figure.get_suptitle() == "Only A" for figure in drawn] == [False, False]


def test_figures_of_an_earlier_comparison_go_away(map_: xr.Dataset, tmp_path: Path) -> None:
    one, two = ({"kind": "convergence", "evaluation": "map", "title": t} for t in "ab")
    b = side("b", {"map": map_})
    write_comparison(side("a", {"map": map_}, one, two), b, [], tmp_path)
    assert len(list((tmp_path / "figures").iterdir())) == 8
    write_comparison(side("a", {"map": map_}, one), b, [], tmp_path)
    names = [f"01-convergence-{letter}.{suffix}" for letter in "ab" for suffix in ("png", "svg")]
    assert sorted(path.name for path in (tmp_path / "figures").iterdir()) == names


def test_a_comparison_has_smaller_pictures_where_they_are_too_large(
    map_: xr.Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = side("a", {"map": map_}, {"kind": "error_map", "evaluation": "map"}), side("b", {"map": map_})
    whole = write_comparison(a, b, [], tmp_path).read_text()
    assert pictures.SMALLER not in whole
    limit = len(whole) // 2
    monkeypatch.setattr(comparison, "LARGEST_PAGE", limit)
    page = write_comparison(a, b, [], tmp_path)
    assert len(page.read_text()) < limit and pictures.SMALLER in page.read_text()
    assert len(Page(page).all("img")) == 2
    assert all((page.parent / str(link["href"])).is_file() for link in Page(page).all("a"))


def test_a_damaged_artifact_is_refused_and_nothing_is_written(store: Path, tmp_path: Path) -> None:
    low, high = sides(store)
    copy = tmp_path / "store" / high.name
    copy.parent.mkdir()
    shutil.copytree(high, copy)
    shard = next(path for path in (copy / "derivatives" / "c").rglob("*") if path.is_file())
    flip(shard, shard.stat().st_size // 2)
    with pytest.raises(IntegrityError):
        compare(copy, low)
    assert not list(tmp_path.glob("**/index.html"))
    with pytest.raises((SpecError, IntegrityError)):
        compare(tmp_path / "none.zarr", low)
