"""ds.taylor: exact polynomials are reproduced everywhere, and stored runs answer as the library does in memory."""

import doctest
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import product
from math import prod
from pathlib import Path
from typing import Any
from unittest.mock import patch

import dask
import jax
import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure

import taylorkit as tk
import taylorkit.accessor.accessor
from taylorkit import grid, multi_index
from taylorkit.accessor import expansions
from taylorkit.functions import TABLE
from tests.store.making import ATLAS, SMALL_BLOCK, Made, made, shards_read

# Sums of some tens of products of numbers of size 1 to 100, taken about another centre than the one they came from.
EXACT = {"rtol": 1e-11, "atol": 1e-10}
# The same numbers, products and sums as in JAX, in another order.
ROUNDING = {"rtol": 1e-12, "atol": 1e-12}

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


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """two_variable on 8 x 6 centres, in 4 blocks of whole rows of y."""
    return made(tmp_path_factory.mktemp("accessor"), ATLAS)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that there are several blocks of the centres, and several pieces of the points."""
    monkeypatch.setattr(grid, "BLOCK_BYTES", SMALL_BLOCK)
    monkeypatch.setattr(expansions, "PIECE", 7)


@pytest.fixture
def ds(run: Made) -> xr.Dataset:
    return tk.open(run.artifact)


@pytest.fixture
def points(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Within the grid and around it."""
    return tuple(rng.uniform(-1.5, 1.5, (2, 5, 4)))  # type: ignore[return-value]


def atlas(ds: xr.Dataset) -> tk.Atlas:
    centers = np.meshgrid(*(ds[v].values for v in ds.attrs["variables"]), indexing="ij")
    packed = ds.derivatives.values.reshape(ds.sizes["term"], -1)
    factorials = multi_index.factorials(len(centers), ds.attrs["order"])
    return tk.Atlas(tuple(c.ravel() for c in centers), packed / factorials[:, None])


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
    values = stored.taylor(**dict(zip(names, x, strict=True)))
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
    np.testing.assert_array_equal(ds.taylor(x=x, y=y), A((x, y)))
    np.testing.assert_array_equal(ds.taylor(x=middles[0], y=middles[1]), A(tuple(np.meshgrid(*middles, indexing="ij"))))


def test_equals_the_polynomial_of_jax_about_the_nearest_centre(ds: xr.Dataset) -> None:
    f = TABLE["two_variable"].function
    center = (float(ds.x[5]), float(ds.y[2]))
    x, y = center[0] + 0.1, center[1] - 0.15
    for degree in range(3):
        expected = tk.taylor(f, center, 2).truncate(degree)((x, y))
        value = ds.taylor(x=x, y=y, degree=degree)
        assert value.dims == () and value.name == "two_variable" and (value.x, value.y) == (x, y)
        np.testing.assert_allclose(value, expected, rtol=2e-6)  # JAX computes in single precision by default


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


def test_how_points_broadcast(ds: xr.Dataset) -> None:
    line, more = np.linspace(0, 1, 3), np.linspace(-1, 1, 4)
    apart = ds.taylor(x=line, y=more)
    assert (apart.dims, apart.shape) == (("x", "y"), (3, 4))
    np.testing.assert_array_equal(apart.x, line)
    assert ds.taylor(x=list(line), y=0.5).dims == ("x",)
    together = ds.taylor(x=("p", line), y=xr.DataArray(line, dims="p", coords={"p": list("abc")}))
    np.testing.assert_array_equal(together, np.diag(ds.taylor(x=line, y=line)))
    assert together.p.values.tolist() == list("abc") and together.x.dims == together.y.dims == ("p",)
    np.testing.assert_array_equal(apart, ds.taylor(x=line[:, None], y=more[None, :]))
    np.testing.assert_array_equal(apart, ds.taylor(x=line[:, None], y=more))
    assert ds.taylor(x=np.zeros((2, 0, 3)), y=0).shape == (2, 0, 3)
    assert ds.taylor(x=np.float32(0.5), y=1).dtype == np.float64
    with pytest.raises(ValueError, match="cannot align"):
        ds.taylor(x=xr.DataArray(line, {"p": [0, 1, 2]}, "p"), y=xr.DataArray(line, {"p": [1, 2, 3]}, "p"))


SELECTED: dict[str, Callable[[xr.Dataset], xr.Dataset]] = {
    "part": lambda ds: ds.isel(x=slice(2, 7, 2), y=[1, 4]),
    "backwards": lambda ds: ds.isel(x=slice(None, None, -1)),
    "transposed": lambda ds: ds.transpose("y", "x", ...),
    "pointwise": lambda ds: ds.isel(x=("p", [0, 3, 7]), y=("p", [5, 2, 2])),
    "stacked": lambda ds: ds.stack(p=("x", "y")),
    "lower": lambda ds: ds.isel(term=slice(0, 3)),
}


@pytest.mark.parametrize("select", SELECTED.values(), ids=SELECTED)
@pytest.mark.parametrize("chunked", [False, True], ids=["lazy", "dask"])
def test_what_is_left_of_a_dataset(
    ds: xr.Dataset, points: tuple[np.ndarray, np.ndarray], select: Callable[[xr.Dataset], xr.Dataset], chunked: bool
) -> None:
    left = select(ds.chunk(x=3) if chunked else ds)
    x, y = points
    values = left.taylor(x=x, y=y)
    names = [d for d in left.derivatives.dims if d != "term"]
    flat = left.derivatives.transpose("term", *names)
    flat = flat.stack(n=names) if len(names) > 1 else flat
    order = 2 if left.sizes["term"] == 6 else 1
    packed = flat.values / multi_index.factorials(2, order)[:, None]
    np.testing.assert_array_equal(values, tk.Atlas((flat.x.values, flat.y.values), packed)((x, y)))


def test_a_variable_that_does_not_vary_may_be_left_out(ds: xr.Dataset) -> None:
    one = ds.isel(y=3)
    xr.testing.assert_equal(one.taylor(x=[0.1, 0.9]), one.taylor(x=[0.1, 0.9], y=float(ds.y[3])))
    assert ds.isel(x=[2], y=3).taylor() == ds.derivatives[0, 2, 3]


def no_compute(*_: Any, **__: Any) -> None:
    raise AssertionError("computed too early")


LAZY: dict[str, Callable[[xr.Dataset, xr.DataArray, xr.DataArray], xr.DataArray]] = {
    "points": lambda ds, x, y: ds.taylor(x=x.chunk(a=2), y=y.chunk(a=2)),
    "one of them": lambda ds, x, y: ds.taylor(x=x.chunk(a=2, b=3), y=y),
    "raw": lambda ds, x, y: ds.taylor(x=x.chunk().data, y=y.values).rename(dim_0="a", dim_1="b"),
    "derivatives": lambda ds, x, y: ds.chunk().taylor(x=x, y=y),
    "terms": lambda ds, x, y: ds.chunk(term=2, x=3, y=4).taylor(x=x, y=y),
    "both": lambda ds, x, y: ds.chunk(x=(1, 5, 2)).taylor(x=x.chunk(a=2), y=y),
    "plain": lambda ds, x, y: xr.open_zarr(ds.encoding["source"], consolidated=False).taylor(x=x, y=y),
}


@pytest.mark.parametrize("ask", LAZY.values(), ids=LAZY)
def test_dask_stays_lazy_and_gives_the_same(
    ds: xr.Dataset, points: tuple[np.ndarray, np.ndarray], ask: Callable[..., xr.DataArray]
) -> None:
    x, y = (xr.DataArray(p, dims=("a", "b")) for p in points)
    with shards_read() as seen:
        values = ask(ds, x, y)
    assert not any(key.startswith("derivatives/") for key in seen)
    assert values.chunks is not None and values.dtype == np.float64
    np.testing.assert_array_equal(values.values, ds.taylor(x=x, y=y).values)
    again = pickle.loads(pickle.dumps(values))  # as other processes get it
    np.testing.assert_array_equal(again.compute(scheduler="synchronous"), values)


def test_points_are_not_computed_before_their_values(ds: xr.Dataset) -> None:
    x = xr.DataArray(np.linspace(-1, 1, 5), dims="p").chunk(p=2)
    with dask.config.set(scheduler=no_compute):
        values = ds.taylor(x=x, y=0.3)
        assert values.x.chunks == ((2, 2, 1),)
    with pytest.raises(tk.SpecError, match="is not finite"):
        ds.taylor(x=x * np.nan, y=0.3).compute()
    xr.testing.assert_equal(values.compute(), ds.taylor(x=x.compute(), y=0.3))


def test_dask_along_an_axis_of_its_own(ds: xr.Dataset) -> None:
    """Labels of it would have to be computed, so it has none."""
    line = np.linspace(-1, 1, 5)
    with dask.config.set(scheduler=no_compute):
        values = ds.taylor(x=dask.array.from_array(line, 2), y=0.3)
    assert values.dims == ("x",) and "x" not in values.coords
    np.testing.assert_array_equal(values, ds.taylor(x=line, y=0.3))


def test_a_large_result_comes_in_pieces(ds: xr.Dataset) -> None:
    """However few numbers the points are made of."""
    values = ds.chunk().taylor(x=np.linspace(-1, 1, 30), y=np.linspace(-1, 1, 40))
    assert max(map(prod, product(*values.chunks))) * 8 <= SMALL_BLOCK


def test_only_the_blocks_that_are_needed_are_read(ds: xr.Dataset) -> None:
    """Blocks are two rows of x each; the points' nearest centres lie in the second and the last."""
    with shards_read() as seen:
        ds.taylor(x=("p", [float(ds.x[2]), 5.0, float(ds.x[3])]), y=("p", [0.1, 0.2, 0.3]))
        assert set(seen) == {"derivatives/c/0/1/0", "derivatives/c/0/3/0"}
        seen.clear()
        hessian = [ds.taylor.gradient(), ds.taylor.derivative("x"), ds.taylor.error(), ds.taylor.hessian()][-1]
        assert not [key for key in seen if key.startswith(("derivatives/", "error/"))]
        seen.clear()
        hessian.isel(x=7).load()
        assert set(seen) == {"derivatives/c/0/3/0"}


def test_one_block_is_held_at_a_time(ds: xr.Dataset, points: tuple[np.ndarray, np.ndarray]) -> None:
    sizes = []
    load = xr.Variable.load

    def watched(self: xr.Variable, **options: Any) -> xr.Variable:
        sizes.append(self.nbytes)
        return load(self, **options)

    with patch.object(xr.Variable, "load", watched):
        ds.taylor(x=points[0], y=points[1])
    assert len(sizes) == 4 and max(sizes) <= SMALL_BLOCK


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


REFUSED: dict[str, tuple[Callable[[xr.Dataset], Any], str]] = {
    "degree": (lambda ds: ds.taylor.derivative("x^2 y"), r"is 3, and the order .* is 2; near it are 'x\^2', 'x y'"),
    "taken out": (lambda ds: ds.isel(term=[0, 1]).taylor.derivative("y"), "'y': not here; near it are '1', 'x'"),
    "variable": (lambda ds: ds.taylor.derivative("x z"), "'z' is no variable; they are x, y"),
    "sum": (lambda ds: ds.taylor.derivative("x + y"), r"no term; write one as 'x\^2 y', \(2, 1\) or \{'x': 2, 'y': 1"),
    "empty": (lambda ds: ds.taylor.derivative(""), "no term"),
    "short": (lambda ds: ds.taylor.derivative((1,)), "no term"),
    "negative": (lambda ds: ds.taylor.derivative({"x": -1}), "no term"),
    "fraction": (lambda ds: ds.taylor.derivative((0.5, 1)), "no term"),
    "tensor": (lambda ds: ds.taylor.tensor(3), "degree = 3: the order is 2"),
    "no tensor": (lambda ds: ds.taylor.tensor("x"), "order = 'x': must be a whole number"),
    "missing": (lambda ds: ds.taylor(x=1.0), "y: not given; write x=…, y=…"),
    "unknown": (lambda ds: ds.taylor(x=1.0, z=1.0), "z is no variable; they are x, y"),
    "text": (lambda ds: ds.taylor(x="1", y=1.0), "x = '1': must be numbers"),
    "nan": (lambda ds: ds.taylor(x=np.nan, y=1.0), "is not finite; it has no nearest centre"),
    "pair": (lambda ds: ds.taylor(x=("p", "q", 1, 2, 3), y=1.0), r"no pair \(dimensions, values\)"),
    "shapes": (lambda ds: ds.taylor(x=np.ones((2, 3)), y=np.ones(4)), r"do not fit together: x \(2, 3\), y \(4,\)"),
    "order": (lambda ds: ds.taylor(x=1.0, y=1.0, degree=3), "degree = 3: write a whole number from 0 to the order, 2"),
    "terms": (lambda ds: ds.isel(term=[0, 2, 1]).taylor(x=1.0, y=1.0), "which are not all up to some degree"),
    "no centres": (lambda ds: ds.isel(x=[]).taylor(x=1.0, y=1.0), "centres: none are left"),
    "no grid": (lambda ds: ds.drop_vars("y").taylor(x=1.0, y=1.0), "y: this dataset does not say where"),
    "evaluation": (lambda ds: ds.taylor.error("no"), r"evaluation = 'no': .* has map"),
    "error degree": (lambda ds: ds.taylor.error(degree=5), "degree = 5: write a whole number from 0 to the order, 2"),
    "no source": (lambda ds: ds.drop_encoding().taylor.error(), "does not say where its artifact lies .*use taylorkit"),
    "figure": (lambda ds: ds.taylor.plot(kind="no"), "figure kind = 'no': unknown; write one of approximations"),
    "foreign": (lambda ds: xr.Dataset().taylor.gradient(), "this dataset has no 'derivatives'"),
    "no artifact": (lambda ds: xr.Dataset().taylor.plot(), "is of no artifact"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(ds: xr.Dataset, name: str) -> None:
    ask, message = REFUSED[name]
    with pytest.raises(tk.SpecError, match=message):
        ask(ds)


def test_an_evaluation_holds_no_derivatives(run: Made) -> None:
    with pytest.raises(tk.SpecError, match=r"the evaluation 'map' has no 'derivatives': ask the root"):
        tk.open(run.artifact, "map").taylor(x=1.0, y=1.0)


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


def everyone(run: Made) -> Iterator[xr.Dataset]:
    """An artifact's root and evaluation as they are opened in all ways."""
    yield tk.open(run.artifact)
    yield tk.open(run.artifact, "map")
    yield xr.open_zarr(run.artifact, consolidated=False)
    yield xr.open_zarr(run.artifact, group="evaluation/map", consolidated=False)
    yield xr.open_zarr(run.artifact / "evaluation/map", consolidated=False)


def test_errors(run: Made) -> None:
    stored = tk.open(run.artifact, "map").error.load()
    for opened in everyone(run):
        xr.testing.assert_equal(opened.taylor.error(), stored)
        xr.testing.assert_equal(opened.isel(x=slice(0, None)).taylor.error("map"), stored)
        xr.testing.assert_equal(opened.taylor.error(degree=1), stored.sel(degree=1))
    part = tk.open(run.artifact, "map").isel(x=[0, 2])
    xr.testing.assert_equal(part.taylor.error("map"), stored.isel(x=[0, 2]))


def test_plots(run: Made) -> None:
    for opened in everyone(run):
        assert isinstance(opened.taylor.plot(), Figure)
        figure = opened.taylor.plot(kind="error_map", evaluation="map", degrees=[1])
        assert [axes.get_title() for axes in figure.axes if "sampled max" in axes.get_title()]
    part = tk.open(run.artifact, "map").isel(x=slice(0, 3))
    xs = part.taylor.plot(kind="error_map", degrees=[1], title="A part").axes[0].get_xlim()
    assert xs[1] < 0.5
    assert isinstance(tk.open(run.artifact).drop_encoding().taylor.plot(), Figure)


WITHOUT_JAX = """
import sys
sys.modules["jax"] = sys.modules["jaxlib"] = None
import numpy as np
import taylorkit as tk
from taylorkit.polynomial import from_dataset

ds = tk.open(sys.argv[1])
center = {v: float(ds[v][2]) for v in "xy"}
near = {v: c + 0.05 for v, c in center.items()}
expected = from_dataset(ds, **center)(tuple(near.values()))
for opened in (ds, ds.chunk(x=2)):
    assert abs(float(opened.taylor(**near)) - expected) < 1e-14
    assert opened.taylor.gradient().compute().shape == (8, 6, 2)
    assert opened.taylor.derivative("x y").compute().shape == (8, 6)
    assert opened.taylor.error(degree=2).max() > 0
    opened.taylor.plot()
"""


def test_without_jax(run: Made) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_JAX, run.artifact], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_examples() -> None:
    result = doctest.testmod(taylorkit.accessor.accessor)
    assert result.attempted > 5 and not result.failed
