"""The values of a dataset's polynomials at the points that a caller names."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import xarray as xr

from taylorkit import shown
from taylorkit.accessor.expansions import Expansions
from taylorkit.accessor.points import named
from taylorkit.errors import SpecError
from taylorkit.grid import block_shape


def evaluated(
    dataset: xr.Dataset, degree: int | None, given: Mapping[str, Any], extrapolate: bool = False
) -> xr.DataArray:
    """T_degree of the nearest centre at the points that `given` names; lazily where anything is chunked."""
    known = Expansions.of(dataset)
    degree = known.order if degree is None else degree_of(degree, known.order)
    points = named(_complete(known, given))
    size = int(np.prod(known.output_shape)) * known.derivatives.dtype.itemsize
    lazy = known.derivatives.chunks is not None
    values = xr.apply_ufunc(
        partial(known.at, degree=degree, extrapolate=extrapolate),
        *(_chunked(points, size) if lazy else points.values()),
        output_core_dims=[known.outputs],
        dask="parallelized",
        output_dtypes=[known.derivatives.dtype],
        dask_gufunc_kwargs={"output_sizes": dict(zip(known.outputs, known.output_shape, strict=True))},
        keep_attrs=False,
    )
    # A coordinate of the same name that came with the points says more.
    places = {name: p.variable for name, p in points.items() if name not in {*values.dims, *values.coords}}
    return values.assign_coords(places).rename(_name(dataset))


def degree_of(degree: object, order: int) -> int:
    """Raises SpecError for what is no degree up to the order."""
    if isinstance(degree, bool) or not isinstance(degree, int | np.integer) or not 0 <= degree <= order:
        raise SpecError(f"degree = {shown.value(degree)}: write a whole number from 0 to the order, {order}")
    return int(degree)


def _name(dataset: xr.Dataset) -> str:
    function = dataset.attrs.get("function")
    return str((isinstance(function, Mapping) and function.get("name")) or "f")


def _complete(known: Expansions, given: Mapping[str, Any]) -> dict[str, Any]:
    """A value for each variable, in order: one that is not given stays where all centres are, if that is one place."""
    if unknown := [name for name in given if name not in known.names]:
        raise SpecError(f"{shown.name(unknown[0])} is no variable; they are {', '.join(known.names)}")
    stays = known.centers.constant()
    if missing := [n for n, place in zip(known.names, stays, strict=True) if n not in given and place is None]:
        raise SpecError(f"{missing[0]}: not given; write {', '.join(f'{n}=…' for n in known.names)}")
    return {name: given.get(name, place) for name, place in zip(known.names, stays, strict=True)}


def _chunked(points: Mapping[str, xr.DataArray], size: int) -> list[xr.DataArray]:
    """Points in pieces of which the values are no larger than a block, where they are not in pieces already."""
    lengths = {d: n for p in points.values() for d, n in p.sizes.items()}
    cut = dict(zip(lengths, block_shape(tuple(lengths.values()), size), strict=True))
    return [p if p.chunks is not None else p.chunk({d: cut[d] for d in p.dims}) for p in points.values()]
