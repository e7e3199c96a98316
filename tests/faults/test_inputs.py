"""Points are counted in the memory budget, and refused before they are read where they do not fit."""

from pathlib import Path

import numpy as np
import pytest
from numpy.lib.format import open_memmap

from taylorkit import pipeline
from taylorkit.errors import SpecError
from taylorkit.nearest import Centers
from taylorkit.spec import point_files
from tests.faults.inputs import MOST, measured
from tests.store.making import ATLAS, write_spec


def many_npy(path: Path) -> None:
    open_memmap(path, "w+", np.float64, (20_000_000, 2)).flush()  # sparse: it takes no room


def many_integers(path: Path) -> None:
    open_memmap(path, "w+", np.int8, (20_000_000, 2)).flush()  # 38 MiB as they lie there


def many_lines(path: Path) -> None:
    path.write_bytes(b"1,2\n" * 6_000_000)


MANY = {"wide.npy": many_npy, "integers.npy": many_integers, "lines.csv": many_lines}


@pytest.mark.parametrize("name", MANY)
@pytest.mark.parametrize("field", ["grid", "evaluations.map"])
def test_fault_S8_what_does_not_fit_is_refused_before_it_is_read(
    tmp_path: Path, name: str, field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    MANY[name](tmp_path / name)
    monkeypatch.setattr(point_files, "rows", lambda path, names: pytest.fail("was read"))
    changes = [f"{field}={{points='{name}'}}", "memory.budget='256 MiB'"]
    with pytest.raises(
        SpecError, match=rf"{field}\.points = '{name}': the points alone need \d+ MiB, over memory.budget"
    ):
        pipeline.plan(write_spec(tmp_path, ATLAS), changes, tmp_path / "store")
    assert not (tmp_path / "store").exists()


def test_fault_S8_points_and_blocks_together_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "some.npy", np.random.default_rng(0).random((200_000, 2)))
    changes = ["grid={points='some.npy'}", "evaluations={}", "memory.budget='20 MiB'"]
    with pytest.raises(
        SpecError, match=r"one block needs [\d.]+ MiB, the points 9\.155 MiB; raise the budget, or lower"
    ):
        pipeline.plan(write_spec(tmp_path, ATLAS), changes, tmp_path / "store")


def test_fault_S8_a_run_stays_near_its_budget() -> None:
    peak, said = measured(300_000, 256, atlas=True)
    assert said == "done"
    assert peak <= MOST * 256


@pytest.mark.parametrize("dtype", ["<f8", ">f8", "<f4", "i8", "u1", "?"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_fault_S8_what_is_read_in_pieces_is_what_is_there(
    tmp_path: Path, dtype: str, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(point_files, "PIECE", 100)
    rows = np.asarray(np.arange(74).reshape(37, 2) % 2 if dtype == "?" else np.arange(74).reshape(37, 2), dtype, order)
    np.save(tmp_path / "p.npy", rows)
    found = point_files.rows(tmp_path / "p.npy", ("x", "y"))
    assert found.dtype == np.float64 and point_files.count(tmp_path / "p.npy") == 37
    np.testing.assert_array_equal(found, rows.astype(np.float64))
    data = (tmp_path / "p.npy").read_bytes()
    (tmp_path / "cut.npy").write_bytes(data[:-9])
    with pytest.raises(ValueError, match=r"buffer|reshape|read|cast"):
        point_files.rows(tmp_path / "cut.npy", ("x", "y"))


@pytest.mark.parametrize("shuffled", [False, True])
def test_fault_S8_scattered_centers_are_told_from_a_grid_by_little(shuffled: bool) -> None:
    random = np.random.default_rng(1)
    grid = np.stack(np.meshgrid(np.arange(7.0), np.arange(5.0), indexing="ij"), axis=-1).reshape(-1, 2)
    rows = random.permutation(grid) if shuffled else grid
    asked = random.random((50, 2)) * 5
    for centers in (rows, rows[:-1], np.concatenate([rows, rows[:1]]), random.random((35, 2))):
        distances = np.linalg.norm(asked[:, None] - centers, axis=-1)
        found = Centers(centers).nearest(asked)
        np.testing.assert_allclose(distances[np.arange(50), found], distances.min(axis=1), rtol=1e-12)
