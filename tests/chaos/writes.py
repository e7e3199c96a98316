"""Each call that writes fails in turn: an I/O error once, and a disk that is full from there on."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from taylorkit import pipeline
from taylorkit.errors import TaylorkitError
from taylorkit.pipeline import Job
from tests.chaos import subjects
from tests.chaos.checks import assert_honest, assert_resumes
from tests.chaos.failing import Disk, failing
from tests.chaos.outcome import Outcome, tried
from tests.chaos.process import one_line
from tests.store.making import Made

# So many trials or fewer are spread over the run.
FEW = 20


def writes(folder: Path, count: int, seed: int) -> Iterator[Outcome]:
    """Every case in turn: `count` of them, from number `seed`; spread over the run if there are to be few."""
    whole = subjects.tiny(folder)
    cases = [(at, full) for at in range(len(_calls(whole, folder / "counted"))) for full in (False, True)]
    chosen = cases[seed : seed + count] if count > FEW else cases[seed :: len(cases) // count | 1][:count]
    for at, full in chosen:
        yield tried(f"write {at}, {'ENOSPC' if full else 'EIO'}", lambda a=at, f=full: _failed(whole, folder, a, f))


def _calls(whole: Made, store: Path) -> list[str]:
    with failing(Disk(store)) as disk:
        pipeline.run(pipeline.plan(whole.spec, store=store))
    return disk.calls


def _failed(whole: Made, folder: Path, at: int, full: bool) -> str:
    store = folder / "failing"
    copy = Made(whole.spec, store, store / whole.artifact.name, whole.arrays)
    job = pipeline.plan(whole.spec, store=store)
    try:
        with failing(Disk(store, at, full)) as disk:
            said = _refusal(job, disk)
        if not said:
            return "no call of that number"
        one_line(said.splitlines(), "", store)
        assert not [*store.rglob("*.partial"), *store.glob(".*.staging")], "something half-written is left"
        if copy.artifact.exists():
            assert_honest(copy.artifact, whole.arrays)
        assert_resumes(copy, whole)
    finally:
        shutil.rmtree(store, ignore_errors=True)
    return f"{'ENOSPC' if full else 'EIO'} at {disk.calls[at]}"


def _refusal(job: Job, disk: Disk) -> str:
    """What a run says; "" where it came through with fewer calls than the one that was to fail: threads race for
    the folders that they make."""
    try:
        pipeline.run(job)
    except TaylorkitError as error:
        return str(error)
    if not disk.failed:
        return ""
    raise AssertionError("the run went on as if nothing had happened")
