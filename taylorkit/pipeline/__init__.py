"""The steps of a run, as plain functions: what the command line and the flows both chain.

    job = plan("data/specs/mml-5-15.toml")       # read, find, trace, look over: nothing is written
    run(job)                                     # tree, derivatives, radii, evaluations
    report(job.artifact)                         # figures and page, from the artifact alone

| module | what |
|---|---|
| `job` | what a planned run is |
| `subject` | the function, found and traced |
| `taylor`, `expansion`, `evaluation` | planning `kind = "taylor"`, and its steps |
| `tables` | planning the kinds that are one table |
| `run` | running any job |
| `pages` | figures and pages of a store |
"""

from collections.abc import Sequence
from pathlib import Path

from taylorkit.pipeline import tables, taylor
from taylorkit.pipeline.job import Job
from taylorkit.pipeline.run import Filled, create, fill, log, missing, run
from taylorkit.spec import TaylorSpec, load

DEFAULT_STORE = Path("data/artifacts")


def plan(
    path: str | Path,
    overrides: Sequence[str] = (),
    store: str | Path = DEFAULT_STORE,
    trusted: Sequence[Path] | None = None,
) -> Job:
    """The job that the spec at `path` asks for; files that it names are found from its folder.

    With `trusted` folders, functions from elsewhere are refused. Raises SpecError or FunctionError.
    """
    spec, folder = load(path, overrides), Path(path).resolve().parent
    planner = taylor.plan if isinstance(spec, TaylorSpec) else tables.plan
    return planner(spec, folder, Path(store), trusted)  # type: ignore[arg-type]


__all__ = ["DEFAULT_STORE", "Filled", "Job", "create", "fill", "log", "missing", "plan", "run"]
