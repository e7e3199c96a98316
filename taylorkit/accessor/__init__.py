"""What a stored run answers, asked of its dataset: `ds.taylor(x=1.1, y=2.2)`, `ds.taylor.derivative("x^2 y")`, …

`taylorkit.open` brings it along; for a dataset from plain `xarray.open_zarr`, `import taylorkit.accessor` does. It
needs NumPy and xarray; SciPy where points are scattered, Dask where arrays are chunked, Matplotlib to plot; never JAX.

    terms        which stored term is meant, and the tensors that the terms fill
    centers      where its expansion points lie, and which is nearest
    expansions   the polynomials of a dataset at given points, no more of it read than they need
    points       from what a caller gives for each variable to arrays with named dimensions
    values       from these to the result, lazily where anything is chunked
    artifact     what a dataset does not hold itself: the evaluations, and the figures
"""

from taylorkit.accessor.accessor import TaylorAccessor

__all__ = ["TaylorAccessor"]
