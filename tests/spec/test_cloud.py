"""Clouds: always the same points, spread as they were asked to be, about the centre that an evaluation has."""

from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtri

from taylorkit import pipeline
from taylorkit.fingerprint import of_points
from taylorkit.grid import Grid
from taylorkit.spec import TaylorSpec, load
from taylorkit.spec.cloud import offsets
from taylorkit.spec.points import evaluation_grid, expansion_grid
from tests.store.making import ATLAS, write_spec

# The first points of Sobol's sequence after 0 in three variables, as every table of it has them.
SOBOL = np.array([[0.5, 0.5, 0.5], [0.75, 0.25, 0.25], [0.25, 0.75, 0.75], [0.375, 0.375, 0.625]])
CLOUD = "evaluations.map={center={x=-1.0,y=1.0},cloud={num=64,spread={y=0.1}}}"


def cloud(folder: Path, *overrides: str) -> Grid:
    spec = load(write_spec(folder, ATLAS), overrides)
    assert isinstance(spec, TaylorSpec)
    return evaluation_grid(spec, "map", expansion_grid(spec, folder), folder)[0]


def test_the_points_are_those_of_the_tables() -> None:
    np.testing.assert_array_equal(offsets(4, np.array([1.0, 2.0, 4.0])), ndtri(SOBOL) * [1, 2, 4])


def test_they_are_spread_as_was_asked() -> None:
    spread = np.array([1e-3, 0.0, 2.0, 5.0])
    found = offsets(4095, spread)
    assert np.isfinite(found).all() and not found[:, 1].any()
    np.testing.assert_allclose(found.std(axis=0), spread, rtol=1e-2)
    assert (
        np.abs(found.mean(axis=0)).max() < 1e-2 and np.abs(np.corrcoef(found[:, [0, 2, 3]].T) - np.eye(3)).max() < 0.02
    )
    np.testing.assert_array_equal(found[:100], offsets(100, spread))


def test_what_is_not_listed_stays_at_the_centre(tmp_path: Path) -> None:
    points = cloud(tmp_path, CLOUD)
    assert points.dims == ("point",) and points.shape == (64,)
    np.testing.assert_array_equal(points.columns[0], -1.0)
    np.testing.assert_array_equal(points.columns[1], 1.0 + offsets(64, np.array([0.1]))[:, 0])


def test_points_decide_the_fingerprint(tmp_path: Path) -> None:
    marks = [of_points(cloud(tmp_path, CLOUD, *more))["values"] for more in ((), (), ("evaluations.map.cloud.num=65",))]
    assert marks[0] == marks[1] != marks[2]


def test_an_atlas_has_clouds_too(tmp_path: Path) -> None:
    assert cloud(tmp_path, CLOUD, "evaluations.map.source=atlas").size == 64


def test_a_run_stores_them(tmp_path: Path) -> None:
    import taylorkit as tk

    job = pipeline.plan(write_spec(tmp_path, ATLAS), [CLOUD, "trust.samples=0"], tmp_path / "store")
    pipeline.run(job)
    found = tk.open(job.artifact, "map")
    assert found.error.dims == ("degree", "point") and float(found.max_error[2]) < float(found.max_error[1])
    assert float(abs(found.y - 1).max()) == pytest.approx(0.1 * -ndtri(1 / 64), rel=1e-6)
