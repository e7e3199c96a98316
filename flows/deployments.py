"""What is deployed, and `python -m flows.deployments`: the process that runs it against the server of PREFECT_API_URL.

`prefect.yaml` says the same for a work pool and its workers.
"""

import argparse
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from prefect import Flow, serve
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron, Interval, Schedule
from prefect.types.entrypoint import EntrypointType

from flows import when
from flows.settings import SPECS, STORE
from flows.taylor import run_folder, run_spec
from flows.upkeep import redraw, verify_store
from flows.when import NIGHTLY, NIGHTLY_CRON, WEEKNIGHTS_CRON

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

    @property
    def of_folder(self) -> bool:
        """Whether it runs the folder of specs, which options choose, as they do when that is."""
        return "folder" in self.parameters

    def described(self, folder: str = SPECS, times: str = NIGHTLY) -> str:
        """The description, which says the folder that is run and when."""
        return self.description.format(folder=folder, times=times)


DEPLOYMENTS = (
    Deployment("one-spec", run_spec, "One spec, from plan to page.", {"spec": "data/specs/mml-5-15.toml"}),
    Deployment(
        "nightly",
        run_folder,
        "Every spec of {folder}, {times}; what is there already is kept.",
        {"folder": SPECS},
        cron=NIGHTLY_CRON,
    ),
    Deployment(
        "option-risk",
        run_spec,
        "The Greeks of an option and what explains its moves, each weekday night at ten (UTC).",
        {"spec": "data/specs/option-risk.toml"},
        cron=WEEKNIGHTS_CRON,
    ),
    Deployment("figures", redraw, "Figures and pages of a store, drawn anew from its artifacts alone."),
    Deployment("store", verify_store, "Is a store what was written? Fails where it is not."),
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m flows.deployments", description=__doc__)
    parser.add_argument("--store", default=STORE, help="folder of artifacts (default: %(default)s)")
    parser.add_argument("--folder", default=SPECS, help="folder of specs that is run (default: %(default)s)")
    when.add_options(parser)
    options = parser.parse_args()
    made = [_made(one, options) for one in over(Path(options.folder))]
    serve(*made, pause_on_shutdown=False, print_starting_message=False, limit=RUNS)


def over(folder: Path) -> list[Deployment]:
    """The deployments over a folder of specs. One of a spec is of the folder's own, by the spec's name.

    Where the folder has none of that name, one by schedule is left out: it would fail each time. One that is run by
    hand stays, and whoever runs it names the spec.
    """
    found = []
    for one in DEPLOYMENTS:
        own = folder / Path(one.parameters.get("spec", "")).name
        others = {name: value for name, value in one.parameters.items() if name != "spec"}
        if own.is_file():
            found.append(replace(one, parameters={**others, "spec": str(own)}))
        elif one.cron is None or "spec" not in one.parameters:
            found.append(replace(one, parameters=others))
    return found


def _made(deployment: Deployment, options: argparse.Namespace) -> RunnerDeployment:
    given = {"store": options.store}
    if deployment.of_folder:
        given["folder"] = options.folder
    return RunnerDeployment.from_flow(
        deployment.flow,
        deployment.name,
        description=deployment.described(options.folder, when.in_words(options.cron, options.every)),
        parameters={**deployment.parameters, **given},
        schedule=schedule_of(deployment, options.cron, options.every),
        # By module, not by file: what is served does not depend on the folder that it was served from.
        entrypoint_type=EntrypointType.MODULE_PATH,
    )


def schedule_of(deployment: Deployment, cron: str | None, every: float | None) -> Schedule | None:
    """When it runs by itself; `cron` and `every` are the options', which move the folder's schedule and no other."""
    if deployment.cron is None:
        return None
    if not deployment.of_folder:
        return Cron(deployment.cron, timezone="UTC")
    return Interval(timedelta(seconds=every)) if every is not None else Cron(cron or deployment.cron, timezone="UTC")


if __name__ == "__main__":
    main()
