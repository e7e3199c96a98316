"""What befalls a run between two of its steps, or after its last block."""

import errno
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import taylorkit as tk
from tasks.retries import may_pass
from taylorkit import grid, pipeline
from taylorkit.errors import IntegrityError
from taylorkit.pipeline import exported
from taylorkit.pipeline.exported import stored_function
from taylorkit.store.lock import locked
from taylorkit.store.verify import verify
from tests.store.making import ATLAS, SMALL_BLOCK, arrays, assert_same, made, run, write_spec

JACOBIANS = 'kind = "timing"\nsuite = "jacobians"\nshapes = [[3, 2], [2, 3]]\nrepetitions = 1\n'


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pipeline.Job:
    """Planned and created; nothing is computed."""
    monkeypatch.setattr(grid, "BLOCK_BYTES", SMALL_BLOCK)
    planned = pipeline.plan(write_spec(tmp_path, ATLAS), store=tmp_path / "store")
    pipeline.create(planned)
    return planned


@pytest.mark.parametrize(
    ("before", "array", "step"),
    [
        ("derivatives", "derivatives", "radii"),
        ("derivatives", "derivatives", "evaluation/map/values"),
        ("evaluation/map/values", "evaluation/map/error", "evaluation/map/summary"),
    ],
)
@pytest.mark.parametrize("damage", ["lost", "swapped"])
def test_a_step_takes_only_what_was_committed(
    job: pipeline.Job, before: str, array: str, step: str, damage: str
) -> None:
    """A lost shard reads as NaN, and one in the place of another has its own checksums."""
    for earlier in job.steps[: [s.name for s in job.steps].index(step)]:
        pipeline.fill(job, earlier.name)
    one, other = sorted(p for p in (job.artifact / array / "c").rglob("*") if p.is_file())[:2]
    if damage == "swapped":
        shutil.copyfile(other, one)
    else:
        one.unlink()
    with pytest.raises(IntegrityError, match=rf"block \S+ of {step} cannot be computed .*run again"):
        pipeline.fill(job, step)
    assert pipeline.fill(job, before).computed == 1
    pipeline.fill(job, step)


def test_a_run_that_was_killed_after_its_last_block_is_logged_by_the_next(job: pipeline.Job, tmp_path: Path) -> None:
    for step in job.steps:
        pipeline.fill(job, step.name)
    assert not any((job.artifact / "log").glob("*T*"))
    assert run(tmp_path / "small.toml", tmp_path / "store")[1] == {}
    assert len(list((job.artifact / "log").glob("*T*"))) == 1
    assert stored_function(job.artifact)([[0.5, 0.25]]).shape == (1,)
    assert run(tmp_path / "small.toml", tmp_path / "store")[1] == {}
    assert len(list((job.artifact / "log").glob("*T*"))) == 1


def test_a_damaged_function_is_kept_anew(job: pipeline.Job, tmp_path: Path) -> None:
    pipeline.run(job)
    (job.artifact / "log/function/zarr.json").write_text("{")
    run(tmp_path / "small.toml", tmp_path / "store")
    assert stored_function(job.artifact)([[0.5, 0.25]]).shape == (1,)


def test_a_function_too_large_to_read_again_is_not_kept(
    job: pipeline.Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exported, "LARGEST_DOCUMENT", 1000)
    pipeline.run(job)
    with pytest.raises(IntegrityError, match=r"holds no program of its function .*at most"):
        stored_function(job.artifact)
    assert verify(job.artifact) == []


def test_measured_numbers_are_checked_too(tmp_path: Path) -> None:
    """Their chunks are of one size, and each has its own checksum: only the block's record knows which is whose."""
    timed = made(tmp_path, JACOBIANS)
    one, other = (timed.artifact / name / "c" / "0" for name in ("inputs", "outputs"))
    assert tk.open(timed.artifact).inputs.values.tolist() == [3, 2]
    shutil.move(one, tmp_path / "kept")
    shutil.move(other, one)
    shutil.move(tmp_path / "kept", other)
    assert len(verify(timed.artifact)) == 1
    with pytest.raises(IntegrityError, match="are not those that were written"):
        tk.open(timed.artifact).load()


def test_who_measures_second_waits_and_finds_what_the_first_did(tmp_path: Path) -> None:
    spec, store = write_spec(tmp_path, JACOBIANS), tmp_path / "store"
    first, second = (pipeline.plan(spec, store=store) for _ in range(2))
    pipeline.create(first)
    step = first.step("table")
    with ThreadPoolExecutor(1) as pool:
        with locked(first.artifact):
            waiting = pool.submit(pipeline.fill, second, "table")
            with pytest.raises(TimeoutError):
                waiting.result(0.5)
            (block,) = step.section.blocks()
            opened = first.store(step)
            opened.commit(opened.write(block, first.compute(step, block)))
            before = arrays(first.artifact)
        assert waiting.result().computed == 0
    assert_same(arrays(first.artifact), before)


def test_what_the_system_says_may_pass_stays_in_the_chain(job: pipeline.Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks try that again, and nothing else."""
    pipeline.fill(job, "derivatives")
    is_file = Path.is_file

    def refused(path: Path) -> bool:
        if "derivatives/c/0" in path.as_posix():
            raise OSError(errno.EIO, "Input/output error", str(path))
        return is_file(path)

    monkeypatch.setattr(Path, "is_file", refused)
    with pytest.raises(IntegrityError, match="cannot be computed") as told:
        pipeline.fill(job, "radii")
    assert may_pass(told.value)
    monkeypatch.undo()
    (job.artifact / "derivatives/c/0/0/0").unlink()
    with pytest.raises(IntegrityError, match="has lost its values") as told:
        pipeline.fill(job, "radii")
    assert not may_pass(told.value)


def test_a_lower_order_takes_only_what_was_committed(job: pipeline.Job, tmp_path: Path) -> None:
    """Blocks of two orders are cut otherwise: one is looked at again for the second that reads of it."""
    high, _ = run(tmp_path / "small.toml", tmp_path / "higher", "order=4")
    low = pipeline.plan(tmp_path / "small.toml", store=tmp_path / "higher")
    assert "read from" in low.steps[0].title
    pipeline.create(low)
    first, *others = range(sum(1 for _ in low.steps[0].section.blocks()))
    pipeline.fill(low, "derivatives", [first])
    for shard in (p for p in (high.artifact / "derivatives/c").rglob("*") if p.is_file()):
        shard.unlink()
    with pytest.raises(IntegrityError, match="has lost its values"):
        pipeline.fill(low, "derivatives", others)
