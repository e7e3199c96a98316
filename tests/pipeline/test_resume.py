"""A run killed at any instant, two at once, a disk that fills: the artifact comes out the same."""

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

import taylorkit as tk
from taylorkit import grid, pipeline
from taylorkit.errors import SpecError, TaylorkitError
from taylorkit.store import records as store_records
from taylorkit.store.listing import logged
from taylorkit.store.section import SectionStore
from taylorkit.store.verify import verify
from tests.store.making import ATLAS, SMALL_BLOCK, arrays, assert_same, blocks, records, run, write_spec

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid, "BLOCK_BYTES", SMALL_BLOCK)


def started(spec: Path, store: Path, pause: float, *gate: Path) -> subprocess.Popen:
    words = ["-m", "tests.pipeline.driver", spec, store, SMALL_BLOCK, pause, *gate]
    return subprocess.Popen([sys.executable, *map(str, words)], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def until(seen: Callable[[], bool], process: subprocess.Popen) -> None:
    deadline = time.monotonic() + PATIENCE
    while not seen():
        assert process.poll() is None, "the run ended before it was killed"
        assert time.monotonic() < deadline
        time.sleep(0.005)


def committed(artifact: Path) -> dict[Path, tuple[int, bytes]]:
    """The records that are there, with their times and contents."""
    return {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in records(artifact)}


def test_killed_again_and_again(tmp_path: Path) -> None:
    """Kills while derivatives, then while evaluations are computed; what was committed is never computed again."""
    spec = write_spec(tmp_path, ATLAS)
    whole, _ = run(spec, tmp_path / "whole")
    job = pipeline.plan(spec, store=tmp_path / "killed")
    total, kept = sum(blocks(job).values()), {}
    for instant in (2, 10):
        process = started(spec, tmp_path / "killed", 0.1)
        until(lambda at=instant: sum(1 for _ in records(job.artifact)) >= at, process)
        process.send_signal(signal.SIGKILL)
        process.wait()
        after = committed(job.artifact)
        assert len(after) < total
        assert kept.items() <= after.items()
        kept = after
    assert verify(job.artifact)
    _, computed = run(spec, tmp_path / "killed")
    assert sum(computed.values()) == total - len(kept)
    assert kept.items() <= committed(job.artifact).items()
    assert verify(job.artifact) == []
    assert_same(arrays(job.artifact), arrays(whole.artifact))


def test_two_runs_at_once_make_one_artifact(tmp_path: Path) -> None:
    spec, store, gate = write_spec(tmp_path, ATLAS), tmp_path / "both", tmp_path / "gate"
    processes = [started(spec, store, 0.01, gate) for _ in range(2)]
    until(lambda: len(list(tmp_path.glob("both.*.ready"))) == 2, processes[0])
    gate.touch()
    computed = [int(p.communicate(timeout=PATIENCE)[0]) for p in processes]
    assert [p.returncode for p in processes] == [0, 0]
    whole, _ = run(spec, tmp_path / "whole")
    total = sum(blocks(whole).values())
    assert total <= sum(computed) <= 2 * total
    (artifact,) = store.glob("*.zarr")
    assert artifact.name == whole.artifact.name
    assert verify(artifact) == []
    assert_same(arrays(artifact), arrays(whole.artifact))
    assert not list(store.rglob("*.partial")) + list(store.glob(".*.staging"))


@pytest.mark.parametrize("instant", [3, 17])
def test_an_error_at_any_write_is_taken_up_from_there(
    tmp_path: Path, instant: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk after some writes, then room again."""
    spec, whole = write_spec(tmp_path, ATLAS), run(write_spec(tmp_path, ATLAS), tmp_path / "whole")[0]
    job = pipeline.plan(spec, store=tmp_path / "full")
    write, left = SectionStore._put, iter(range(instant))

    def until_full(self: SectionStore, *args: object) -> str:
        if next(left, None) is None:
            raise OSError(28, "No space left on device")
        return write(self, *args)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(SectionStore, "_put", until_full)
        with pytest.raises(TaylorkitError, match=r"block \S+ of \S+ cannot be written \(.*No space.*run again"):
            pipeline.run(job)
    before = committed(job.artifact)
    _, computed = run(spec, tmp_path / "full")
    assert sum(computed.values()) == sum(blocks(job).values()) - len(before)
    assert_same(arrays(job.artifact), arrays(whole.artifact))


@pytest.mark.parametrize(("place", "said"), [("log", "its log"), ("commit/derivatives", r"block \d\.0 of derivatives")])
def test_a_disk_that_fills_with_the_records_is_said(
    tmp_path: Path, place: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec, write = write_spec(tmp_path, ATLAS), store_records.write

    def full(folder: Path, record: dict) -> None:
        # Not the tree's own: it is built aside.
        if f".zarr/{place}/" in f"{folder}/" and ".staging" not in str(folder):
            raise OSError(28, "No space left on device")
        write(folder, record)

    monkeypatch.setattr(store_records, "write", full)
    with pytest.raises(TaylorkitError, match=f"{said} cannot be written .*No space.*mend the store and run again"):
        run(spec, tmp_path / "store")


def test_a_store_that_goes_away_is_said_and_not_begun_anew(tmp_path: Path) -> None:
    spec, store = write_spec(tmp_path, ATLAS), tmp_path / "store"
    job = pipeline.plan(spec, store=store)
    pipeline.create(job)
    away = store.rename(tmp_path / "away")
    step = job.step("derivatives")
    opened, (block, *_) = SectionStore(job.artifact, "derivatives"), step.section.blocks()
    vars(opened)["record"] = SectionStore(away / job.artifact.name, "derivatives").record
    opened._opened.update({n: SectionStore(away / job.artifact.name, "derivatives").array(n) for n in opened.arrays})
    with pytest.raises(FileNotFoundError):
        opened.write(block, job.compute(step, block))
    with pytest.raises(TaylorkitError, match="store went away: see that it is there and run the spec again"):
        pipeline.fill(job, "radii")
    assert not store.exists()
    away.rename(store)
    pipeline.fill(job, "derivatives")
    shutil.rmtree(job.artifact / "derivatives")
    with pytest.raises(TaylorkitError, match=r"block 0\.0 of radii cannot be computed .*mend the store and run again"):
        pipeline.fill(job, "radii")


def test_a_second_run_computes_nothing_and_writes_nothing(tmp_path: Path) -> None:
    spec = write_spec(tmp_path, ATLAS)
    job, computed = run(spec, tmp_path / "store")
    assert (
        computed
        == blocks(job)
        == {
            "derivatives": 4,
            "radii": 4,
            "evaluation/map/values": 6,
            "evaluation/map/summary": 1,
        }
    )
    before = {p: p.stat().st_mtime_ns for p in job.artifact.rglob("*")}
    assert run(spec, tmp_path / "store")[1] == {}
    assert {p: p.stat().st_mtime_ns for p in job.artifact.rglob("*")} == before


def test_another_evaluation_reads_the_derivatives(tmp_path: Path) -> None:
    spec, radius = write_spec(tmp_path, ATLAS), "trust.radius=1.0"
    first, _ = run(spec, tmp_path / "store", radius)
    before = committed(first.artifact)
    wider, computed = run(spec, tmp_path / "store", radius, "evaluations.map.x.num=8", "evaluations.near={x=0.0,y=0.0}")
    assert {step.split("/")[1] for step in computed} == {"map", "near"}
    assert before == committed(first.artifact)
    assert tk.open(first.artifact, "map").error.shape == (3, 6, 9)
    assert tk.open(wider.artifact, "map").error.shape == (3, 8, 9)
    assert verify(first.artifact) == verify(wider.artifact) == []
    shards = [next((a / "derivatives/c").rglob("0/0/0")).stat() for a in (first.artifact, wider.artifact)]
    assert shards[0].st_ino == shards[1].st_ino, "on disk once"


def test_other_radii_read_the_derivatives(tmp_path: Path) -> None:
    spec = write_spec(tmp_path, ATLAS)
    first, _ = run(spec, tmp_path / "store")
    other, computed = run(spec, tmp_path / "store", "trust.tolerance=1e-2")
    assert computed == {"radii": 4}
    assert verify(first.artifact) == verify(other.artifact) == []
    assert [tk.open(job.artifact).attrs["trust"]["tolerance"] for job in (first, other)] == [1e-3, 1e-2]


def test_other_words_compute_nothing_but_are_stored(tmp_path: Path) -> None:
    spec = write_spec(tmp_path, ATLAS)
    first, _ = run(spec, tmp_path / "store")
    other, computed = run(spec, tmp_path / "store", "title=A new title", "memory.budget='3 GiB'", "report.figures=[]")
    assert computed == {}
    assert [tk.open(job.artifact).attrs["title"] for job in (first, other)] == ["small", "A new title"]
    assert verify(first.artifact) == verify(other.artifact) == []


def test_the_log_counts_what_was_computed(tmp_path: Path) -> None:
    spec = write_spec(tmp_path, ATLAS)
    job, _ = run(spec, tmp_path / "store")
    (job.artifact / "status" / "c" / "1" / "0").unlink()
    run(spec, tmp_path / "store")
    run(spec, tmp_path / "store")
    first, second = logged(job.artifact)
    assert first["blocks"] == blocks(job)
    assert second["blocks"] == {"derivatives": 1}
    assert {"finished", "seconds", "host", "device", "processors"} <= first.keys()


def test_a_disk_too_small_is_said_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = pipeline.plan(write_spec(tmp_path, ATLAS), store=tmp_path / "store")
    free = SimpleNamespace(free=job.bytes - 1)
    monkeypatch.setattr("shutil.disk_usage", lambda path: free)
    with pytest.raises(
        SpecError, match=r"store .*: the run needs up to 7.242 KiB, 7.241 KiB are free; use a coarser grid"
    ):
        pipeline.run(job)
    assert not (tmp_path / "store").exists()
    free.free = job.bytes
    pipeline.run(job)
    coordinates = ("x", "y", "term", "variable", "degree", "exponent")
    computed = [a for name, a in arrays(job.artifact).items() if name.split("/")[-1] not in coordinates]
    assert job.bytes == sum(a.nbytes for a in computed)
