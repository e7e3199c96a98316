"""The main flows: one spec, or every spec of a folder, from plan to page."""

from pathlib import Path
from typing import Any

from prefect import flow, get_run_logger

from flows.settings import SPECS, STORE
from tasks import compute_blocks, draw_page, finish, prepare, write_index
from tasks.common import Request
from taylorkit.errors import SpecError, TaylorkitError


@flow(name="taylor", flow_run_name="taylor {spec}")
def run_spec(spec: str, overrides: list[str] | None = None, store: str = STORE) -> dict[str, Any]:
    """Run one spec.

    Args:
        spec: path of a TOML spec, such as data/specs/mml-5-15.toml
        overrides: fields to override, such as order=6 or grid.x.num=50
        store: folder of artifacts
    """
    outcome = _from_plan_to_page({"spec": spec, "overrides": overrides or [], "store": store})
    return {**outcome, "index": write_index(store)}


@flow(name="all-specs", flow_run_name="all specs of {folder}")
def run_folder(folder: str = SPECS, store: str = STORE) -> dict[str, Any]:
    """Run every spec of a folder; one that fails does not keep the others, and fails the run at its end.

    Args:
        folder: where the TOML specs lie
        store: folder of artifacts
    """
    specs = sorted(str(path) for path in Path(folder).glob("*.toml"))
    if not specs:
        raise SpecError(f"folder = {folder!r}: no TOML specs there; the project's own are in {SPECS}")
    outcomes, failed = [], []
    for number, spec in enumerate(specs, 1):
        get_run_logger().info("spec %d of %d: %s", number, len(specs), spec)
        try:
            outcomes.append(_from_plan_to_page({"spec": spec, "overrides": [], "store": store}))
        except TaylorkitError as error:
            failed.append(str(error))
    index = write_index(store)
    if failed:
        raise TaylorkitError(f"{len(failed)} of {len(specs)} specs failed, the others are done:\n" + "\n".join(failed))
    return {"runs": outcomes, "index": index}


def _from_plan_to_page(request: Request) -> dict[str, Any]:
    prepared = prepare(request)
    artifact = prepared["artifact"]
    manifests = [compute_blocks(request, artifact, step, blocks) for step, blocks in prepared["shares"]]
    computed = finish(request, artifact, manifests) if manifests else 0
    if not prepared["drawn"]:
        draw_page(artifact)
    return {"spec": request["spec"], "artifact": artifact, "computed": computed}
