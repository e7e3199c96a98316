"""Compute and commit blocks."""

from typing import TypedDict

from tasks.common import Request, planned, thin_task
from tasks.progress import Progress
from taylorkit import pipeline
from taylorkit.pipeline import Filled


class Manifest(TypedDict):
    """What a share did."""

    step: str
    computed: int
    kept: int
    seconds: float


@thin_task(name="compute", task_run_name="compute {step}")
def compute_blocks(request: Request, artifact: str, step: str, blocks: list[int]) -> Manifest:
    """Compute those of `blocks` that are still missing from a section."""
    filled = pipeline.fill(planned(request, artifact), step, blocks, Progress())
    return {"step": step, "computed": filled.computed, "kept": filled.kept, "seconds": filled.seconds}


@thin_task(name="finish", task_run_name="finish {request[spec]}")
def finish(request: Request, artifact: str, manifests: list[Manifest]) -> int:
    """Note what was computed in the artifact's log; how many blocks that was."""
    totals = {m["step"]: Filled(m["step"], 0, 0, 0.0) for m in manifests}
    for m in manifests:
        so_far = totals[m["step"]]
        totals[m["step"]] = Filled(
            m["step"], so_far.computed + m["computed"], so_far.kept + m["kept"], so_far.seconds + m["seconds"]
        )
    pipeline.log(planned(request, artifact), list(totals.values()))
    return sum(f.computed for f in totals.values())
