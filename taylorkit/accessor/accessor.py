"""`ds.taylor`: each question that a stored run answers, with what it gives."""

from typing import TYPE_CHECKING, Any

import xarray as xr

from taylorkit.accessor import artifact, terms, values
from taylorkit.store.netcdf import decoded

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@xr.register_dataset_accessor("taylor")
class TaylorAccessor:
    """Questions to an opened artifact. None changes the dataset; none calls the function or needs JAX.

    >>> import numpy as np, xarray as xr, taylorkit.accessor
    >>> derivatives = [[4.0, 10.0], [5.0, 7.0], [3.0, 6.0], [2.0, 2.0], [3.0, 3.0], [0.0, 0.0]]  # of x² + 3xy
    >>> exponent = [[0, 0], [1, 0], [0, 1], [2, 0], [1, 1], [0, 2]]
    >>> ds = xr.Dataset(  # at (1, 1) and (2, 1), as an artifact holds them
    ...     {"derivatives": (("term", "x"), derivatives), "exponent": (("term", "variable"), exponent)},
    ...     {"x": [1.0, 2.0], "y": 1.0, "variable": ["x", "y"]},
    ... )
    >>> round(float(ds.taylor(x=1.1, y=2.0)), 12)
    7.81
    >>> dict(ds.taylor(x=np.linspace(1, 2, 4), y=[1.0, 2.0]).sizes)
    {'x': 4, 'y': 2}
    >>> ds.taylor.derivative("x y").values.tolist()
    [3.0, 3.0]
    >>> ds.taylor.gradient().sel(x=2.0).values.tolist()
    [7.0, 6.0]
    >>> ds.taylor.hessian().sel(x=2.0, variable="x", variable2="y").item()
    3.0
    """

    def __init__(self, dataset: xr.Dataset) -> None:
        self._dataset = decoded(dataset)

    def __call__(self, /, degree: int | None = None, *, extrapolate: bool = False, **variables: Any) -> xr.DataArray:
        """T_degree of the nearest expansion point x₀ at the given points (degree: the order, unless one is given).

            T_k(x) = Σ_{|α| ≤ k} ∂^α f(x₀) / α! · (x − x₀)^α

        Each variable is a number, an array, a pair (dimensions, values) or a DataArray. They broadcast by the names of
        their dimensions, as in `ds.interp`: an array of one axis lies along the variable's own, so that two of them
        span a grid; for single points give pairs or DataArrays that share a dimension, `x=("point", [0.1, 0.2]),
        y=("point", [1.0, 2.0])`. If any plain array has more axes, all of them broadcast by NumPy's rules along dim_0,
        dim_1, … A variable in which all expansion points agree may be left out. The result has the dimensions of the
        points, then f's own, and the name of the function.

        Points must lie where the expansion points do, which is their box and half a step beyond: along an axis half of
        its first and last steps, of scattered points half of the spacing that they would have if they filled the box.
        Along a variable in which all of them agree there is no limit, as there is none for one polynomial.
        `extrapolate=True` evaluates the nearest polynomial wherever a point lies.

        Distance is Euclidean, and ties are broken as in `taylorkit.Atlas`. Points are taken block by block of the
        store, and only blocks in which nearest expansion points lie are read. Where variables or derivatives are Dask
        arrays, the result is one, with the same numbers: its tasks compute what they need of the derivatives. Where the
        expansion points lie, and which terms there are, is read at once.

        Raises SpecError for an unknown or missing variable or degree, values that are not finite numbers or out of
        reach (when it is computed), or a dataset whose terms are not all there; xarray's own errors where labels do not
        align.
        """
        return values.evaluated(self._dataset, degree, variables, extrapolate)

    def derivative(self, term: Any) -> xr.DataArray:
        """∂^α f at every expansion point, (output…, x, y, …), not read yet.

        `term` is a label, `"x^2 y"` (factors in any order), a name that the run's spec gave to one, `"gamma"`, a
        multi-index, `(2, 1)`, a number where there is one variable, or a mapping, `{"x": 2, "y": 1}`. Raises SpecError,
        naming the nearest terms, where there is none.
        """
        return terms.derivative(self._dataset, term)

    def gradient(self) -> xr.DataArray:
        """∂f/∂xᵢ at every expansion point, (output…, x, y, …, variable): `tensor(1)`."""
        return self.tensor(1)

    def hessian(self) -> xr.DataArray:
        """∂²f/∂xᵢ∂xⱼ at every expansion point, (output…, x, y, …, variable, variable2): `tensor(2)`."""
        return self.tensor(2)

    def tensor(self, degree: int) -> xr.DataArray:
        """The full symmetric tensor D^k f at every expansion point, not read yet.

        Its k last dimensions are `variable`, `variable2`, …, labelled by the variables. Raises SpecError for a degree
        above the order.
        """
        return terms.tensor(self._dataset, degree)

    def error(self, evaluation: str | None = None, degree: int | None = None) -> xr.DataArray:
        """|f − T_k| at the points of an evaluation, (degree, output…, x, y, …), or of one degree; not read yet.

        Of `taylorkit.open(path, evaluation=NAME)` it is what that holds. The root of an artifact holds no values of f
        beside its polynomials, so there it is the evaluation of this name (without one the only one), opened from
        where `ds.encoding["source"]` says, whatever part of the root was selected. Raises SpecError where there is no
        such evaluation or degree, or the dataset does not say where it was opened from.
        """
        return artifact.error(self._dataset, evaluation, degree)

    def plot(self, **options: Any) -> "Figure":
        """A Matplotlib figure: with `kind` any of `taylorkit.plotting.FIGURES`, else the first that suits the dataset.

        Options are the fields of a spec's `[[report.figures]]`, as in `plot(kind="error_map", evaluation="map",
        degrees=[1, 2])`. The dataset is drawn as it is, with what was selected; the rest comes from where
        `ds.encoding["source"]` says. A notebook shows the figure once, at the end of the cell at the latest. Raises
        SpecError for options that are unknown or cannot be answered.
        """
        return artifact.figure(self._dataset, options)
