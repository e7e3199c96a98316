"""Errors and figures, however the artifact was opened; all of it without JAX."""

import doctest
import subprocess
import sys
from collections.abc import Iterator

import xarray as xr
from matplotlib.figure import Figure

import taylorkit as tk
import taylorkit.accessor.accessor
from tests.store.making import Made


def everyone(run: Made) -> Iterator[xr.Dataset]:
    """An artifact's root and evaluation as they are opened in all ways."""
    yield tk.open(run.artifact)
    yield tk.open(run.artifact, "map")
    yield xr.open_zarr(run.artifact, consolidated=False)
    yield xr.open_zarr(run.artifact, group="evaluation/map", consolidated=False)
    yield xr.open_zarr(run.artifact / "evaluation/map", consolidated=False)


def test_errors(run: Made) -> None:
    stored = tk.open(run.artifact, "map").error.load()
    for opened in everyone(run):
        xr.testing.assert_equal(opened.taylor.error(), stored)
        xr.testing.assert_equal(opened.isel(x=slice(0, None)).taylor.error("map"), stored)
        xr.testing.assert_equal(opened.taylor.error(degree=1), stored.sel(degree=1))
    part = tk.open(run.artifact, "map").isel(x=[0, 2])
    xr.testing.assert_equal(part.taylor.error("map"), stored.isel(x=[0, 2]))


def test_plots(run: Made) -> None:
    for opened in everyone(run):
        assert isinstance(opened.taylor.plot(), Figure)
        figure = opened.taylor.plot(kind="error_map", evaluation="map", degrees=[1])
        assert [axes.get_title() for axes in figure.axes if "sampled max" in axes.get_title()]
    part = tk.open(run.artifact, "map").isel(x=slice(0, 3))
    xs = part.taylor.plot(kind="error_map", degrees=[1], title="A part").axes[0].get_xlim()
    assert xs[1] < 0.5
    assert isinstance(tk.open(run.artifact).drop_encoding().taylor.plot(), Figure)


WITHOUT_JAX = """
import sys
sys.modules["jax"] = sys.modules["jaxlib"] = None
import numpy as np
import taylorkit as tk
from taylorkit.polynomial import from_dataset

ds = tk.open(sys.argv[1])
center = {v: float(ds[v][2]) for v in "xy"}
near = {v: c + 0.05 for v, c in center.items()}
expected = from_dataset(ds, **center)(tuple(near.values()))
for opened in (ds, ds.chunk(x=2)):
    assert abs(float(opened.taylor(**near)) - expected) < 1e-14
    assert opened.taylor.gradient().compute().shape == (8, 6, 2)
    assert opened.taylor.derivative("x y").compute().shape == (8, 6)
    assert opened.taylor.error(degree=2).max() > 0
    opened.taylor.plot()
"""


def test_without_jax(run: Made) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_JAX, run.artifact], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_examples() -> None:
    result = doctest.testmod(taylorkit.accessor.accessor)
    assert result.attempted > 5 and not result.failed
