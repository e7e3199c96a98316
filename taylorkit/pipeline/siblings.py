"""Blocks that another artifact of the store holds already, of the same section under the same fingerprint.

Runs that differ in an evaluation, a tolerance or a title are artifacts of their own. What they share is computed once:
the names of artifacts say which have the same derivatives, and what is taken from one is checked as it is taken.
"""

from collections.abc import Callable, Iterator
from itertools import islice

from taylorkit.errors import IntegrityError
from taylorkit.grid import Block
from taylorkit.pipeline.job import Job, Step
from taylorkit.store.adopt import adopted
from taylorkit.store.names import with_derivatives
from taylorkit.store.section import SectionStore
from taylorkit.store.tree import existing
from taylorkit.store.verify import array_metadata_problems

# A store may hold thousands of runs that differ in a title: so many are asked for a block, then it is computed.
FEW = 4


def lacking(job: Job, step: Step, own: SectionStore) -> Callable[[Block], str | None]:
    """Take a block from elsewhere; what it gives says why that cannot be, None where it was done.

    It raises OSError where the store cannot be written.
    """
    sources = list(islice(_sources(job, step), FEW)) if getattr(job.spec, "reuse", True) else []

    def taken(block: Block) -> str | None:
        return None if any(adopted(own, source, block) for source in sources) else "is nowhere else"

    return taken


def _sources(job: Job, step: Step) -> Iterator[SectionStore]:
    """The step's section in other artifacts, where it has the same inputs and its metadata are whole."""
    for artifact in with_derivatives(job.artifact.parent, job.groups[0].fingerprint):
        if artifact.name == job.artifact.name:
            continue
        section = SectionStore(artifact / step.group, step.section.label, step.section.fingerprint)
        try:
            # The record alone tells most of them: it is read first.
            if section.record and existing(artifact) and not any(array_metadata_problems(section)):
                yield section
        except IntegrityError:
            continue  # of other inputs, damaged, or no artifact at all
