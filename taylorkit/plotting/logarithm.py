"""Errors on a logarithmic scale, which has no place for zero, for rounding, or for what is not finite: each is
said."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from taylorkit.plotting import text

__all__ = ["Scale", "scale"]

# More contours than these could not be told apart.
MOST_LINES = 8


@dataclass(frozen=True)
class Scale:
    """A logarithmic scale from `floor` to `ceiling`: powers of ten."""

    floor: float
    ceiling: float

    def clip(self, values: np.ndarray) -> np.ndarray:
        """What is below the floor, zero too, put on it; what is not finite as NaN."""
        return np.where(np.isfinite(values), np.maximum(values, self.floor), np.nan)

    def inner_powers(self) -> np.ndarray:
        """The powers of ten from a decade above the floor, where noise ends, up to the ceiling: exponents, (K,) int."""
        low, high = np.log10([self.floor, self.ceiling])
        powers = np.arange(np.floor(low + 1.01), np.ceil(high - 0.01)).astype(int)
        return powers if len(powers) <= MOST_LINES else powers[powers % 2 == 0]

    def narrowed(self, decades: int) -> "Scale":
        """At most so many decades below the ceiling."""
        return Scale(max(self.floor, self.ceiling / 10.0**decades), self.ceiling)

    def words(self, values: np.ndarray, mark: str) -> str:
        """What the reader must know about `values` on this scale; "" if nothing. `mark` shows what is not finite."""
        finite = np.isfinite(values)
        notes = []
        if (values[finite] < self.floor).any():
            notes.append(f"{text.number(self.floor)} stands for all below it, zero too")
        if not finite.all():
            notes.append(f"{mark}: not finite")
        return "; ".join(notes)


def scale(errors: np.ndarray, truth: np.ndarray) -> Scale:
    """From the smallest error, but no further down than the rounding of f, eps · max |f|, to the largest error.

    Where an error is zero the scale starts at the rounding, so that zero is drawn well apart from what is not.
    """
    finite = errors[np.isfinite(errors)].astype(float)
    smallest, largest = float(finite.min(initial=np.inf)), float(finite.max(initial=0.0))
    reach = float(np.abs(truth).max(where=np.isfinite(truth), initial=0.0)) or largest or 1.0
    rounding = float(np.finfo(truth.dtype).eps) * reach
    floor = 10.0 ** np.floor(np.log10(max(rounding, min(smallest, largest))))
    ceiling = 10.0 ** np.ceil(np.log10(max(largest, rounding)))
    return Scale(float(floor), float(max(ceiling, 10 * floor)))


def error_scale(dataset: xr.Dataset, errors: xr.DataArray) -> Scale:
    """The scale of `errors` of one output component of an evaluation."""
    return scale(errors.values, dataset["truth"].values)
