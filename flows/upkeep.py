"""Flows over a store that is there: draw its figures anew, or check that it holds what was written."""

from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path

from prefect import flow

from flows.attempts import each
from flows.settings import NOTHING, STORE
from tasks import draw_page, publish, publish_problems, verify_artifact, write_index
from taylorkit.errors import IntegrityError, SpecError, TaylorkitError
from taylorkit.store.listing import artifacts


@flow(name="redraw", flow_run_name="redraw {store}")
def redraw(store: str = STORE, names: list[str] = NOTHING) -> str:
    """Draw figures and pages of a store anew, from its artifacts alone: no function is needed, or found.

    One that cannot be drawn does not keep the others, and fails the run at its end.

    Args:
        store: folder of artifacts
        names: artifacts to draw, such as mml-5-15-*; without any, all of them
    """
    chosen = _chosen(store, artifacts(store), names)
    _, failed = each(_draw, map(str, chosen))
    try:
        return write_index(store)
    finally:  # whatever becomes of the index
        if failed:
            said = "\n".join(failed.values())
            raise TaylorkitError(f"{len(failed)} of {len(chosen)} artifacts failed, the others are drawn:\n{said}")


def _draw(artifact: str) -> None:
    draw_page(artifact)
    publish(artifact)


@flow(name="verify", flow_run_name="verify {store}")
def verify_store(store: str = STORE, names: list[str] = NOTHING) -> int:
    """Check that every array and figure of a store is what was written; how many artifacts that were.

    Damage fails the run, and so does a folder NAME.zarr in which nothing was committed.

    Args:
        store: folder of artifacts
        names: artifacts to check, such as mml-5-15-*; without any, all of them
    """
    chosen = _chosen(store, _said_to_be(store), names)
    found, failed = each(verify_artifact, map(str, chosen))
    problems = {path.name: found.get(str(path), [failed.get(str(path), "")]) for path in chosen}
    damaged = {name: lines for name, lines in problems.items() if lines}
    try:
        publish_problems(problems)
    finally:  # whatever becomes of the table
        if damaged:
            said = "\n".join(f"{name}: {line}" for name, lines in damaged.items() for line in lines)
            raise IntegrityError(
                f"{len(damaged)} of {len(chosen)} artifacts are damaged; run their specs again:\n{said}"
            )
    return len(chosen)


def _said_to_be(store: str) -> list[Path]:
    """The artifacts of a store, and what only has the name of one."""
    known = artifacts(store)
    named = (path for path in Path(store).glob("*.zarr") if path.is_dir() and not path.name.startswith("."))
    return sorted({*known, *named})


def _chosen(store: str, known: Sequence[Path], names: list[str]) -> list[Path]:
    """Those of `known` that match one of the names; every name must match one."""
    if not known:
        raise SpecError(f"store = {store!r}: holds no artifacts; `taylorkit run SPEC` makes one")
    for name in names:
        if not any(_is(path, name) for path in known):
            said = f"no artifact of {store} has that name; `taylorkit list {store}` shows all"
            raise SpecError(f"names = {name!r}: {said}")
    return [path for path in known if not names or any(_is(path, name) for name in names)]


def _is(artifact: Path, name: str) -> bool:
    return fnmatch(artifact.name, name) or fnmatch(artifact.stem, name)
