"""What is asked of a large store or of Dask is read late, in blocks, and only where it is needed."""

import pickle
from collections.abc import Callable
from itertools import product
from math import prod
from typing import Any
from unittest.mock import patch

import dask
import numpy as np
import pytest
import xarray as xr

import taylorkit as tk
from taylorkit import multi_index
from tests.store.making import SMALL_BLOCK, shards_read

SELECTED: dict[str, Callable[[xr.Dataset], xr.Dataset]] = {
    "part": lambda ds: ds.isel(x=slice(2, 7, 2), y=[1, 4]),
    "backwards": lambda ds: ds.isel(x=slice(None, None, -1)),
    "transposed": lambda ds: ds.transpose("y", "x", ...),
    "pointwise": lambda ds: ds.isel(x=("p", [0, 3, 7]), y=("p", [5, 2, 2])),
    "stacked": lambda ds: ds.stack(p=("x", "y")),
    "lower": lambda ds: ds.isel(term=slice(0, 3)),
}


@pytest.mark.parametrize("select", SELECTED.values(), ids=SELECTED)
@pytest.mark.parametrize("chunked", [False, True], ids=["lazy", "dask"])
def test_what_is_left_of_a_dataset(
    ds: xr.Dataset, points: tuple[np.ndarray, np.ndarray], select: Callable[[xr.Dataset], xr.Dataset], chunked: bool
) -> None:
    left = select(ds.chunk(x=3) if chunked else ds)
    x, y = points
    values = left.taylor(extrapolate=True, x=x, y=y)
    names = [d for d in left.derivatives.dims if d != "term"]
    flat = left.derivatives.transpose("term", *names)
    flat = flat.stack(n=names) if len(names) > 1 else flat
    order = 2 if left.sizes["term"] == 6 else 1
    packed = flat.values / multi_index.factorials(2, order)[:, None]
    np.testing.assert_array_equal(values, tk.Atlas((flat.x.values, flat.y.values), packed)((x, y)))


def no_compute(*_: Any, **__: Any) -> None:
    raise AssertionError("computed too early")


LAZY: dict[str, Callable[[xr.Dataset, xr.DataArray, xr.DataArray], xr.DataArray]] = {
    "points": lambda ds, x, y: ds.taylor(extrapolate=True, x=x.chunk(a=2), y=y.chunk(a=2)),
    "one of them": lambda ds, x, y: ds.taylor(extrapolate=True, x=x.chunk(a=2, b=3), y=y),
    "raw": lambda ds, x, y: ds.taylor(extrapolate=True, x=x.chunk().data, y=y.values).rename(dim_0="a", dim_1="b"),
    "derivatives": lambda ds, x, y: ds.chunk().taylor(extrapolate=True, x=x, y=y),
    "terms": lambda ds, x, y: ds.chunk(term=2, x=3, y=4).taylor(extrapolate=True, x=x, y=y),
    "both": lambda ds, x, y: ds.chunk(x=(1, 5, 2)).taylor(extrapolate=True, x=x.chunk(a=2), y=y),
    "plain": lambda ds, x, y: xr.open_zarr(ds.encoding["source"], consolidated=False).taylor(
        extrapolate=True, x=x, y=y
    ),
}


@pytest.mark.parametrize("ask", LAZY.values(), ids=LAZY)
def test_dask_stays_lazy_and_gives_the_same(
    ds: xr.Dataset, points: tuple[np.ndarray, np.ndarray], ask: Callable[..., xr.DataArray]
) -> None:
    x, y = (xr.DataArray(p, dims=("a", "b")) for p in points)
    with shards_read() as seen:
        values = ask(ds, x, y)
    assert not any(key.startswith("derivatives/") for key in seen)
    assert values.chunks is not None and values.dtype == np.float64
    np.testing.assert_array_equal(values.values, ds.taylor(extrapolate=True, x=x, y=y).values)
    again = pickle.loads(pickle.dumps(values))  # as other processes get it
    np.testing.assert_array_equal(again.compute(scheduler="synchronous"), values)


def test_points_are_not_computed_before_their_values(ds: xr.Dataset) -> None:
    x = xr.DataArray(np.linspace(-1, 1, 5), dims="p").chunk(p=2)
    with dask.config.set(scheduler=no_compute):
        values = ds.taylor(x=x, y=0.3)
        assert values.x.chunks == ((2, 2, 1),)
    with pytest.raises(tk.SpecError, match="is not finite"):
        ds.taylor(x=x * np.nan, y=0.3).compute()
    xr.testing.assert_equal(values.compute(), ds.taylor(x=x.compute(), y=0.3))


def test_dask_along_an_axis_of_its_own(ds: xr.Dataset) -> None:
    """Labels of it would have to be computed, so it has none."""
    line = np.linspace(-1, 1, 5)
    with dask.config.set(scheduler=no_compute):
        values = ds.taylor(x=dask.array.from_array(line, 2), y=0.3)
    assert values.dims == ("x",) and "x" not in values.coords
    np.testing.assert_array_equal(values, ds.taylor(x=line, y=0.3))


def test_a_large_result_comes_in_pieces(ds: xr.Dataset) -> None:
    """However few numbers the points are made of."""
    values = ds.chunk().taylor(x=np.linspace(-1, 1, 30), y=np.linspace(-1, 1, 40))
    assert max(map(prod, product(*values.chunks))) * 8 <= SMALL_BLOCK


def test_only_the_blocks_that_are_needed_are_read(ds: xr.Dataset) -> None:
    """Blocks are two rows of x each; the points' nearest centres lie in the second and the last."""
    with shards_read() as seen:
        ds.taylor(x=("p", [float(ds.x[2]), float(ds.x[7]), float(ds.x[3])]), y=("p", [0.1, 0.2, 0.3]))
        assert set(seen) == {"derivatives/c/0/1/0", "derivatives/c/0/3/0"}
        seen.clear()
        hessian = [ds.taylor.gradient(), ds.taylor.derivative("x"), ds.taylor.error(), ds.taylor.hessian()][-1]
        assert not [key for key in seen if key.startswith(("derivatives/", "error/"))]
        seen.clear()
        hessian.isel(x=7).load()
        assert set(seen) == {"derivatives/c/0/3/0"}


def test_one_block_is_held_at_a_time(ds: xr.Dataset, points: tuple[np.ndarray, np.ndarray]) -> None:
    sizes = []
    load = xr.Variable.load

    def watched(self: xr.Variable, **options: Any) -> xr.Variable:
        sizes.append(self.nbytes)
        return load(self, **options)

    with patch.object(xr.Variable, "load", watched):
        ds.taylor(extrapolate=True, x=points[0], y=points[1])
    assert len(sizes) == 4 and max(sizes) <= SMALL_BLOCK
