"""TOML in, a validated spec out: overrides, the three ways to write an axis, point files, the project's own specs."""

from pathlib import Path

import numpy as np
import pytest

from taylorkit import pipeline
from taylorkit.spec import TaylorSpec, load
from taylorkit.spec.fields import KINDS
from taylorkit.spec.names import RESERVED
from taylorkit.spec.point_sets import axis_values
from taylorkit.spec.points import evaluation_grid, expansion_grid
from tests.store.making import ATLAS, LINE, write_spec

SPECS = sorted((Path(__file__).parents[2] / "data" / "specs").glob("*.toml"))


def loaded(folder: Path, *overrides: str, text: str = ATLAS) -> TaylorSpec:
    spec = load(write_spec(folder, text), overrides)
    assert isinstance(spec, TaylorSpec)
    return spec


@pytest.mark.parametrize(
    ("override", "path", "value"),
    [
        ("order=3", ("order",), 3),
        (" order = 3 ", ("order",), 3),
        ("trust.tolerance=1e-6", ("trust", "tolerance"), 1e-6),
        ("trust.radius=2", ("trust", "radius"), 2.0),
        ("dtype='float32'", ("dtype",), "float32"),
        ("dtype=float32", ("dtype",), "float32"),
        ("title=Two words, and = too", ("title",), "Two words, and = too"),
        ("memory.budget='2 GiB'", ("memory", "budget"), 2 * 2**30),
        ("memory.budget=2147483648", ("memory", "budget"), 2**31),
        ("variables=['a','b']", None, None),
    ],
)
def test_override(tmp_path: Path, override: str, path: tuple[str, ...] | None, value: object) -> None:
    if path is None:
        tables = ("grid={a=0.0,b=1.0}", "evaluations={}")
        assert loaded(tmp_path, override, *tables).variables == ["a", "b"]
        return
    found: object = loaded(tmp_path, override)
    for part in path:
        found = getattr(found, part)
    assert found == value


def test_override_of_tables_and_axes(tmp_path: Path) -> None:
    spec = loaded(tmp_path, "grid.x={start=0, stop=9, num=4}", "grid.y.num=2", "evaluations.more={x=1.0,y=[2.0,3.0]}")
    np.testing.assert_array_equal(axis_values(spec.grid.axes["x"]), [0, 3, 6, 9])
    np.testing.assert_array_equal(axis_values(spec.grid.axes["y"]), [-1, 1])
    assert sorted(spec.evaluations) == ["map", "more"]


def test_the_last_override_wins(tmp_path: Path) -> None:
    assert loaded(tmp_path, "order=3", "order=1").order == 1


def test_three_ways_to_write_an_axis(tmp_path: Path) -> None:
    spec = loaded(tmp_path, "grid={x=[3.0, 1.0], y={start=1, stop=100, num=3, spacing='log'}}", "evaluations={}")
    grid = expansion_grid(spec, tmp_path)
    np.testing.assert_array_equal(grid.axes[0], [3.0, 1.0])
    np.testing.assert_allclose(grid.axes[1], [1.0, 10.0, 100.0], rtol=1e-15)
    assert axis_values(loaded(tmp_path, "grid={x=2.5,y=0}").grid.axes["x"]).tolist() == [2.5]


@pytest.mark.parametrize("suffix", ["npy", "csv"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64])
def test_point_files_beside_the_spec(tmp_path: Path, suffix: str, dtype: type) -> None:
    rows = np.array([[1, 2], [3, 4], [-5, 6]], dtype)
    (tmp_path / "points").mkdir()
    place = tmp_path / "points" / f"three.{suffix}"
    np.save(place, rows) if suffix == "npy" else np.savetxt(place, rows, delimiter=",")
    spec = loaded(tmp_path, f"grid={{points='points/three.{suffix}'}}")
    grid = expansion_grid(spec, tmp_path)
    np.testing.assert_array_equal(grid.rows(), rows)
    assert (grid.dims, grid.rows().dtype) == (("point",), np.float64)


def test_evaluation_axes_that_are_not_listed_stay_at_the_centre(tmp_path: Path) -> None:
    spec = loaded(tmp_path, "grid={x=[0.5,1.5],y=2.0}", "evaluations.map={x=[0.0,1.0],center={x=1.5,y=2.0}}")
    grid = expansion_grid(spec, tmp_path)
    points, center = evaluation_grid(spec, "map", grid, tmp_path)
    assert (center, points.dims) == (1, ("x",))
    np.testing.assert_array_equal(points.rows(), [[0.0, 2.0], [1.0, 2.0]])


@pytest.mark.parametrize(
    ("evaluation", "center"),
    [
        ("{x=0.0,y=0.0}", None),
        ("{x=0.0,y=0.0,source='atlas'}", None),
        ("{x=0.0,center={x=-1.0,y=1.0}}", 5),
        ("{x=0.0,source='atlas',center={x=9.0,y=9.0}}", None),
    ],
)
def test_which_centre_an_evaluation_has(tmp_path: Path, evaluation: str, center: int | None) -> None:
    spec = loaded(tmp_path, f"evaluations.map={evaluation}")
    assert evaluation_grid(spec, "map", expansion_grid(spec, tmp_path), tmp_path)[1] == center


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_centre_is_found_however_its_decimals_round(tmp_path: Path, dtype: str) -> None:
    """0.1 is another number in single precision, and linspace rounds once more."""
    axis = "grid.x={start=0.0, stop=1.0, num=11}"
    spec = loaded(tmp_path, axis, f"dtype={dtype}", "evaluations.near.center={x=0.3}", text=LINE)
    grid = expansion_grid(spec, tmp_path)
    points, center = evaluation_grid(spec, "near", grid, tmp_path)
    assert center == 3
    assert points.rows().dtype == np.dtype(dtype)


def test_the_file_names_the_run(tmp_path: Path) -> None:
    assert load(write_spec(tmp_path, LINE, "My_Run")).name == "my-run"
    assert load(write_spec(tmp_path, LINE), ["name=other"]).name == "other"


def test_reserved_names_are_those_of_the_artifact() -> None:
    assert {"term", "degree", "point", "variable", "output", "status"} <= RESERVED


@pytest.mark.parametrize("spec", SPECS, ids=lambda p: p.stem)
def test_every_spec_of_the_project_plans(spec: Path, tmp_path: Path) -> None:
    job = pipeline.plan(spec, store=tmp_path / "store")
    assert job.spec.title
    assert job.spec.description
    assert job.artifact.name.startswith(f"{spec.stem}-")
    assert not (tmp_path / "store").exists()


def test_the_specs_are_of_all_kinds() -> None:
    assert {load(spec).kind for spec in SPECS} == set(KINDS)
