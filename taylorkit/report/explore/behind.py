"""The centres behind a page's evaluations: those that a reader can pick, then the own one of each that has one."""

from dataclasses import dataclass
from functools import cached_property
from math import comb, prod
from typing import Any

import numpy as np
import xarray as xr

from taylorkit import multi_index
from taylorkit.plotting import select
from taylorkit.report.explore.bounds import (
    MOST_COEFFICIENTS,
    MOST_DEGREE,
    MOST_OUTPUTS,
    MOST_READ,
    MOST_TERMS,
    packed,
    strides,
)


@dataclass(frozen=True, eq=False)
class Behind:
    """The centres of an artifact as far as a page carries them; `own` are flat indices."""

    root: xr.Dataset
    own: tuple[int, ...]

    @cached_property
    def axes(self) -> tuple[str, ...]:
        return select.axes(self.root)

    @cached_property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.root.sizes[a] for a in self.axes)

    @property
    def count(self) -> int:
        return prod(self.shape)

    @cached_property
    def order(self) -> int:
        """The highest degree that is shown."""
        variables, most = len(self.root.attrs["variables"]), min(int(self.root.attrs["order"]), MOST_DEGREE)
        return max(k for k in range(most + 1) if k == 0 or comb(variables + k, k) <= MOST_TERMS)

    @cached_property
    def exponents(self) -> np.ndarray:
        return multi_index.multi_indices(len(self.root.attrs["variables"]), self.order)

    @property
    def all_outputs(self) -> int:
        return int(self.root["derivatives"].size // (self.root.sizes["term"] * self.count))

    @property
    def outputs(self) -> int:
        return min(self.all_outputs, MOST_OUTPUTS)

    @cached_property
    def picks(self) -> tuple[np.ndarray, ...]:
        """Along each axis of the grid the places of the centres to pick from; none where they are too many to read."""
        if self.root["derivatives"].nbytes > MOST_READ:
            return ()
        steps = strides(self.shape, max(1, MOST_COEFFICIENTS // (self.outputs * len(self.exponents))))
        return tuple(np.arange(0, n, s) for n, s in zip(self.shape, steps, strict=True))

    @property
    def picked(self) -> int:
        """How many there are to pick from."""
        return prod(map(len, self.picks)) if self.picks else 0

    @cached_property
    def rows(self) -> np.ndarray:
        """The coordinates of the centres: (N, D)."""
        flat = np.ravel_multi_index(np.ix_(*self.picks), self.shape).ravel() if self.picks else np.zeros(0, int)
        place = dict(zip(self.axes, np.unravel_index(np.r_[flat, self.own].astype(int), self.shape), strict=True))
        columns = [self.root[v] for v in self.root.attrs["variables"]]
        return np.stack([c.values[place[str(c.dims[0])]] for c in columns], axis=1).astype(float)

    @cached_property
    def data(self) -> dict[str, Any]:
        """Them as the page's scripts read them."""
        places: list[tuple[Any, ...]] = [self.picks] if self.picks else []
        places += [np.unravel_index(i, self.shape) for i in self.own]
        coefficients = np.concatenate([self._coefficients(place) for place in places])
        return {
            "picks": [{"axis": a, "length": len(p)} for a, p in zip(self.axes, self.picks, strict=False)],
            "scattered": self.axes == ("point",),
            "count": self.count,
            "rows": packed(self.rows),
            "coefficients": packed(coefficients),
        }

    def _coefficients(self, place: tuple[Any, ...]) -> np.ndarray:
        """∂^α f / α! at some centres, by their places along each axis: (N, S, P)."""
        chosen = self.root["derivatives"].isel(dict(zip(self.axes, place, strict=True)))
        values = chosen.values[: len(self.exponents)].astype(float)
        values = values.reshape(len(values), self.all_outputs, -1)[:, : self.outputs]
        scale = multi_index.factorials(self.exponents.shape[1], self.order)
        return (values / scale[:, None, None]).transpose(2, 1, 0)
