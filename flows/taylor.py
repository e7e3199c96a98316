"""The main flows: one spec, or every spec of a folder, from plan to page."""

from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from prefect import flow, get_run_logger

from flows import runners
from flows.settings import HERE, NOTHING, SPECS, STORE
from tasks import compute_blocks, draw_page, finish, prepare, publish, write_index
from tasks.common import Request
from taylorkit.errors import SpecError, TaylorkitError


@flow(name="taylor", flow_run_name="taylor {spec}")
def run_spec(spec: str, overrides: list[str] = NOTHING, store: str = STORE, runner: str = HERE) -> dict[str, Any]:
    """Run one spec, from plan to page: compute its derivatives and errors, keep them, draw them.

    Args:
        spec: path of a TOML spec, such as data/specs/mml-5-15.toml
        overrides: fields of the spec to override, each as field=value: order=6, grid.x.num=50
        store: folder of artifacts
        runner: where blocks are computed: `here`, `dask` (a cluster on this machine, for the run), or the address of a
            Dask scheduler whose workers see the same folders, such as tcp://10.0.0.5:8786
    """
    with runners.started(runner) as through:
        outcome = _from_plan_to_page({"spec": spec, "overrides": overrides, "store": store}, through)
    return {**outcome, "index": write_index(store)}


@flow(name="all-specs", flow_run_name="all specs of {folder}")
def run_folder(folder: str = SPECS, store: str = STORE, runner: str = HERE) -> dict[str, Any]:
    """Run every spec of a folder; one that fails does not keep the others, and fails the run at its end.

    Args:
        folder: where the TOML specs lie
        store: folder of artifacts
        runner: where blocks are computed: `here`, `dask` (a cluster on this machine, for the run), or the address of a
            Dask scheduler whose workers see the same folders, such as tcp://10.0.0.5:8786
    """
    specs = sorted(str(path) for path in Path(folder).glob("*.toml"))
    if not specs:
        raise SpecError(f"folder = {folder!r}: no TOML specs there; the project's own are in {SPECS}")
    outcomes, failed = [], []
    with runners.started(runner) as through:
        for number, spec in enumerate(specs, 1):
            get_run_logger().info("spec %d of %d: %s", number, len(specs), spec)
            try:
                outcomes.append(_from_plan_to_page({"spec": spec, "overrides": [], "store": store}, through))
            except TaylorkitError as error:
                failed.append(str(error))
    index = write_index(store)
    if failed:
        raise TaylorkitError(f"{len(failed)} of {len(specs)} specs failed, the others are done:\n" + "\n".join(failed))
    return {"runs": outcomes, "index": index}


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
