"""An artifact's dataset that xarray can write to netCDF, whose attributes are text and numbers alone.

What is neither is written as JSON text, in one attribute, from which the accessor reads it back.
"""

import json
from collections.abc import Mapping
from typing import Any

import xarray as xr

from taylorkit.errors import SpecError

# The attribute that holds the others. By themselves some could not be written: SciPy keeps its own in `variables`.
PARTS = "json_attributes"
# netCDF 3 has no longer whole numbers.
WHOLE = range(-(2**31), 2**31)


class Dataset(xr.Dataset):
    """xarray's, but for how it is written to netCDF."""

    __slots__ = ()

    def to_netcdf(self, *args: Any, **kwargs: Any) -> Any:
        """As `xarray.Dataset.to_netcdf`. Raises SpecError for names that the format cannot hold."""
        plain = self.copy(deep=False)
        plain.attrs = encoded(self.attrs)
        try:
            return xr.Dataset.to_netcdf(plain, *args, **kwargs)
        except UnicodeEncodeError as error:
            raise SpecError(
                f"{error.object}: SciPy, which writes netCDF 3, takes Latin letters alone in names; install "
                'h5netcdf and write engine="h5netcdf", or rename it with ds.rename'
            ) from error


def encoded(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes as netCDF has them."""
    plain = {name: value for name, value in attributes.items() if _is_plain(value)}
    parts = {name: value for name, value in attributes.items() if name not in plain}
    return {**plain, PARTS: json.dumps(parts, ensure_ascii=False)} if parts else plain


def decoded(dataset: xr.Dataset) -> xr.Dataset:
    """A dataset that was read from netCDF, with its attributes as they were; any other as it is."""
    try:
        parts = json.loads(dataset.attrs[PARTS])
    except (KeyError, TypeError, ValueError):  # of no such file
        return dataset
    return dataset.assign_attrs(parts) if isinstance(parts, dict) else dataset


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | float) or (type(value) is int and value in WHOLE)
