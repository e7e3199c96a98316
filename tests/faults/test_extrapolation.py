"""A stored run answers where its expansion points are; beyond them it must be asked to."""

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr

import taylorkit as tk
import taylorkit.accessor
from taylorkit import multi_index

ORDER = 3
# Cubic polynomials are their own series of order 3: values differ by rounding alone, also far away.
EXACT = {"rtol": 1e-9}


def price(spot: Any, vol: Any) -> Any:
    return spot**3 / 1e4 - spot * vol + vol**2


def stored(spot: Any, vol: Any, scattered: bool = False) -> xr.Dataset:
    """What a run of `price` opens as: on the grid of two axes, or at points."""
    columns = (spot, vol) if scattered else [c.ravel() for c in np.meshgrid(spot, vol, indexing="ij")]
    packed = tk.derivatives(lambda s, v: jnp.asarray(price(s, v)), tuple(map(np.asarray, columns)), ORDER).packed
    exponent = (("term", "variable"), multi_index.multi_indices(2, ORDER))
    labels = {"variable": ["spot", "vol"], "term": multi_index.labels(("spot", "vol"), ORDER)}
    if scattered:
        places = {"spot": ("point", np.asarray(spot)), "vol": ("point", np.asarray(vol))}
        return xr.Dataset({"derivatives": (("term", "point"), packed), "exponent": exponent}, {**labels, **places})
    packed = packed.reshape(-1, len(spot), len(vol))
    derivatives = (("term", "spot", "vol"), packed)
    return xr.Dataset({"derivatives": derivatives, "exponent": exponent}, {**labels, "spot": spot, "vol": vol})


SPOT, VOL = np.linspace(60.0, 140.0, 9), np.array([0.1, 0.2, 0.4])
GRID = stored(SPOT, VOL)
RNG = np.random.default_rng(7)
CLOUD = stored(RNG.uniform(60, 140, 25), RNG.uniform(0.1, 0.4, 25), scattered=True)
OUTSIDE = "extrapolate=True"


@pytest.mark.parametrize(
    ("dataset", "point", "message"),
    [
        (GRID, {"spot": 500.0, "vol": 0.2}, r"^spot = 500: outside of 55 to 145"),
        (GRID, {"spot": 54.9, "vol": 0.2}, r"^spot = 54.9: outside of 55 to 145"),
        (GRID, {"spot": 100.0, "vol": 0.51}, r"^vol = 0.51: outside of 0.05 to 0.5"),
        (GRID, {"spot": [100.0, 1e6, -1e6], "vol": 0.2}, r"^spot = 1e\+06 \(and 1 more\): outside of 55 to 145"),
        (GRID, {"spot": np.inf, "vol": 0.2}, r"^spot = inf: outside of 55 to 145"),
        (GRID.isel(spot=slice(0, 3)), {"spot": 100.0, "vol": 0.2}, r"^spot = 100: outside of 55 to 85"),
        (GRID.isel(spot=slice(None, None, -1)), {"spot": 146.0, "vol": 0.2}, r"^spot = 146: outside of 55 to 145"),
        (GRID.isel(vol=0), {"spot": 500.0}, r"^spot = 500: outside of 55 to 145"),
        (GRID.stack(p=("spot", "vol")), {"spot": 500.0, "vol": 0.2}, r"^spot = 500: outside of "),
        (GRID.chunk(), {"spot": 500.0, "vol": 0.2}, r"^spot = 500: outside of 55 to 145"),
        (CLOUD, {"spot": 500.0, "vol": 0.2}, r"^spot = 500: outside of "),
        (CLOUD, {"spot": 100.0, "vol": -3.0}, r"^vol = -3: outside of "),
    ],
)
def test_fault_W11_extrapolation_is_asked_for(dataset: xr.Dataset, point: dict[str, Any], message: str) -> None:
    for degree in (None, 1):
        with pytest.raises(tk.SpecError, match=f"{message}.*{OUTSIDE}"):
            dataset.taylor(degree=degree, **point).compute()
    if np.isfinite(point["spot"]).all():
        asked = dataset.taylor(extrapolate=True, **point)
        vol = point.get("vol", 0.1)
        np.testing.assert_allclose(asked, price(np.asarray(point["spot"]), vol), **EXACT)


@pytest.mark.parametrize(
    ("dataset", "point"),
    [
        (GRID, {"spot": [55.0, 60.0, 140.0, 145.0], "vol": [0.05, 0.1, 0.4, 0.5]}),
        (CLOUD, {"spot": float(CLOUD.spot.max()), "vol": float(CLOUD.vol.min())}),
        (GRID.isel(spot=[4], vol=[1]), {"spot": 500.0, "vol": 3.0}),
        (GRID.isel(spot=4, vol=1), {"spot": 500.0, "vol": 3.0}),
        (GRID.isel(vol=[1]), {"spot": 100.0, "vol": 3.0}),
        (CLOUD.isel(point=[3]), {"spot": 500.0, "vol": -3.0}),
        (GRID, {"spot": 0.7 * 200 + 5, "vol": 0.1 + 0.2 + 0.2}),
    ],
    ids=[
        "to half a step",
        "corner of a cloud",
        "one centre",
        "one centre named",
        "one volatility",
        "one point",
        "rounded",
    ],
)
def test_fault_W11_inside_is_answered(dataset: xr.Dataset, point: dict[str, Any]) -> None:
    """Up to half a step beyond the centres, and anywhere along what they agree in: one polynomial has no end."""
    values = dataset.taylor(**point)
    spot, vol = (np.asarray(point[name], float) for name in ("spot", "vol"))
    np.testing.assert_allclose(values, price(spot[:, None], vol) if spot.ndim else price(spot, vol), **EXACT)


def test_fault_W11_what_is_asked_at_the_centres_is_never_outside() -> None:
    for dataset in (GRID, CLOUD):
        assert dataset.taylor.gradient().shape[-1] == dataset.taylor.hessian().shape[-1] == 2
        assert np.isfinite(dataset.taylor.derivative("spot^2")).all()
