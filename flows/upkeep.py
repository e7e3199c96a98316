"""Flows over a store that is there: draw its figures anew, or check that it holds what was written."""

from fnmatch import fnmatch
from pathlib import Path

from prefect import flow

from flows.settings import NOTHING, STORE
from tasks import draw_page, publish, publish_problems, verify_artifact, write_index
from taylorkit.errors import IntegrityError, SpecError
from taylorkit.store.listing import artifacts


@flow(name="redraw", flow_run_name="redraw {store}")
def redraw(store: str = STORE, names: list[str] = NOTHING) -> str:
    """Draw figures and pages of a store anew, from its artifacts alone: no function is needed, or found.

    Args:
        store: folder of artifacts
        names: artifacts to draw, such as mml-5-15-*; without any, all of them
    """
    for artifact in _chosen(store, names):
        draw_page(str(artifact))
        publish(str(artifact))
    return write_index(store)


@flow(name="verify", flow_run_name="verify {store}")
def verify_store(store: str = STORE, names: list[str] = NOTHING) -> int:
    """Check that every array of a store is what was written; how many artifacts that were. Damage fails the run.

    Args:
        store: folder of artifacts
        names: artifacts to check, such as mml-5-15-*; without any, all of them
    """
    chosen = _chosen(store, names)
    problems = {artifact.name: verify_artifact(str(artifact)) for artifact in chosen}
    publish_problems(problems)
    damaged = {name: lines for name, lines in problems.items() if lines}
    if damaged:
        said = "\n".join(f"{name}: {line}" for name, lines in damaged.items() for line in lines)
        raise IntegrityError(f"{len(damaged)} of {len(chosen)} artifacts are damaged; run their specs again:\n{said}")
    return len(chosen)


def _chosen(store: str, names: list[str]) -> list[Path]:
    """The artifacts of a store that match one of the names; every name must match one."""
    known = artifacts(store)
    if not known:
        raise SpecError(f"store = {store!r}: holds no artifacts; `taylorkit run SPEC` makes one")
    for name in names:
        if not any(_is(path, name) for path in known):
            said = f"no artifact of {store} has that name; `taylorkit list {store}` shows all"
            raise SpecError(f"names = {name!r}: {said}")
    return [path for path in known if not names or any(_is(path, name) for name in names)]


def _is(artifact: Path, name: str) -> bool:
    return fnmatch(artifact.name, name) or fnmatch(artifact.stem, name)
