"""Running a job: the same for every kind of spec.

Make the tree (or repair it), then fill each section in turn: blocks that are committed and still hold what was
written are kept, the others computed. Nothing else decides what is done, so a run can be killed at any instant and
run again.
"""

import os
import platform
import shutil
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from taylorkit import __version__, cache
from taylorkit.errors import IntegrityError, SpecError, TaylorkitError
from taylorkit.grid import Block
from taylorkit.pipeline import exported, overlap, siblings
from taylorkit.pipeline.job import Job
from taylorkit.store import records
from taylorkit.store.create import install
from taylorkit.store.lock import locked
from taylorkit.store.section import Written
from taylorkit.store.tree import require_readable
from taylorkit.store.work import at_work

Progress = Callable[[str, int, int], None]
UNITS = ("bytes", "KiB", "MiB", "GiB")


@dataclass(frozen=True)
class Filled:
    """What filling a section did: how many of its blocks were computed, how many kept, how long it took.

    Of those kept, so many were `read` from other artifacts of the store.
    """

    step: str
    computed: int
    kept: int
    seconds: float
    read: int = 0


def silent(title: str, done: int, total: int) -> None:
    """Progress for nobody."""


def require_room(job: Job) -> None:
    """Raise SpecError where the disk cannot hold the artifact."""
    try:
        existing = next(p for p in (job.artifact.absolute(), *job.artifact.absolute().parents) if p.exists())
        free = shutil.disk_usage(existing).free
    except OSError as error:
        raise TaylorkitError(f"store {job.artifact.parent}: cannot be read ({error}); mend it") from error
    if not job.artifact.exists() and job.bytes > free:
        raise SpecError(
            f"store {job.artifact.parent}: the run needs up to {_size(job.bytes)}, {_size(free)} "
            "are free; use a coarser grid, a lower order, or --store on another disk"
        )


def create(job: Job) -> None:
    """Make the artifact's tree, or repair it. Raises SpecError where the disk cannot hold it, IntegrityError where
    what is there holds links: through them files elsewhere would be written."""
    require_room(job)
    if job.artifact.is_symlink():
        raise IntegrityError(f"{job.artifact}: is a link; nothing is written behind one: remove it")
    if job.artifact.exists():
        require_readable(job.artifact)
    # One of format 1 is used as it is: it was found whole when the run was planned.
    if job.plan:
        install(job.artifact, job.groups, job.plan)


def _size(number: int) -> str:
    """Bytes in the largest unit of which there is one."""
    unit = min((max(number, 1).bit_length() - 1) // 10, len(UNITS) - 1)
    return f"{number / 2 ** (10 * unit):.4g} {UNITS[unit]}"


def missing(job: Job, name: str) -> list[int]:
    """The positions, among the blocks of a section, of those that must be computed."""
    store = job.store(job.step(name))
    blocks = list(store.blocks())
    wrong = {block.index for block in overlap.lacking(blocks, store.problem, job.in_flight)}
    return [i for i, block in enumerate(blocks) if block.index in wrong]


def fill(job: Job, name: str, wanted: Sequence[int] | None = None, progress: Progress = silent) -> Filled:
    """Compute the blocks of a section that are missing (of `wanted` positions alone, if given).

    Raises TaylorkitError where the store cannot be written.
    """
    with _alone(job, name), at_work(job.artifact), cache.keep_compiled():
        return _fill(job, name, wanted, progress)


@contextmanager
def _alone(job: Job, name: str) -> Iterator[None]:
    """Where numbers are measured, two runs at once would disturb each other and leave some of each: the second waits,
    and finds them there."""
    with ExitStack() as held:
        if job.step(name).section.measured:
            with _written(job, name):
                held.enter_context(locked(job.artifact))
        yield


def _fill(job: Job, name: str, wanted: Sequence[int] | None, progress: Progress) -> Filled:
    started, step = time.perf_counter(), job.step(name)
    # The blocks that the artifact was made with, and how they are stored: its own records and metadata decide.
    store = job.store(step)
    blocks = list(store.blocks())
    positions = range(len(blocks)) if wanted is None else wanted
    wanting = overlap.lacking([blocks[i] for i in positions], store.problem, job.in_flight)
    with _written(job, name):
        todo = overlap.lacking(wanting, siblings.lacking(job, step, store), job.in_flight) if wanting else []

    def compute(block: Block) -> overlap.Values:
        with _read(job, _called(block, name)):
            return job.compute(step, block)

    def write(block: Block, values: overlap.Values) -> Written:
        with _written(job, _called(block, name)):
            return store.write(block, values)

    def commit(written: Written) -> None:
        with _written(job, _called(written.block, name)):
            store.commit(written)

    overlap.fill(todo, compute, write, commit, job.in_flight, lambda done: progress(step.title, done, len(todo)))
    if todo:
        progress(step.title, len(todo), len(todo))
    kept, read = len(positions) - len(todo), len(wanting) - len(todo)
    return Filled(name, len(todo), kept, time.perf_counter() - started, read)


def _called(block: Block, step: str) -> str:
    return f"block {block.name or 'whole'} of {step}"


@contextmanager
def _read(job: Job, what: str) -> Iterator[None]:
    """What the store says where a step cannot read those before it, with what was computed and what to do."""
    try:
        yield
    except IntegrityError as error:
        raise IntegrityError(
            f"{job.artifact}: {what} cannot be computed ({error}); mend the store and run again: committed blocks "
            "are kept"
        ) from error


@contextmanager
def _written(job: Job, what: str) -> Iterator[None]:
    """What the store says where it cannot be written is raised as TaylorkitError, with what was and what to do."""
    try:
        yield
    except OSError as error:
        raise TaylorkitError(
            f"{job.artifact}: {what} cannot be written ({error}); mend the store and run "
            "again: committed blocks are kept"
        ) from error


def run(job: Job, progress: Progress = silent) -> list[Filled]:
    """All of a job: the tree, then every section. Returns what was done, step by step.

    Blocks that are committed and hold what was written are kept. Raises SpecError where the disk cannot hold the
    artifact, TaylorkitError where the store cannot be written.

    >>> import tempfile
    >>> from taylorkit import pipeline
    >>> with tempfile.TemporaryDirectory() as store:
    ...     job = pipeline.plan("data/specs/mml-5-15.toml", store=store)
    ...     [sum(filled.computed for filled in pipeline.run(job)) for _ in range(2)]
    [8, 0]
    """
    create(job)
    filled = [fill(job, step.name, progress=progress) for step in job.steps]
    log(job, filled)
    return filled


def log(job: Job, filled: Sequence[Filled]) -> None:
    """Note when and where blocks were computed, and keep f itself, outside of every digest.

    Nothing if none were, and a run before has done so: one that was killed after its last block has not.
    """
    computed = {f.step: f.computed for f in filled if f.computed}
    folder = job.artifact / "log"
    if not computed and any(folder.glob(f"*T*/{records.FILE}")) and _is_kept(job):
        return
    now = datetime.now(UTC)
    entry = {
        "finished": now.isoformat(timespec="seconds"),
        "taylorkit": __version__,
        "seconds": {f.step: round(f.seconds, 3) for f in filled if f.computed},
        "blocks": computed,
        "host": platform.node(),
        "processors": os.cpu_count(),
        "device": _device(job),
    }
    with _written(job, "its log"):
        folder.mkdir(exist_ok=True)
        if job.traced is not None:
            exported.keep(job.traced, job.artifact)
        records.write(folder / f"{now:%Y%m%dT%H%M%S.%f}-{uuid.uuid4().hex[:8]}", entry)


def _is_kept(job: Job) -> bool:
    return job.traced is None or exported.is_kept(job.artifact)


def _device(job: Job) -> str:
    import jax

    platform_name = job.groups[0].attributes.get("platform", "cpu")
    return jax.devices(platform_name)[0].device_kind
