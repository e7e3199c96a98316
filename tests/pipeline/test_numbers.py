"""What a run stores, computed again plainly: by hand-written derivatives and sums in NumPy."""

from math import factorial
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import taylorkit as tk
from taylorkit import grid
from tests.store.making import ATLAS, LINE, SMALL_BLOCK, run, write_spec

# The stored numbers against a formula evaluated otherwise: a few roundings of double precision.
ROUNDING = 1e-13
SINGLE = 2e-6

POLAR = """
import jax.numpy as jnp

def polar(v):
    return jnp.stack([v[0] * jnp.cos(v[1]), v[0] * jnp.sin(v[1])])

def square(x):
    return jnp.outer(jnp.stack([x, x**2]), jnp.stack([jnp.ones_like(x), x, x**3]))
"""

SINGULAR = """
function = "log"
variables = ["x"]
call = "scalars"
order = 2

[grid]
x = [-1.0, 0.0, 0.5, 1.0]

[evaluations.atlas]
x = [-1.0, 0.1, 0.9]
"""


def f(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.sin(x * y) * np.exp(-(x**2 + y**2) / 2) + np.tanh(x + 2 * y)


def plain_sums(root: xr.Dataset, center: dict[str, float], x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """T_0, …, T_n at points, term by term: (degree, points)."""
    derivatives = root.derivatives.sel(center)
    sums = np.zeros((root.attrs["order"] + 1, len(x)))
    for (a, b), value in zip(root.exponent.values, derivatives.values, strict=True):
        term = value * (x - center["x"]) ** a * (y - center["y"]) ** b / (factorial(a) * factorial(b))
        sums[a + b :] += term
    return sums


def points_of(ds: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
    x, y = np.meshgrid(ds.x.values, ds.y.values, indexing="ij")
    return x.ravel(), y.ravel()


def assert_summary(ds: xr.Dataset) -> None:
    """Maximum, root mean square and count, degree by degree."""
    for k in range(ds.sizes["degree"]):
        error = ds.error.values[k].ravel()
        error = error[np.isfinite(error)]
        assert ds.samples.values[k] == error.size
        assert ds.max_error.values[k] == error.max()
        np.testing.assert_allclose(ds.rms_error.values[k], np.sqrt(np.mean(error**2)), rtol=1e-12)


def test_one_centre(tmp_path: Path) -> None:
    center = {"x": -1.0, "y": 1.0}
    job, _ = run(write_spec(tmp_path, ATLAS), tmp_path / "s", "evaluations.map.center={x=-1.0,y=1.0}")
    root, ds = tk.open(job.artifact), tk.open(job.artifact, "map")
    x, y = points_of(ds)
    sums = plain_sums(root, center, x, y)
    assert (ds.attrs["source"], ds.attrs["center"], ds.attrs["fixed"]) == ("center", center, {})
    np.testing.assert_allclose(ds.truth.values.ravel(), f(x, y), atol=ROUNDING)
    np.testing.assert_allclose(ds.approximation.values.reshape(3, -1), sums, atol=ROUNDING)
    np.testing.assert_allclose(ds.error.values.reshape(3, -1), abs(f(x, y) - sums), atol=ROUNDING)
    assert_summary(ds)


def test_an_atlas_gives_each_point_its_nearest_centre(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid, "BLOCK_BYTES", SMALL_BLOCK)
    job, _ = run(write_spec(tmp_path, ATLAS), tmp_path / "s", "evaluations.map={x=[-0.9,0.33,0.8],y=[0.05,0.5]}")
    root, ds = tk.open(job.artifact), tk.open(job.artifact, "map")
    x, y = points_of(ds)
    centers = np.stack(np.meshgrid(root.x, root.y, indexing="ij"), -1).reshape(-1, 2)
    distance = np.hypot(centers[:, :1] - x, centers[:, 1:] - y)
    np.testing.assert_array_equal(ds.center_index.values.ravel(), distance.argmin(axis=0))
    for m, index in enumerate(ds.center_index.values.ravel()):
        nearest = dict(zip("xy", centers[index], strict=True))
        sums = plain_sums(root, nearest, x[m : m + 1], y[m : m + 1])
        np.testing.assert_allclose(ds.approximation.values.reshape(3, -1)[:, m], sums[:, 0], atol=ROUNDING)
    assert_summary(ds)


def test_a_slice_stays_at_the_centre(tmp_path: Path) -> None:
    change = "evaluations.map={x=[-0.5,0.0,0.5],center={x=-1.0,y=0.6}}"
    job, _ = run(write_spec(tmp_path, ATLAS), tmp_path / "s", change)
    ds = tk.open(job.artifact, "map")
    assert ds.error.dims == ("degree", "x")
    assert ds.attrs["fixed"] == {"y": pytest.approx(0.6)}
    np.testing.assert_allclose(ds.truth, f(ds.x.values, np.array(0.6)), atol=ROUNDING)


def test_scattered_points_and_an_overlay(tmp_path: Path) -> None:
    points = "{points=[[0.5,0.5],[0.1,-0.3],[0.9,0.2]],overlay='mml_5_15'}"
    job, _ = run(
        write_spec(tmp_path, ATLAS), tmp_path / "s", f"evaluations.map={points}", "grid={points=[[0.0,0.0],[1.0,0.0]]}"
    )
    root, ds = tk.open(job.artifact), tk.open(job.artifact, "map")
    assert (root.derivatives.dims, ds.error.dims) == (("term", "point"), ("degree", "point"))
    x, y = ds.x.values, ds.y.values
    np.testing.assert_array_equal(ds.center_index, [0, 0, 1])
    np.testing.assert_allclose(ds.overlay, x**2 + 2 * x * y + y**3, atol=ROUNDING)
    np.testing.assert_allclose(ds.truth, f(x, y), atol=ROUNDING)


def test_radii_are_stored(tmp_path: Path) -> None:
    """Runge's function about 0: T_2 leaves f by r⁴/(1 + r²), so that the largest sampled r within 0.01 is known."""
    settings = ("grid.x=0.0", "trust={tolerance=0.01,radius=1.0,samples=20}", "order=3")
    job, _ = run(write_spec(tmp_path, LINE), tmp_path / "s", *settings)
    ds = tk.open(job.artifact)
    radii = np.arange(1, 21) / 20
    error = {0: radii**2 / (1 + radii**2), 2: radii**4 / (1 + radii**2)}
    for degree, values in error.items():
        expected = radii[values <= 0.01].max()
        assert ds.trust_radius.sel(degree=degree).item() == expected
        assert ds.trust_radius.sel(degree=degree + 1).item() == expected
    assert ds.attrs["trust"] == {"tolerance": 0.01, "radius": 1.0, "samples": 20}
    assert ds.convergence_radius.dims == ("x",)


def test_without_samples_there_is_no_trust_radius(tmp_path: Path) -> None:
    job, _ = run(write_spec(tmp_path, LINE), tmp_path / "s", "trust.samples=0")
    assert np.isnan(tk.open(job.artifact).trust_radius).all()


def test_a_lower_order_is_a_prefix(tmp_path: Path) -> None:
    spec = write_spec(tmp_path, ATLAS)
    high, low = (tk.open(run(spec, tmp_path / "s", f"order={n}", "evaluations={}")[0].artifact) for n in (3, 1))
    assert low.term.values.tolist() == high.term.values[:3].tolist() == ["1", "x", "y"]
    np.testing.assert_allclose(low.derivatives, high.derivatives[:3], atol=ROUNDING)


def test_an_order_of_zero(tmp_path: Path) -> None:
    job, _ = run(write_spec(tmp_path, ATLAS), tmp_path / "s", "order=0")
    root, ds = tk.open(job.artifact), tk.open(job.artifact, "map")
    x, y = points_of(root)
    np.testing.assert_allclose(root.derivatives.values.ravel(), f(x, y), atol=ROUNDING)
    assert ds.error.sizes["degree"] == 1


def test_several_outputs_have_a_dimension(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(POLAR)
    settings = (
        "function='own.py:polar'",
        "call='vector'",
        "evaluations.map={x=[0.5,1.5],y=[0.2],center={x=1.0,y=0.2}}",
    )
    job, _ = run(write_spec(tmp_path, ATLAS), tmp_path / "s", *settings)
    root, ds = tk.open(job.artifact), tk.open(job.artifact, "map")
    assert root.derivatives.dims == ("term", "output", "x", "y")
    assert ds.error.dims == ("degree", "output", "x", "y")
    assert ds.max_error.dims == ("degree", "output")
    x, y = np.meshgrid(root.x, root.y, indexing="ij")
    mixed = root.derivatives.sel(term="x y").values
    np.testing.assert_allclose(mixed, [-np.sin(y), np.cos(y)] + 0 * x, atol=ROUNDING)
    np.testing.assert_allclose(ds.max_error, ds.error.max(("x", "y")))


def test_an_output_with_two_axes_has_two_dimensions(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(POLAR)
    job, _ = run(write_spec(tmp_path, LINE), tmp_path / "s", "function='own.py:square'")
    root, ds = tk.open(job.artifact), tk.open(job.artifact, "near")
    assert root.derivatives.dims == ("term", "output_1", "output_2", "x")
    assert ds.approximation.dims == ("degree", "output_1", "output_2", "x")
    x = root.x.values
    expected = np.array([[x * 0, x * 0, 12 * x**2], [x * 0 + 2, 6 * x, 20 * x**3]])
    expected[0, 1] = 2.0
    np.testing.assert_allclose(root.derivatives.sel(term="x^2"), expected, atol=ROUNDING)


def test_single_precision(tmp_path: Path) -> None:
    spec = write_spec(tmp_path, ATLAS)
    job, _ = run(spec, tmp_path / "s", "dtype=float32")
    root, ds = tk.open(job.artifact), tk.open(job.artifact, "map")
    assert {str(v.dtype) for v in (root.derivatives, root.x, ds.truth, ds.approximation, ds.error)} == {"float32"}
    double = tk.open(run(spec, tmp_path / "s")[0].artifact)
    np.testing.assert_allclose(root.derivatives, double.derivatives, atol=SINGLE)
    assert run(spec, tmp_path / "s", "dtype=float32")[1] == {}


def test_singular_points_are_flagged_and_the_run_goes_on(tmp_path: Path) -> None:
    job, _ = run(write_spec(tmp_path, SINGULAR), tmp_path / "s")
    root, ds = tk.open(job.artifact), tk.open(job.artifact, "atlas")
    np.testing.assert_array_equal(root.status, [1 + 4, 1 + 4, 0, 0])
    np.testing.assert_allclose(root.derivatives.isel(x=2), [np.log(0.5), 2.0, -4.0], rtol=ROUNDING)
    assert np.isnan(root.trust_radius.values[:, :2]).all()
    assert (root.trust_radius.values[1:, 3] > 0).all()
    np.testing.assert_array_equal(ds.samples, [1, 1, 1])
    assert_summary(ds)


def test_a_kink_is_flagged(tmp_path: Path) -> None:
    job, _ = run(write_spec(tmp_path, LINE), tmp_path / "s", "function=kinked")
    np.testing.assert_array_equal(tk.open(job.artifact).status, [0, 0, 2, 0, 0])


def test_the_page_counts_them(tmp_path: Path) -> None:
    from taylorkit import pages

    job, _ = run(write_spec(tmp_path, SINGULAR), tmp_path / "s", "report.figures=[]")
    words = " ".join(pages.report(job.artifact).read_text().split())
    assert "outside the domain" in words
    assert "not finite" in words


def test_kept_numbers_are_the_numbers_of_the_library(tmp_path: Path) -> None:
    """The artifact's derivatives are those of `taylorkit.derivatives`, bit for bit."""
    job, _ = run(write_spec(tmp_path, LINE), tmp_path / "s")
    ds = tk.open(job.artifact)
    direct = tk.derivatives(lambda x: 1 / (1 + x**2), ds.x.values, 2)
    np.testing.assert_array_equal(np.asarray(direct.packed), ds.derivatives)


def test_blocks_do_not_change_the_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = write_spec(tmp_path, ATLAS)
    large = tk.open(run(spec, tmp_path / "large")[0].artifact).load()
    monkeypatch.setattr(grid, "BLOCK_BYTES", SMALL_BLOCK)
    xr.testing.assert_identical(tk.open(run(spec, tmp_path / "small")[0].artifact).load(), large)
