"""The main flows: one spec, or every spec of a folder, from plan to page."""

from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from prefect import flow, get_run_logger

from flows import runners
from flows.attempts import each
from flows.settings import HERE, NOTHING, SPECS, STORE
from tasks import compute_blocks, draw_page, finish, prepare, publish, write_index
from tasks.common import Request, requested
from taylorkit.errors import SpecError, TaylorkitError
from taylorkit.store import state
from taylorkit.store.address import local


@flow(name="taylor", flow_run_name="taylor {spec}")
def run_spec(spec: str, overrides: list[str] = NOTHING, store: str = STORE, runner: str = HERE) -> dict[str, Any]:
    """Run one spec, from plan to page: compute its derivatives and errors, keep them, draw them.

    A run whose numbers are finite nowhere fails when all that is done.

    Args:
        spec: path of a TOML spec, such as data/specs/mml-5-15.toml
        overrides: fields of the spec to override, each as field=value: order=6, grid.x.num=50
        store: folder of artifacts
        runner: where blocks are computed: `here`, `dask` (a cluster on this machine, for the run), or the address of a
            Dask scheduler whose workers see the same folders, such as tcp://10.0.0.5:8786; in a deployment, of one that
            it was served with
    """
    with runners.started(runner) as through:
        outcome = _from_plan_to_page(requested(spec, overrides, store), through)
    index = write_index(store)
    _require_numbers(outcome["artifact"])
    return {**outcome, "index": index}


@flow(name="all-specs", flow_run_name="all specs of {folder}")
def run_folder(folder: str = SPECS, store: str = STORE, runner: str = HERE) -> dict[str, Any]:
    """Run every spec of a folder; one that fails does not keep the others, and fails the run at its end.

    Args:
        folder: where the TOML specs lie
        store: folder of artifacts
        runner: where blocks are computed: `here`, `dask` (a cluster on this machine, for the run), or the address of a
            Dask scheduler whose workers see the same folders, such as tcp://10.0.0.5:8786; in a deployment, of one that
            it was served with
    """
    local(store)  # before its mistake is every spec's
    specs = sorted(str(path) for path in Path(folder).glob("*.toml"))
    if not specs:
        raise SpecError(f"folder = {folder!r}: no TOML specs there; the project's own are in {SPECS}")
    with runners.started(runner) as through:

        def run(spec: str) -> dict[str, Any]:
            get_run_logger().info("spec %d of %d: %s", specs.index(spec) + 1, len(specs), spec)
            outcome = _from_plan_to_page(requested(spec, [], store), through)
            _require_numbers(outcome["artifact"])
            return outcome

        done, failed = each(run, specs)
    try:
        index = write_index(store)
    finally:  # whatever becomes of the index
        if failed:
            said = "\n".join(failed.values())
            raise TaylorkitError(f"{len(failed)} of {len(specs)} specs failed, the others are done:\n{said}")
    return {"runs": list(done.values()), "index": index}


def _from_plan_to_page(request: Request, through: runners.Runner) -> dict[str, Any]:
    prepared = prepare(request)
    artifact = prepared["artifact"]
    manifests: list[Any] = []
    for step, group in groupby(prepared["shares"], key=itemgetter(0)):
        shares = [share for _, blocks in group for share in through.shares(blocks)]
        calls = [{"request": request, "artifact": artifact, "step": step, "blocks": share} for share in shares]
        manifests += through.run(compute_blocks, calls)
    computed = finish(request, artifact, manifests) if manifests else 0
    if not prepared["drawn"]:
        draw_page(artifact)
    publish(artifact)
    return {"spec": request["spec"], "artifact": artifact, "computed": computed}


def _require_numbers(artifact: str) -> None:
    """Raises TaylorkitError for a run that is done, with its page, and found no finite number: its state shows that."""
    if state.nowhere_finite(Path(artifact)):
        raise TaylorkitError(f"{artifact}: {state.NO_NUMBER}")
