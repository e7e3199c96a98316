"""What may pass is tried again, what may not is tried once: through Prefect, as tasks do it."""

import errno
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import UnidentifiedImageError

from tasks import compute_blocks, draw_page, finish, prepare, publish, verify_artifact, write_index
from tasks.common import Request
from tasks.retries import may_pass
from taylorkit import pages
from taylorkit.errors import FunctionError, IntegrityError, SpecError, TaylorkitError
from taylorkit.store import records
from taylorkit.store.section import SectionStore
from taylorkit.store.verify import verify
from tests.store.making import LINE, flip, run, write_spec

pytestmark = [
    pytest.mark.usefixtures("prefect_home"),
    # These tasks are in no flow, to whose log their lines would go.
    pytest.mark.filterwarnings("ignore:Logger 'prefect.task_runs' attempted to send logs"),
]
SOON = {"retry_delay_seconds": 0, "retry_jitter_factor": 0}


@pytest.fixture
def request_(tmp_path: Path) -> Request:
    return {"spec": str(write_spec(tmp_path, LINE)), "overrides": [], "store": str(tmp_path / "store")}


def failing(monkeypatch: pytest.MonkeyPatch, owner: object, name: str, errors: list[BaseException]) -> list[int]:
    """Have a function raise each of `errors` before it works; how often it was called, as a list of ones."""
    works, calls = getattr(owner, name), []

    def call(*arguments: object) -> object:
        calls.append(1)
        if errors:
            raise errors.pop(0)
        return works(*arguments)

    monkeypatch.setattr(owner, name, call)
    return calls


def test_a_store_that_fails_twice_and_then_works(request_: Request, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared = prepare(request_)
    step, blocks = prepared["shares"][0]
    slow = [TimeoutError(errno.ETIMEDOUT, "timed out"), OSError(errno.EIO, "input/output error")]
    calls = failing(monkeypatch, SectionStore, "commit", slow)
    done = compute_blocks.with_options(**SOON)(request_, prepared["artifact"], step, blocks)
    assert (done["computed"], len(calls)) == (1, 3)


def test_a_store_that_stays_broken_is_given_up(request_: Request, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = failing(monkeypatch, records, "sync", [OSError(errno.EIO, "input/output error") for _ in range(99)])
    with pytest.raises(TaylorkitError, match="cannot be written"):
        prepare.with_options(**SOON)(request_)
    assert len(calls) == 1 + prepare.retries


@pytest.mark.parametrize(
    ("override", "kind"), [("order=-1", SpecError), ("function=no_such_function", (SpecError, FunctionError))]
)
def test_what_is_wrong_is_tried_once(
    override: str, kind: type, request_: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = failing(monkeypatch, sys.modules["tasks.prepare"], "planned", [])
    with pytest.raises(kind):
        prepare({**request_, "overrides": [override]})
    assert len(tried) == 1
    assert not Path(request_["store"]).exists()


def test_damage_is_tried_once(request_: Request, monkeypatch: pytest.MonkeyPatch) -> None:
    job, _ = run(Path(request_["spec"]), Path(request_["store"]))
    shard = job.artifact / "derivatives" / "c" / "0" / "0"
    flip(shard, shard.stat().st_size // 2)
    assert verify(job.artifact)
    tried = failing(monkeypatch, pages, "report", [])
    with pytest.raises(IntegrityError, match="derivatives"):
        draw_page(str(job.artifact))
    assert len(tried) == 1


def raised(error: BaseException, cause: BaseException) -> BaseException:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (OSError(errno.EIO, "input/output error"), True),
        (OSError(errno.ENOSPC, "no space left"), True),
        (TimeoutError(), True),
        (ConnectionResetError(), True),
        (raised(TaylorkitError("cannot be written"), OSError(errno.ESTALE, "stale handle")), True),
        (raised(IntegrityError("cannot be read"), OSError(errno.EIO, "input/output error")), True),
        (IntegrityError("holds values that are not those that were written"), False),
        (raised(IntegrityError("cannot be decoded"), ValueError("crc32c")), False),
        (raised(TaylorkitError("cannot be written"), PermissionError(errno.EACCES, "permission denied")), False),
        (FileNotFoundError(errno.ENOENT, "no such file"), False),
        (OSError(errno.EHOSTUNREACH, "no route to host"), True),
        (OSError(errno.ELOOP, "too many links"), False),
        (UnidentifiedImageError("cannot identify image file"), False),
        (SpecError("order = -1"), False),
        (raised(SpecError("spec cannot be read"), OSError(errno.EIO, "input/output error")), False),
        (FunctionError("no rule"), False),
        (ZeroDivisionError(), False),
        (None, False),
    ],
    ids=repr,
)
def test_what_may_pass(error: BaseException | None, passes: bool) -> None:
    assert may_pass(error) is passes


@pytest.mark.parametrize("task", [prepare, compute_blocks, finish, draw_page, write_index, publish, verify_artifact])
def test_every_task_backs_off(task: Callable) -> None:
    delays = task.retry_delay_seconds
    assert len(delays) == task.retries > 2
    assert all(later == 2 * sooner for sooner, later in pairwise(delays))
    assert task.retry_jitter_factor > 0
