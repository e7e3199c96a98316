"""What has become of an artifact, as its records tell: no number is read but the first of its status.

| state | |
|---|---|
| running | a process is at work on it |
| unfinished | blocks have no record: its run was ended, or goes on elsewhere |
| not finite | everything is there, and at no expansion point is f finite with all its derivatives |
| no page | everything is there, and its page was not drawn |
| finished | everything is there |
| damaged | it cannot be read, or its metadata are not those that were written |
"""

from itertools import islice
from pathlib import Path

from taylorkit.drawn import page_of
from taylorkit.errors import IntegrityError
from taylorkit.status import NON_FINITE
from taylorkit.store.section import SectionStore
from taylorkit.store.tree import groups, sections
from taylorkit.store.verify import array_metadata_problems, seal_problems
from taylorkit.store.work import is_at_work

RUNNING, UNFINISHED, NOT_FINITE, NO_PAGE, FINISHED, DAMAGED = (
    "running",
    "unfinished",
    "not finite",
    "no page",
    "finished",
    "damaged",
)

NO_NUMBER = (
    "at none of its expansion points is f finite with all its derivatives; see to the grid, the function and its domain"
)


def of(artifact: Path) -> str:
    """The state of an artifact whose metadata can be read. Raises IntegrityError where they cannot."""
    if is_at_work(artifact):
        return RUNNING
    if not is_finished(artifact):
        return UNFINISHED
    if nowhere_finite(artifact):
        return NOT_FINITE
    return FINISHED if page_of(artifact).is_file() else NO_PAGE


def require_metadata(artifact: Path) -> None:
    """Raises IntegrityError for the first of what a look at the metadata alone finds wrong."""
    for group in groups(artifact):
        found = [*islice(seal_problems(group), 1)]
        for section in () if found else sections(group):
            found += [line for _, line in islice(array_metadata_problems(section), 1)]
        if found:
            raise IntegrityError(f"{found[0]}; run the spec again to repair it")


def is_finished(artifact: Path) -> bool:
    """Whether every block of every section has a record."""
    return all(section.is_finished() for group in groups(artifact) for section in sections(group))


def nowhere_finite(artifact: Path) -> bool:
    """Whether f or a derivative of it is not finite at each expansion point; of a table there is nothing to tell."""
    if not (artifact / "commit" / "derivatives").is_dir():
        return False
    section = SectionStore(artifact, "derivatives")
    return all(bool((section.read_block("status", block) & NON_FINITE).all()) for block in section.blocks())
