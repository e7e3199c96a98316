"""How well the derivatives of two artifacts agree where both have them."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from taylorkit.plotting import select

__all__ = ["MOST", "by_degree"]

# Numbers of one degree that are read at once; above this a page is not the place for it, and says so.
MOST = 2**25


def by_degree(a: xr.Dataset, b: xr.Dataset) -> Iterator[tuple[int, int, float | None]]:
    """degree, points that both have, max |A − B| / max |A| over them and all derivatives of the degree.

    Points are the same where their coordinates are equal to the last bit; one that is there twice counts once.
    Nothing where variables or shapes of output differ, or no point is shared. NaN where both have one counts as equal,
    where one of them has it as infinitely far apart. None where a degree has more than MOST numbers.
    """
    if not _comparable(a, b):
        return
    places = _shared(a, b)
    if places is None:
        return
    degrees = [np.asarray(side["exponent"].values).sum(axis=1) for side in (a, b)]
    for k in range(min(int(d.max()) for d in degrees) + 1):
        one, other = (
            side["derivatives"].isel({"term": np.flatnonzero(d == k), **place})
            for side, d, place in zip((a, b), degrees, places, strict=True)
        )
        yield k, _count(one), _apart(one.values, other.values) if one.size <= MOST else None


def _comparable(a: xr.Dataset, b: xr.Dataset) -> bool:
    if not all("derivatives" in side for side in (a, b)) or a.attrs["variables"] != b.attrs["variables"]:
        return False
    one, other = (side["derivatives"] for side in (a, b))
    outputs = [{d: n for d, n in x.sizes.items() if str(d).startswith("output")} for x in (one, other)]
    return one.dims == other.dims and outputs[0] == outputs[1]


def _shared(a: xr.Dataset, b: xr.Dataset) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]] | None:
    """Of each axis the positions in A and in B of the values that both have; None where there is none."""
    found: tuple[dict[str, np.ndarray], dict[str, np.ndarray]] = ({}, {})
    for axis in select.axes(a):
        _, first, second = np.intersect1d(_labels(a, axis), _labels(b, axis), return_indices=True)
        if not len(first):
            return None
        order = np.argsort(first)
        found[0][axis], found[1][axis] = first[order], second[order]
    return found


def _labels(dataset: xr.Dataset, axis: str) -> np.ndarray:
    """The values along an axis; a scattered point's are all its coordinates."""
    if axis != "point":
        return np.asarray(dataset[axis].values)
    columns = [np.asarray(dataset[v].values) for v in dataset.attrs["variables"]]
    return np.rec.fromarrays(columns)


def _count(array: xr.DataArray) -> int:
    return int(np.prod([n for d, n in array.sizes.items() if d != "term" and not str(d).startswith("output")]))


def _apart(one: np.ndarray, other: np.ndarray) -> float:
    """Relative to the largest of `one`: whatever differs from nothing but zeros is infinitely far from them."""
    differing = ~((one == other) | (np.isnan(one) & np.isnan(other)))
    largest = float(np.abs(one).max(where=np.isfinite(one), initial=0.0))
    apart = np.abs(one[differing] - other[differing])
    worst = float(np.where(np.isfinite(apart), apart, np.inf).max(initial=0.0))
    if not largest:
        return np.inf if worst else 0.0
    return worst / largest
