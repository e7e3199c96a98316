"""One stored derivative by any of its names, and the tensors that they fill."""

from typing import Any

import jax
import numpy as np
import pytest
import xarray as xr

import taylorkit as tk
from taylorkit.functions import TABLE
from tests.accessor.polynomials import Polynomial

# The same numbers, products and sums as in JAX, in another order.
ROUNDING = {"rtol": 1e-12, "atol": 1e-12}

FORMS = ["x y", "y x", "y*x", "x**1*y", (1, 1), [1, 1], np.array([1, 1]), {"x": 1, "y": 1}, {"y": 1, "x": 1}]


@pytest.mark.parametrize("term", FORMS, ids=repr)
def test_a_derivative_by_any_of_its_names(ds: xr.Dataset, term: Any) -> None:
    xr.testing.assert_identical(ds.taylor.derivative(term).load(), ds.derivatives.sel(term="x y").load())


def test_derivatives_of_the_lowest_and_highest_degree(ds: xr.Dataset, rng: np.random.Generator) -> None:
    for term, label in {"1": "1", (0, 0): "1", "x x": "x^2", "y^2": "y^2"}.items():
        assert str(ds.taylor.derivative(term).term.values) == label
    line = Polynomial("t", 3, (), rng).on_grid([0.0, 1.0])
    np.testing.assert_array_equal(line.taylor.derivative(2), line.taylor.derivative("t^2"))
    assert ds.isel(term=[0, 4]).taylor.derivative("x y").sizes == {"x": 8, "y": 6}


@pytest.mark.parametrize("chunked", [False, True], ids=["lazy", "dask"])
@pytest.mark.parametrize("degree", range(3))
def test_tensors(ds: xr.Dataset, degree: int, chunked: bool) -> None:
    x, y = (c.ravel() for c in np.meshgrid(ds.x, ds.y, indexing="ij"))
    with jax.enable_x64(True):
        expected = np.asarray(tk.derivatives(TABLE["two_variable"].function, (x, y), 2).tensor(degree))
    found = (ds.chunk(x=3) if chunked else ds).taylor.tensor(degree)
    trailing = ("variable", "variable2")[:degree]
    assert found.dims == ("x", "y", *trailing) and (found.chunks is not None) is chunked
    np.testing.assert_allclose(found.values.reshape(expected.shape), expected, **ROUNDING)
    for dim in trailing:
        assert found[dim].values.tolist() == ["x", "y"]


def test_gradient_and_hessian_by_label(ds: xr.Dataset) -> None:
    np.testing.assert_array_equal(ds.taylor.gradient().sel(variable="y"), ds.derivatives.sel(term="y"))
    hessian = ds.taylor.hessian()
    for a, b, term in (("x", "x", "x^2"), ("x", "y", "x y"), ("y", "x", "x y"), ("y", "y", "y^2")):
        np.testing.assert_array_equal(hessian.sel(variable=a, variable2=b), ds.derivatives.sel(term=term))
