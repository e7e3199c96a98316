"""Terms by names of their own: from a spec to whatever asks for a term or shows one, and into no fingerprint."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import taylorkit as tk
from taylorkit import grid, naming, pages
from taylorkit.report import tables
from tests.store.making import ATLAS, SMALL_BLOCK, Made, arrays, assert_same, made, run

NAMES = "names={slope='x',twist='y x',price='1'}"


@pytest.fixture(scope="module")
def without(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made(tmp_path_factory.mktemp("naming"), f"{ATLAS}\n[report]\nfigures = []\n")


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid, "BLOCK_BYTES", SMALL_BLOCK)


@pytest.fixture
def named(without: Made, tmp_path: Path) -> Path:
    """The same run with names: an artifact of its own, which reads the numbers of the other."""
    copy = without.copied(tmp_path)
    job, computed = run(copy.spec, copy.store, NAMES)
    assert job.artifact != copy.artifact and computed == {}
    return job.artifact


def test_renaming_computes_nothing_and_is_seen_at_once(without: Made, named: Path) -> None:
    assert_same(arrays(named), without.arrays)
    assert tk.open(named).attrs["names"] == {"slope": "x", "twist": "x y", "price": "1"}
    job, computed = run(without.spec, named.parent, "names={bend='x^2'}")
    assert computed == {}
    assert tk.open(job.artifact).attrs["names"] == {"bend": "x^2"}


def test_derivatives_by_their_names(named: Path) -> None:
    ds = tk.open(named)
    for name, term in {"slope": "x", "twist": "x y", "price": "1", "y": "y"}.items():
        xr.testing.assert_identical(ds.taylor.derivative(name).load(), ds.derivatives.sel(term=term).load())
    plain = xr.open_zarr(named, consolidated=False)
    np.testing.assert_array_equal(plain.taylor.derivative("twist"), ds.taylor.derivative("twist"))
    with pytest.raises(tk.SpecError, match=r"'twits' is no variable; they are x, y; did you mean 'twist'\?"):
        ds.taylor.derivative("twits")
    with pytest.raises(tk.SpecError, match="terms with names are slope, twist, price"):
        ds.taylor.derivative("gamma")


def test_the_page_says_names_beside_terms(without: Made, named: Path) -> None:
    table = tables.derivatives(pages.source(named))
    assert table.head[:2] == ["term", "name"] and table.words == (0, 1)
    assert {row[0]: row[1] for row in table.rows if row[1]} == {"1": "price", "x": "slope", "x y": "twist"}
    assert "name" not in tables.derivatives(pages.source(without.artifact)).head
    assert "twist" in pages.report(named).read_text(encoding="utf-8")


def test_a_term_may_have_several_names() -> None:
    names = naming.labels({"volga": "v^2", "vomma": "v v", "vanna": "v*s"}, ("s", "v"), 2)
    assert names == {"volga": "v^2", "vomma": "v^2", "vanna": "s v"}
    assert naming.by_term({"names": names}) == {"v^2": "volga, vomma", "s v": "vanna"}


@pytest.mark.parametrize("wrong", [None, 5, ["x"], {"x": 1, "a": None}, {3: "x"}])
def test_attributes_that_are_no_names_give_none(wrong: object) -> None:
    assert naming.of({"names": wrong}) == naming.by_term({"names": wrong}) == {}


def test_a_variable_is_never_hidden_by_a_name() -> None:
    """No spec gives such a name, but a stranger's artifact may."""
    assert naming.exponents_of("x", ("x", "y"), {"x": "y"}) == (1, 0)


def test_what_is_shown_is_at_the_centre_of_an_evaluation(without: Made, tmp_path: Path) -> None:
    job, _ = run(without.spec, tmp_path / "s", "evaluations.map.center={x=-1.0,y=0.6}")
    table = tables.derivatives(pages.source(job.artifact))
    assert table.caption == "Derivatives at x = −1, y = 0.6"
    assert tables.derivatives(pages.source(without.artifact)).caption == "Derivatives at x = −1, y = −1"
