"""Look a request over, and make its artifact's tree."""

from typing import TypedDict

from prefect import get_run_logger

from tasks.common import Request, planned, thin_task
from taylorkit import pipeline
from taylorkit.pages import up_to_date

# A task plans anew and talks to Prefect: about half a second. A block of 16 MiB takes 20 ms at the least, which is what
# writing it does at 0.8 GB/s: so these are ten seconds of work, and more where computing bounds.
BLOCKS_PER_TASK = 512


class Prepared(TypedDict):
    """A request that was looked over: its artifact, which blocks of each section must be computed, in shares."""

    artifact: str
    shares: list[tuple[str, list[int]]]
    drawn: bool


@thin_task(name="prepare", task_run_name="prepare {request[spec]}")
def prepare(request: Request) -> Prepared:
    """Plan the run, create or repair the artifact, and find what is missing."""
    job = planned(request)
    pipeline.create(job)
    shares = []
    for step in job.steps:
        missing = pipeline.missing(job, step.name)
        shares += [(step.name, missing[k : k + BLOCKS_PER_TASK]) for k in range(0, len(missing), BLOCKS_PER_TASK)]
    blocks = sum(len(share) for _, share in shares)
    state = f"{blocks} blocks to compute" if blocks else "nothing to compute"
    get_run_logger().info("%s: %s; %s", job.spec.name, job.summary, state)
    for note in (*job.notes, *job.warnings):
        get_run_logger().warning("%s: %s", job.spec.name, note)
    if not blocks:
        pipeline.log(job, [])  # of a run that was killed after its last block
    return {"artifact": str(job.artifact), "shares": shares, "drawn": not blocks and up_to_date(job.artifact)}
