"""Links, pipes and bombs in a store: a run beside them, or in their place, touches nothing else and ends."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from taylorkit import pipeline
from taylorkit.errors import IntegrityError, TaylorkitError
from taylorkit.store.verify import verify
from tests.store.making import LINE, Made, run, write_spec

DEEP = "[" * 10_000 + "]" * 10_000


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    file = tmp_path / "victim" / "old.partial"
    file.parent.mkdir()
    file.write_text("mine")
    os.utime(file, (0, 0))
    return file


@pytest.mark.parametrize("kind", ["link", "dangling", "pipe"])
def test_nothing_is_opened_in_the_place_of_the_lock(tmp_path: Path, victim: Path, kind: str) -> None:
    job = pipeline.plan(write_spec(tmp_path, LINE), store=tmp_path / "store")
    lock = job.artifact.parent / f".{job.artifact.name}.lock"
    lock.parent.mkdir()
    if kind == "pipe":
        os.mkfifo(lock)
    else:
        lock.symlink_to(victim if kind == "link" else tmp_path / "made")
    with pytest.raises(TaylorkitError, match="cannot be written"):
        pipeline.run(job)
    assert victim.read_text() == "mine"
    assert not (tmp_path / "made").exists()


def test_nothing_is_written_behind_an_artifact_that_is_a_link(tmp_path: Path, victim: Path) -> None:
    job = pipeline.plan(write_spec(tmp_path, LINE), store=tmp_path / "store")
    job.artifact.parent.mkdir()
    job.artifact.symlink_to(victim.parent)
    with pytest.raises(IntegrityError, match="is a link; nothing is written behind one: remove it"):
        pipeline.run(job)
    assert [p.name for p in victim.parent.iterdir()] == ["old.partial"]


NEIGHBOURS: dict[str, Callable[[Path], object]] = {
    "pipe": os.mkfifo,
    "zeros": lambda place: place.symlink_to("/dev/zero"),
    "deep": lambda place: place.write_text(DEEP),
    "no-object": lambda place: place.write_text("[]"),
    "no-attributes": lambda place: place.write_text('{"zarr_format": 3, "attributes": 3}'),
    "no-text": lambda place: place.write_bytes(b"\xff\xfe"),
}


@pytest.mark.parametrize("neighbour", NEIGHBOURS.values(), ids=NEIGHBOURS)
def test_a_neighbour_is_no_hindrance(tmp_path: Path, neighbour: Callable) -> None:
    """A run looks for finished ones of a higher order among them."""
    other = tmp_path / "store" / "other.zarr"
    (other / "commit").mkdir(parents=True)
    neighbour(other / "zarr.json")
    job, computed = run(write_spec(tmp_path, LINE), tmp_path / "store")
    assert computed["derivatives"] == 1
    assert verify(job.artifact) == []


@pytest.mark.parametrize("name", ["zarr.json", "evaluation/zarr.json", "commit/zarr.json", "status/zarr.json"])
def test_deep_documents_are_damage_like_any_other(copy: Made, name: str) -> None:
    (copy.artifact / name).write_text(DEEP)
    assert verify(copy.artifact)
    assert run(copy.spec, copy.store)[1] == {}
    assert verify(copy.artifact) == []


def test_what_the_system_does_not_let_one_read_is_said(copy: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    is_file = Path.is_file

    def refused(path: Path) -> bool:
        if "derivatives/c/0" in path.as_posix():
            raise OSError(5, "Input/output error", str(path))
        return is_file(path)

    monkeypatch.setattr(Path, "is_file", refused)
    found = verify(copy.artifact)
    assert found
    assert all("cannot be read" in line and "Input/output error" in line for line in found)
