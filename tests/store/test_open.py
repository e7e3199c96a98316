"""An artifact opens by name, lazily, in plain xarray and checked by taylorkit."""

import warnings
from collections.abc import Iterator
from pathlib import Path

import matplotlib
import numpy as np
import pytest
import xarray as xr
import zarr

import taylorkit as tk
from taylorkit import pipeline
from taylorkit.differentiation import METHODS
from taylorkit.errors import IntegrityError, SpecError
from taylorkit.store import names
from taylorkit.store.section import SectionStore
from tests.store.making import Made, assert_same, shards_read


@pytest.fixture(name="shards_read")
def _shards_read() -> Iterator[list[str]]:
    with shards_read() as seen:
        yield seen


def test_plain_xarray_opens_it_without_a_warning(atlas: Made) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ds = xr.open_zarr(atlas.artifact, consolidated=False).load()
        near = xr.open_zarr(atlas.artifact, group="evaluation/map", consolidated=False).load()
    assert ds.derivatives.dims == ("term", "x", "y")
    assert ds.status.dims == ("x", "y")
    assert ds.trust_radius.dims == ("degree", "x", "y")
    assert ds.exponent.dims == ("term", "variable")
    assert near.error.dims == ("degree", "x", "y")
    assert ds.sel(x=-1.0, y=1.0, term="x^2").derivatives.size == 1
    assert_same({n: ds[n].values for n in ("x", "derivatives")}, {n: atlas.arrays[n] for n in ("x", "derivatives")})


def test_derivatives_by_name(atlas: Made) -> None:
    """∂²f/∂x∂y against a formula by hand: f = sin(xy) e^(−(x²+y²)/2) + tanh(x + 2y)."""
    for ds in (tk.open(atlas.artifact), xr.open_zarr(atlas.artifact, consolidated=False)):
        x, y = np.meshgrid(ds.x.values, ds.y.values, indexing="ij")
        s, c, e = np.sin(x * y), np.cos(x * y), np.exp(-(x**2 + y**2) / 2)
        t = np.tanh(x + 2 * y)
        expected = e * (c * (1 - x**2 - y**2) + s * (x * y - x * y)) - 4 * t * (1 - t**2)
        mixed = ds.derivatives.sel(term="x y")
        assert mixed.dims == ("x", "y")
        np.testing.assert_allclose(mixed.values, expected, atol=1e-12)


def test_an_error_map_draws_itself(atlas: Made) -> None:
    matplotlib.use("Agg")
    from matplotlib import pyplot

    mesh = tk.open(atlas.artifact, evaluation="map").error.sel(degree=2).plot()
    assert mesh.get_array().size == 6 * 9
    pyplot.close("all")


def test_attributes_say_what_it_is(atlas: Made) -> None:
    root, near = tk.open(atlas.artifact), tk.open(atlas.artifact, "map")
    for ds in (root, near):
        assert (ds.attrs["kind"], ds.attrs["order"], ds.attrs["variables"]) == ("taylor", 2, ["x", "y"])
        assert ds.attrs["function"]["name"] == "two_variable"
        assert "tanh" in ds.attrs["function"]["program"]
        assert ds.attrs["method"]["name"] in METHODS
        assert ds.attrs["spec"]["grid"]["x"]["num"] == 8
        assert {"jax", "jaxlib", "taylorkit"} <= ds.attrs["versions"].keys()
    assert names.parts(atlas.artifact)[1] == root.attrs["fingerprint"][:12]
    assert near.attrs["fingerprint"] != root.attrs["fingerprint"]
    assert (near.attrs["evaluation"], near.attrs["source"], near.attrs["center"]) == ("map", "atlas", None)


def test_opening_reads_no_shard(atlas: Made, shards_read: list[str]) -> None:
    tk.open(atlas.artifact)
    tk.open(atlas.artifact, "map")
    grid = {"x", "y", "term", "degree", "variable", "exponent"}
    assert {key.split("/")[0] for key in shards_read} <= grid


def test_reading_touches_the_blocks_that_it_needs(atlas: Made, shards_read: list[str]) -> None:
    ds = tk.open(atlas.artifact)
    shards_read.clear()
    ds.derivatives.isel(x=slice(2, 4), term=3).load()
    assert set(shards_read) == {"derivatives/c/0/1/0"}


SELECTIONS = {
    "term": {"term": 3},
    "point": {"x": 5, "y": 2},
    "last": {"x": -1},
    "slice": {"x": slice(1, 6)},
    "stepped": {"x": slice(0, 8, 3), "y": slice(1, None, 2)},
    "backwards": {"x": slice(None, None, -1), "y": slice(4, 1, -2)},
    "nothing": {"x": slice(3, 3)},
    "list": {"x": [0, 5, 2], "term": [5, 0]},
    "pairs": {"x": xr.DataArray([0, 7, 3], dims="p"), "y": xr.DataArray([5, 0, 1], dims="p")},
    "mask": {"y": np.array([True, False, True, False, False, True])},
}


@pytest.mark.parametrize("selection", SELECTIONS.values(), ids=SELECTIONS)
def test_partial_selections(atlas: Made, selection: dict) -> None:
    whole = tk.open(atlas.artifact).load()
    part = tk.open(atlas.artifact).isel(selection)
    xr.testing.assert_identical(part.load(), whole.isel(selection))


def test_selections_by_label_and_of_evaluations(atlas: Made) -> None:
    ds = tk.open(atlas.artifact)
    assert ds.derivatives.sel(x=0.1, y=0.1, method="nearest").dims == ("term",)
    assert ds.derivatives.where(ds.exponent.sum("variable") == 2, drop=True).sizes["term"] == 3
    near = tk.open(atlas.artifact, "map")
    assert near.center_index.dtype == np.int64
    np.testing.assert_array_equal(near.samples, 54)


@pytest.mark.parametrize("name", ["no", "../map", "", "map/../map", "/etc"])
def test_an_evaluation_that_is_not_there(atlas: Made, name: str) -> None:
    with pytest.raises(SpecError, match=r"evaluation = .* has map"):
        tk.open(atlas.artifact, name)


@pytest.fixture
def half(atlas: Made, tmp_path: Path) -> Path:
    """Two of four blocks committed."""
    job = pipeline.plan(atlas.spec, store=tmp_path / "half")
    pipeline.create(job)
    pipeline.fill(job, "derivatives", [0, 2])
    return job.artifact


def test_what_was_never_committed_reads_as_such_in_plain_xarray(half: Path, atlas: Made) -> None:
    ds = xr.open_zarr(half, consolidated=False)
    absent = np.array([False, False, True, True, False, False, True, True])
    np.testing.assert_array_equal(np.isnan(ds.derivatives).all(("term", "y")), absent)
    np.testing.assert_array_equal((ds.status == 255).all("y"), absent)
    np.testing.assert_array_equal(ds.derivatives[:, ~absent], atlas.arrays["derivatives"][:, ~absent])
    assert np.isnan(ds.trust_radius).all()


def test_what_was_never_committed_is_refused_when_checked(half: Path) -> None:
    ds = tk.open(half)
    assert not ds.status.isel(x=slice(0, 2)).any()
    for name in ("derivatives", "status", "trust_radius"):
        with pytest.raises(IntegrityError, match="was never committed; run the spec again to compute it"):
            ds[name].load()
    with pytest.raises(IntegrityError, match=r"values block 0\.0 was never committed"):
        tk.open(half, "map").error.load()


def test_a_block_is_whole_shards(atlas: Made) -> None:
    """One file an array and block: two writers never share one."""
    for group, label in (("", "derivatives"), ("", "radii"), ("evaluation/map", "values")):
        store = SectionStore(atlas.artifact / group, label)
        for name in store.arrays:
            array = store.array(name)
            assert array.shards[-2:] == tuple(store.record["cut"])
            files = [p for p in (store.folder / name / "c").rglob("*") if p.is_file()]
            assert len(files) == len(list(store.blocks()))


def test_every_payload_carries_a_checksum(atlas: Made) -> None:
    root = zarr.open_group(str(atlas.artifact), mode="r")
    for _, array in root.arrays():
        assert "crc32c" in str(array.metadata.to_dict()["codecs"])


def test_shards_depend_on_what_is_computed_alone(atlas: Made, tmp_path: Path) -> None:
    plain, rich = (pipeline.plan(atlas.spec, [f"memory.budget='{size}'"], tmp_path) for size in ("1 GiB", "64 GiB"))
    assert [s.section.cut for s in plain.steps] == [s.section.cut for s in rich.steps]
    assert plain.artifact == rich.artifact
