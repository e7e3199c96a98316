"""What is deployed, and `python -m flows.deployments`: the process that runs it against the server of PREFECT_API_URL.

`prefect.yaml` says the same for a work pool and its workers.
"""

import argparse
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from prefect import Flow, serve
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron, Interval, Schedule
from prefect.types.entrypoint import EntrypointType

from flows.settings import STORE
from flows.taylor import run_folder, run_spec
from flows.upkeep import redraw, verify_store

# At most so many runs at once; none waits for a lease of one that was killed, as a limit of the server would have it.
RUNS = 4


@dataclass(frozen=True)
class Deployment:
    """A flow under a name, with the parameters that it has unless a run says otherwise."""

    name: str
    flow: Flow
    description: str
    parameters: dict[str, Any] = field(default_factory=dict)
    cron: str | None = None


DEPLOYMENTS = (
    Deployment("one-spec", run_spec, "One spec, from plan to page.", {"spec": "data/specs/mml-5-15.toml"}),
    Deployment(
        "nightly",
        run_folder,
        "Every spec of data/specs, each night at three; what is there already is kept.",
        {"folder": "data/specs"},
        cron="0 3 * * *",
    ),
    Deployment("figures", redraw, "Figures and pages of a store, drawn anew from its artifacts alone."),
    Deployment("store", verify_store, "Is a store what was written? Fails where it is not."),
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m flows.deployments", description=__doc__)
    parser.add_argument("--store", default=STORE, help="folder of artifacts (default: %(default)s)")
    parser.add_argument("--folder", help="folder of specs that is run each night")
    parser.add_argument("--cron", help="when it is run, instead of at three each night (UTC)")
    parser.add_argument("--every", type=float, metavar="SECONDS", help="run it so often, instead")
    options = parser.parse_args()
    serve(
        *(_made(one, options) for one in DEPLOYMENTS), pause_on_shutdown=False, print_starting_message=False, limit=RUNS
    )


def _made(deployment: Deployment, options: argparse.Namespace) -> RunnerDeployment:
    given = {"store": options.store, **_folder(deployment, options.folder)}
    return RunnerDeployment.from_flow(
        deployment.flow,
        deployment.name,
        description=deployment.description,
        parameters={**deployment.parameters, **given},
        schedule=_schedule(deployment, options),
        # By module, not by file: what is served does not depend on the folder that it was served from.
        entrypoint_type=EntrypointType.MODULE_PATH,
    )


def _folder(deployment: Deployment, folder: str | None) -> dict[str, str]:
    return {"folder": folder} if folder and "folder" in deployment.parameters else {}


def _schedule(deployment: Deployment, options: argparse.Namespace) -> Schedule | None:
    if deployment.cron is None:
        return None
    if options.every:
        return Interval(timedelta(seconds=options.every))
    return Cron(options.cron or deployment.cron, timezone="UTC")


if __name__ == "__main__":
    main()
