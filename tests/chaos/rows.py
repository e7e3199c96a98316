"""What is done, how often, and what held if there is no fault: the table."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.damage import bits, files
from tests.chaos.disks import full, readonly, vanished
from tests.chaos.elsewhere import elsewhere
from tests.chaos.kills import kills
from tests.chaos.outcome import Outcome
from tests.chaos.prefect_kill import prefect
from tests.chaos.reads import reads
from tests.chaos.together import together
from tests.chaos.writes import writes
from tests.fuzz.feeding import feed_artifacts, feed_specs, outcomes
from tests.fuzz.survey import Survey


def _fed(feed: Callable[..., Survey]) -> Callable[[Path, int, int], Iterator[Outcome]]:
    return lambda folder, count, seed: outcomes(feed(folder, count, seed))


# More than there are cases: those that are listed are all done.
ALL = 10_000


@dataclass(frozen=True)
class Row:
    """`trials(folder, count, seed)`: random ones are drawn by `seed`; of those that are listed it is the first."""

    done: str
    held: str
    trials: Callable[[Path, int, int], Iterator[Outcome]]
    quick: int
    full: int


ROWS = {
    "kill": Row(
        "kill -9 at a random instant of a random step, after a block was committed; then it is run again; one in ten "
        "while figures are drawn",
        "what can be read is true; no block that had a record is computed again, all others are; all arrays, and all "
        "bytes outside of the log, are those of an uninterrupted run; the log has an entry and f; the page and its "
        "figures are those of the artifact; in full each step was hit",
        kills,
        1,
        200,
    ),
    "bits": Row(
        "one random bit flipped: in turn of a data file, a metadata file, a record",
        "`verify` finds and names it and names nothing else; `tk.open` refuses or gives true numbers; the next run "
        "computes exactly the block that was hit, none for metadata; all bytes are as before",
        bits,
        3,
        500,
    ),
    "files": Row(
        "every file of a store in turn, and of one with a timing, deleted, cut in half, emptied, swapped with another "
        "of its kind",
        "the same; of numbers that are measured all but the values",
        files,
        4,
        ALL,
    ),
    "writes": Row(
        "every call that writes in turn (open, write, fsync, mkdir, replace, rename) fails: EIO once, "
        "ENOSPC from there on",
        "one line names the store and what to do; what can be read is true; nothing half-written is left; run again it "
        "computes what has no record, and all bytes are those of an undisturbed run",
        writes,
        4,
        ALL,
    ),
    "reads": Row(
        "every call that reads (open, stat) in turn fails with EIO once: of `verify`, `tk.open`, `run`",
        "a problem that is named, or one line, no traceback; what is read is true; a run refuses, or computes what it "
        "could not read; all bytes are as before",
        reads,
        3,
        ALL,
    ),
    "full": Row(
        "a disk (tmpfs) that fills in mid-run, of many sizes, then made larger",
        "exit 2 and one line, no traceback; run again as above",
        full,
        1,
        12,
    ),
    "read-only": Row(
        "a store that is read-only (remounted): empty, half done, whole",
        "exit 2 and one line; what is there can be opened and verified; made writable it goes on as above",
        readonly,
        1,
        3,
    ),
    "vanish": Row(
        "a store that goes away in mid-run: moved, deleted, unmounted",
        "exit 2 and one line; nothing is begun in its place; when it is back, with what it held, it goes on as above",
        vanished,
        1,
        12,
    ),
    "together": Row(
        "eight processes run one spec at once",
        "all succeed; one artifact, no torn block, all bytes outside of the log those of one process alone",
        together,
        1,
        5,
    ),
    "prefect": Row(
        "kill -9 under Prefect, when some blocks are committed: the flow, its worker, all that serves, one worker of a "
        "Dask cluster",
        "the deployment's next run (of a cluster: the same run) completes within a minute; no block that had a record "
        "is computed again; all arrays are those of an uninterrupted run",
        prefect,
        1,
        ALL,
    ),
    "elsewhere": Row(
        "the same spec in another process, with another hash seed, time zone, day; in large blocks: with another "
        "memory budget, number of cores, of threads; in blocks of another size",
        "the run did have another budget or other threads; the same name of the artifact, the same fingerprints and "
        "digests, all arrays equal to the last bit; all bytes outside of the log, too, where the spec is the same; in "
        "other blocks the same arrays, but for the last bits of a mean over them",
        elsewhere,
        1,
        ALL,
    ),
    "specs": Row(
        "a spec near a valid one: fields, values, types and texts changed at random, then `check`ed and run",
        "refused in one message, with nothing created, or run and verified; no traceback, no file outside of the "
        "store, no process and no code but that of the function it names",
        _fed(feed_specs),
        20,
        5000,
    ),
    "artifacts": Row(
        "an artifact that was tampered with at random: metadata, records, links, pipes, bombs; most with all digests "
        "made to fit",
        "`verify`, `list`, `why`, `doctor`, `tk.open` and `report` refuse it in one message or read it; the same, "
        "within 3 GiB of memory",
        _fed(feed_artifacts),
        20,
        5000,
    ),
}
