"""From what a caller gives for each variable to arrays whose dimensions have names."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from taylorkit import shown
from taylorkit.errors import SpecError
from taylorkit.reals import unmasked


def named(given: Mapping[str, Any]) -> dict[str, xr.DataArray]:
    """Numbers, arrays, pairs (dimensions, values) and DataArrays as DataArrays.

    Arrays without names lie along their variable's own dimension, as in `xarray.Dataset.interp`; if any of them has
    more axes than one, all broadcast by NumPy's rules along dim_0, dim_1, …
    """
    arrays = {name: _array(name, value) for name, value in given.items()}
    bare = {n: a for n, a in arrays.items() if not isinstance(a, xr.DataArray) and a.ndim}
    if max((a.ndim for a in bare.values()), default=0) > 1:
        found = {n: xr.DataArray(a) for n, a in zip(bare, _together(bare), strict=True)}
    else:
        found = {n: xr.DataArray(a, dims=n) for n, a in bare.items()}
    return {n: _labelled(n, found.get(n, xr.DataArray(a))) for n, a in arrays.items()}


def _array(name: str, value: Any) -> Any:
    """A DataArray where dimensions are said, else an array. Raises SpecError for what is no numbers."""
    if isinstance(value, xr.Variable | tuple):
        array: Any = _pair(name, value)
    elif isinstance(value, xr.DataArray) or hasattr(value, "dask"):
        array = value
    else:
        unmasked(value, name)
        array = np.asarray(value)
    if array.dtype.kind not in "iuf":
        raise SpecError(f"{name} = {shown.value(value)}: must be numbers")
    return array


def _pair(name: str, value: Any) -> xr.DataArray:
    """From a pair (dimensions, values), as xarray takes them."""
    unmasked(value, name)
    try:
        return xr.DataArray(xr.Variable(*value) if isinstance(value, tuple) else value)
    except (TypeError, ValueError) as error:
        raise SpecError(
            f"{name} = {shown.value(value)}: no pair (dimensions, values) such as ('point', [0.5, 1.0]); for an array "
            f"write a list ({error})"
        ) from error


def _together(bare: Mapping[str, Any]) -> Any:
    try:
        return np.broadcast_arrays(*bare.values())
    except ValueError:
        shapes = ", ".join(f"{name} {a.shape}" for name, a in bare.items())
        raise SpecError(f"shapes do not fit together: {shapes}; give DataArrays with named dimensions") from None


def _labelled(name: str, array: xr.DataArray) -> xr.DataArray:
    """With its own values as labels where it is an axis; those of chunks would have to be computed."""
    plain = array.dims == (name,) and name not in array.coords and array.chunks is None
    return array.assign_coords({name: array}) if plain else array
