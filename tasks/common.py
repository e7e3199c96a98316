"""What every task shares: no caching, no stored results, retries, functions from trusted folders, one way to plan."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NotRequired, TypedDict

from prefect import runtime, task
from prefect.cache_policies import NO_CACHE

from tasks.retries import RETRIES, worth_retrying
from taylorkit.environment import FOLDERS
from taylorkit.errors import FunctionError
from taylorkit.pipeline import Job, plan
from taylorkit.store.address import local

thin_task: Callable[..., Any] = partial(
    task, cache_policy=NO_CACHE, persist_result=False, retry_condition_fn=worth_retrying, **RETRIES
)


class Request(TypedDict):
    """One run, as tasks hand it on: a spec's path, overrides of its fields, and the store.

    `functions` are the folders whose functions may run, None for all: a worker on another machine has not the
    environment of the flow. Without it the task's own environment says so.
    """

    spec: str
    overrides: list[str]
    store: str
    functions: NotRequired[list[str] | None]


def requested(spec: str, overrides: list[str], store: str) -> Request:
    """A run as a flow asks for it, with the folders that this process trusts. Raises SpecError for a foreign store."""
    local(store)
    folders = trusted_folders()
    functions = None if folders is None else [str(folder.absolute()) for folder in folders]
    return {"spec": spec, "overrides": overrides, "store": store, "functions": functions}


def trusted_folders() -> list[Path] | None:
    """The folders whose functions may run: those of the environment; without them all, in a deployment none.

    A deployment runs what somebody else asks for, so it says when it is made which folders it trusts.
    """
    named = os.environ.get(FOLDERS)
    if named is not None:
        return [Path(folder) for folder in named.split(os.pathsep) if folder]
    return [] if runtime.deployment.id else None


def planned(request: Request, artifact: str | None = None) -> Job:
    """The job of a request. Raises FunctionError where it is no longer the one that `artifact` was made for."""
    job = plan(request["spec"], request["overrides"], request["store"], _trusted(request))
    if artifact is not None and str(job.artifact) != artifact:
        raise FunctionError(
            f"{request['spec']}: the function or the spec was changed while the run was on its way, or this worker has "
            f"another processor or other versions (it was {artifact}, it would here be {job.artifact}); nothing was "
            "written; run it again, with workers that are alike"
        )
    return job


def _trusted(request: Request) -> list[Path] | None:
    if "functions" not in request:
        return trusted_folders()
    folders = request["functions"]
    return None if folders is None else [Path(folder) for folder in folders]
