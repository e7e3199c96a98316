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
| `run` | running any job |
"""

from collections.abc import Sequence
from pathlib import Path

from taylorkit import cache, naming, shown
from taylorkit.errors import SpecError
from taylorkit.pipeline import tables, taylor
from taylorkit.pipeline.job import Job
from taylorkit.pipeline.run import Filled, create, fill, log, missing, require_room, run
from taylorkit.spec import Spec, TaylorSpec, load

DEFAULT_STORE = Path("data/artifacts")


def plan(
    path: str | Path,
    overrides: Sequence[str] = (),
    store: str | Path = DEFAULT_STORE,
    trusted: Sequence[Path] | None = None,
) -> Job:
    """The job that the spec at `path` asks for; files that it names are found from its folder.

    `overrides` are fields as in `["order=6", "grid.x.num=50"]`. With `trusted` folders, functions from elsewhere are
    refused. Nothing is written. Raises SpecError or FunctionError.

    >>> from taylorkit import pipeline
    >>> job = pipeline.plan("data/specs/mml-5-15.toml", ["order=4"])
    >>> job.spec.order, [step.name for step in job.steps][0]
    (4, 'derivatives')
    """
    cache.keep_compiled()
    spec, folder = load(path, overrides), Path(path).resolve().parent
    planner = taylor.plan if isinstance(spec, TaylorSpec) else tables.plan
    job = planner(spec, folder, Path(store), trusted)  # type: ignore[arg-type]
    # Where the artifact is there, drawing says it soon enough; a new one must not be made for nothing.
    if spec.report.figures and not job.artifact.exists():
        _check_figures(spec)
    return job


def _check_terms(spec: Spec, terms: object) -> None:
    """Every term that a figure asks for is there."""
    if isinstance(spec, TaylorSpec) and isinstance(terms, list):
        for term in terms:
            alpha = naming.exponents_of(term, tuple(spec.variables), spec.labels)
            if sum(alpha) > spec.order:
                raise SpecError(f"term = {shown.value(term)}: its degree is {sum(alpha)}, the order is {spec.order}")


def _check_figures(spec: Spec) -> None:
    from taylorkit.plotting import checked

    known = getattr(spec, "evaluations", {})
    for number, request in enumerate(spec.report.figures or [], 1):
        try:
            checked(request)
            _check_terms(spec, request.get("terms"))
        except SpecError as error:
            raise SpecError(f"report.figures, number {number}: {error}") from None
        order = getattr(spec, "order", None)
        many = request.get("degrees") or []
        degrees = [request[k] for k in ("degree",) if k in request] + (many if isinstance(many, list) else [many])
        beyond = [k for k in degrees if order is not None and not (isinstance(k, int) and 0 <= k <= order)]
        if beyond:
            raise SpecError(
                f"report.figures, number {number}: degree {beyond[0]!r}: must be a whole number from 0 to {order}"
            )
        name = request.get("evaluation")
        if name is not None and not (isinstance(name, str) and name in known):
            raise SpecError(
                f"report.figures, number {number}: evaluation = {name!r}: the spec has {', '.join(known) or 'none'}"
            )


__all__ = ["DEFAULT_STORE", "Filled", "Job", "create", "fill", "log", "missing", "plan", "require_room", "run"]
