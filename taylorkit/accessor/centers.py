"""Where the centres of a dataset lie, whatever was selected of it."""

from functools import lru_cache

import numpy as np
import xarray as xr

from taylorkit.errors import SpecError
from taylorkit.nearest import Centers, GridCenters


def centers_of(dataset: xr.Dataset, names: tuple[str, ...]) -> tuple[tuple[str, ...], Centers | GridCenters]:
    """The dimensions of the centres, and which is nearest: a tensor grid, or points along one dimension."""
    if missing := [name for name in names if name not in dataset.variables]:
        raise SpecError(f"{missing[0]}: this dataset does not say where its centres lie along {missing[0]}")
    columns = [dataset[name] for name in names]
    dims = dataset["derivatives"].dims
    if not all(dataset.sizes[d] for c in columns for d in c.dims):
        raise SpecError("centres: none are left in this dataset; select fewer away")
    if all(not c.dims or (c.dims == (name,) and name in dims) for name, c in zip(names, columns, strict=True)):
        places = tuple(name for name, c in zip(names, columns, strict=True) if c.dims)
        return places, GridCenters(tuple(np.atleast_1d(c.values) for c in columns))
    along = {d for c in columns for d in c.dims}
    if len(along) == 1 and along <= set(dims):
        rows = np.stack([c.values for c in xr.broadcast(*columns)], axis=-1)
        return tuple(map(str, along)), _scattered(rows.tobytes(), rows.dtype, rows.shape)
    raise SpecError(
        f"centres: {', '.join(names)} lie along {', '.join(sorted(map(str, along)))}; they must be the axes of a grid, "
        "or points along one dimension"
    )


@lru_cache(maxsize=1)
def _scattered(data: bytes, dtype: np.dtype, shape: tuple[int, ...]) -> Centers:
    """Kept from call to call: the tree of a million centres takes as long as the values at many points."""
    return Centers(np.frombuffer(data, dtype).reshape(shape))
