"""The steps of a run, as plain functions: what the command line and the flows both chain.

    job = plan("data/specs/mml-5-15.toml")       # read, find, trace, look over: nothing is written
    run(job)                                     # tree, derivatives, radii, evaluations
    taylorkit.pages.report(job.artifact)         # figures and page, from the artifact alone

| module | what |
|---|---|
| `job` | what a planned run is |
| `subject` | the function, found and traced |
| `taylor`, `expansion`, `evaluation` | planning `kind = "taylor"`, and its steps |
| `tables` | planning the kinds that are one table |
| `figures` | what a spec's figures ask for, checked before anything is computed |
| `place` | where the artifact lies: all that it will hold determines the path |
| `siblings` | blocks that other artifacts of the store hold already |
| `run` | running any job |
"""

from collections.abc import Sequence
from pathlib import Path

from taylorkit.pipeline import figures, tables, taylor
from taylorkit.pipeline.job import Job
from taylorkit.pipeline.run import Filled, create, fill, log, missing, require_room, run
from taylorkit.spec import TaylorSpec, load
from taylorkit.store.address import local

DEFAULT_STORE = Path("data/artifacts")


def plan(
    path: str | Path,
    overrides: Sequence[str] = (),
    store: str | Path = DEFAULT_STORE,
    trusted: Sequence[Path] | None = None,
) -> Job:
    """The job that the spec at `path` asks for; files that it names are found from its folder.

    `overrides` are fields as in `["order=6", "grid.x.num=50"]`. With `trusted` folders, functions and files of points
    from elsewhere are refused. Nothing is written, and no setting of the process is changed. Raises SpecError or
    FunctionError.

    >>> from taylorkit import pipeline
    >>> job = pipeline.plan("data/specs/mml-5-15.toml", ["order=4"])
    >>> job.spec.order, [step.name for step in job.steps][0]
    (4, 'derivatives')
    """
    path = local(path, "spec")
    spec, folder = load(path, overrides, trusted), path.resolve().parent
    planner = taylor.plan if isinstance(spec, TaylorSpec) else tables.plan
    job = planner(spec, folder, local(store), trusted)  # type: ignore[arg-type]
    figures.check(job)
    return job


__all__ = ["DEFAULT_STORE", "Filled", "Job", "create", "fill", "log", "missing", "plan", "require_room", "run"]
