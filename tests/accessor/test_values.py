"""Exact polynomials are reproduced everywhere; a stored run gives what the library gives in memory."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import taylorkit as tk
from taylorkit import multi_index
from taylorkit.functions import TABLE
from tests.accessor.polynomials import Polynomial
from tests.store.making import Made, made

# Sums of some tens of products of numbers of size 1 to 100, taken about another centre than the one they came from.
EXACT = {"rtol": 1e-11, "atol": 1e-10}
# The same numbers, products and sums as in JAX, in another order.
ROUNDING = {"rtol": 1e-12, "atol": 1e-12}
# Six products and sums in single precision, which has an epsilon of 1.2e-7.
SINGLE = {"rtol": 1e-6, "atol": 1e-6}

SHAPE = """
function = "own.py:pair"
variables = ["a", "b", "c"]
call = "vector"
order = 2

[grid]
points = [[0.0, 1.0, 0.5], [1.0, 0.0, 0.2], [0.3, 0.4, 0.9], [2.0, 2.0, 2.0]]
"""
PAIR = """
import jax.numpy as jnp

def pair(v):
    return jnp.stack([jnp.sin(v[0]) * v[1], jnp.exp(v[2] * v[0])])
"""


def atlas(ds: xr.Dataset) -> tk.Atlas:
    centers = np.meshgrid(*(ds[v].values for v in ds.attrs["variables"]), indexing="ij")
    packed = ds.derivatives.values.reshape(ds.sizes["term"], -1)
    factorials = multi_index.factorials(len(centers), ds.attrs["order"])
    return tk.Atlas(tuple(c.ravel() for c in centers), packed / factorials[:, None])


@pytest.mark.parametrize(
    ("names", "shape"), list(product(["x", "xy", "xyz"], [(), (3,), (2, 3)])), ids=lambda v: str(v).replace(" ", "")
)
@pytest.mark.parametrize("scattered", [False, True], ids=["grid", "scattered"])
def test_a_polynomial_is_reproduced_everywhere(
    names: str, shape: tuple[int, ...], scattered: bool, rng: np.random.Generator
) -> None:
    p = Polynomial(names, 3, shape, rng)
    axes = [np.sort(rng.uniform(-1, 1, n)) for n in (4, 3, 2)[: len(names)]]
    stored = p.at_points(rng.uniform(-1, 1, (9, len(names)))) if scattered else p.on_grid(*axes)
    x = rng.uniform(-2, 2, (len(names), 5, 3))
    values = stored.taylor(extrapolate=True, **dict(zip(names, x, strict=True)))
    assert (values.dims, values.shape, values.name) == (("dim_0", "dim_1", *p.outputs), (5, 3, *shape), "f")
    np.testing.assert_allclose(values, p(*x), **EXACT)


def test_a_lower_degree_is_no_longer_exact_but_is_the_lower_polynomial(rng: np.random.Generator) -> None:
    p = Polynomial("xy", 3, (), rng)
    stored = p.on_grid([0.0], [0.0])
    x, y = rng.uniform(-2, 2, (2, 6))
    for degree in range(4):
        values = stored.taylor(x=("i", x), y=("i", y), degree=degree)
        expected = p.about_zero.truncate(degree)(np.stack([x, y], axis=-1))
        np.testing.assert_allclose(values, expected, **EXACT)
        assert np.allclose(values, p(x, y)) is (degree == 3)


def test_equals_the_atlas(ds: xr.Dataset, points: tuple[np.ndarray, np.ndarray]) -> None:
    """To the last bit, at ties as elsewhere: the same centre, the same sums."""
    x, y = points
    middles = [(ds[v].values[1:] + ds[v].values[:-1]) / 2 for v in "xy"]
    A = atlas(ds)
    np.testing.assert_array_equal(ds.taylor(extrapolate=True, x=x, y=y), A((x, y)))
    np.testing.assert_array_equal(ds.taylor(x=middles[0], y=middles[1]), A(tuple(np.meshgrid(*middles, indexing="ij"))))


def test_equals_the_polynomial_of_jax_about_the_nearest_centre(ds: xr.Dataset) -> None:
    f = TABLE["two_variable"].function
    center = (float(ds.x[5]), float(ds.y[2]))
    x, y = center[0] + 0.1, center[1] - 0.15
    for degree in range(3):
        expected = tk.taylor(f, center, 2).truncate(degree)((x, y))
        value = ds.taylor(x=x, y=y, degree=degree)
        assert value.dims == () and value.name == "two_variable" and (value.x, value.y) == (x, y)
        np.testing.assert_allclose(value, expected, **SINGLE)  # the precision of JAX where it is not told otherwise


def test_equals_a_stored_evaluation(run: Made, ds: xr.Dataset) -> None:
    stored = tk.open(run.artifact, "map")
    for degree in range(3):
        values = ds.taylor(x=stored.x, y=stored.y, degree=degree)
        xr.testing.assert_allclose(values, stored.approximation.sel(degree=degree, drop=True), **ROUNDING)


def test_vectors_at_scattered_points(tmp_path: Path, rng: np.random.Generator) -> None:
    (tmp_path / "own.py").write_text(PAIR)
    artifact = made(tmp_path, SHAPE).artifact
    rows = rng.uniform(0, 2, (11, 3))
    for opened in (tk.open(artifact), xr.open_zarr(artifact, consolidated=False)):
        values = opened.taylor(**{n: ("p", column) for n, column in zip("abc", rows.T, strict=True)})
        centers = np.stack([opened[n].values for n in "abc"], axis=-1)
        packed = opened.derivatives.values / multi_index.factorials(3, 2)[:, None, None]
        assert (values.dims, values.name) == (("p", "output"), "pair")
        np.testing.assert_array_equal(values, tk.Atlas(centers, packed)(rows))
        assert opened.taylor.tensor(2).dims == ("output", "point", "variable", "variable2")


def test_single_precision_stays_what_it_is(ds: xr.Dataset, points: tuple[np.ndarray, np.ndarray]) -> None:
    x, y = points
    single = ds.assign(derivatives=ds.derivatives.astype(np.float32))
    for opened in (single, single.chunk()):
        values = opened.taylor(extrapolate=True, x=x, y=y)
        assert values.dtype == values.compute().dtype == np.float32
        np.testing.assert_allclose(values, atlas(ds)((x, y)), **SINGLE)


def test_how_points_broadcast(ds: xr.Dataset) -> None:
    line, more = np.linspace(0, 1, 3), np.linspace(-1, 1, 4)
    apart = ds.taylor(x=line, y=more)
    assert (apart.dims, apart.shape) == (("x", "y"), (3, 4))
    np.testing.assert_array_equal(apart.x, line)
    assert ds.taylor(x=list(line), y=0.5).dims == ("x",)
    together = ds.taylor(x=("p", line), y=xr.DataArray(line, dims="p", coords={"p": list("abc")}))
    np.testing.assert_array_equal(together, np.diag(ds.taylor(x=line, y=line)))
    assert not ds.taylor(x=xr.DataArray(line, dims="p", attrs={"units": "m"}), y=0.5).attrs  # those of x, not of f
    assert together.p.values.tolist() == list("abc") and together.x.dims == together.y.dims == ("p",)
    np.testing.assert_array_equal(apart, ds.taylor(x=line[:, None], y=more[None, :]))
    np.testing.assert_array_equal(apart, ds.taylor(x=line[:, None], y=more))
    assert ds.taylor(x=np.zeros((2, 0, 3)), y=0).shape == (2, 0, 3)
    assert ds.taylor(x=np.float32(0.5), y=1).dtype == np.float64
    with pytest.raises(ValueError, match="cannot align"):
        ds.taylor(x=xr.DataArray(line, {"p": [0, 1, 2]}, "p"), y=xr.DataArray(line, {"p": [1, 2, 3]}, "p"))


def test_a_variable_that_does_not_vary_may_be_left_out(ds: xr.Dataset) -> None:
    one = ds.isel(y=3)
    xr.testing.assert_equal(one.taylor(x=[0.1, 0.9]), one.taylor(x=[0.1, 0.9], y=float(ds.y[3])))
    assert ds.isel(x=[2], y=3).taylor() == ds.derivatives[0, 2, 3]
