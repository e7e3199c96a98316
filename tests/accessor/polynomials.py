"""Polynomials, and datasets that hold their derivatives as an artifact does."""

from typing import Any

import numpy as np
import xarray as xr

import taylorkit as tk
from taylorkit import multi_index


class Polynomial:
    """p(x) = Σ c_α x^α with coefficients (P, *S), and its datasets."""

    def __init__(self, names: str, order: int, shape: tuple[int, ...], rng: np.random.Generator):
        self.names, self.order = tuple(names), order
        self.about_zero = tk.TaylorPolynomial(
            np.zeros(len(names)), rng.normal(size=(multi_index.count(len(names), order), *shape))
        )
        self.outputs = ("output",) if len(shape) == 1 else tuple(f"output_{i + 1}" for i in range(len(shape)))

    def __call__(self, *x: Any) -> np.ndarray:
        return self.about_zero(np.stack(np.broadcast_arrays(*x), axis=-1))

    def at(self, rows: np.ndarray) -> np.ndarray:
        """∂^α p at rows (N, D): (P, *S, N)."""
        alphas = multi_index.multi_indices(len(self.names), self.order).tolist()
        return np.stack([np.moveaxis(self.about_zero.derivative(a)(rows), 0, -1) for a in alphas])

    def on_grid(self, *axes: Any) -> xr.Dataset:
        rows = np.stack([m.ravel() for m in np.meshgrid(*axes, indexing="ij")], axis=-1)
        packed = self.at(rows)
        coordinates = {n: np.asarray(a, float) for n, a in zip(self.names, axes, strict=True)}
        return self._dataset(packed.reshape(*packed.shape[:-1], *map(len, axes)), self.names, coordinates)

    def at_points(self, rows: np.ndarray) -> xr.Dataset:
        columns = {n: ("point", column) for n, column in zip(self.names, rows.T, strict=True)}
        return self._dataset(self.at(rows), ("point",), columns)

    def _dataset(self, packed: np.ndarray, places: tuple[str, ...], coordinates: dict[str, Any]) -> xr.Dataset:
        exponent = multi_index.multi_indices(len(self.names), self.order)
        arrays = {
            "derivatives": (("term", *self.outputs, *places), packed),
            "exponent": (("term", "variable"), exponent),
        }
        labels = {"term": multi_index.labels(self.names, self.order), "variable": list(self.names)}
        return xr.Dataset(arrays, {**labels, **coordinates})
