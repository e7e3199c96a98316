"""Stored runs of a spec whose numbers a fault made wrong that is mended now: why a run computes anew what is there."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from taylorkit.differentiation.methods import Method
from taylorkit.errors import IntegrityError
from taylorkit.fingerprint import lows_of
from taylorkit.store.files import document
from taylorkit.store.listing import artifacts
from taylorkit.store.names import DERIVATIVES, parts, with_derivatives
from taylorkit.versions import mended, rows

if TYPE_CHECKING:
    from taylorkit.pipeline.expansion import Run

# What two runs of one spec share, whatever computes them.
SHARED = ("form", "points", "order", "dtype")


def notes(run: "Run", radii: dict[str, Any], own: Path) -> tuple[str, ...]:
    """A sentence for each mended fault that keeps stored numbers of this run from being used; `own` is its artifact."""
    found: dict[str, str] = {}
    made = any(with_derivatives(own.parent, run.fingerprint))
    for artifact, inputs in _stored(run, own):
        if parts(artifact)[1] == run.fingerprint[:DERIVATIVES]:
            names = _missing(radii, _mapping(inputs.get("radii")))
        elif not made and _is_of_this_run(run.inputs, old := _mapping(inputs.get("derivatives"))):
            names = _affected(run, old)
        else:
            continue
        for row in rows(names):
            found.setdefault(row.name, _sentence(row.release, row.words, artifact.name))
    return tuple(found.values())


def _sentence(release: str, words: str, artifact: str) -> str:
    return f"computed anew, because releases before {release} computed wrongly: {words} ({artifact} has such numbers)"


def _stored(run: "Run", own: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The artifacts of the spec's name, with their inputs, where its own is not there yet; what cannot be read says
    nothing."""
    for artifact in artifacts(own.parent) if not own.exists() else []:
        if parts(artifact)[0] == run.spec.name and not artifact.is_symlink():
            try:
                yield artifact, _mapping(document(artifact)["attributes"].get("inputs"))
            except (IntegrityError, OSError):
                continue


def _is_of_this_run(new: dict[str, Any], old: dict[str, Any]) -> bool:
    program = new["function"]["program"] == _mapping(old.get("function")).get("program")
    return program and all(new[key] == old.get(key) for key in SHARED)


def _affected(run: "Run", old: dict[str, Any]) -> list[str]:
    """The faults that stored derivatives have: those of the method that computed them."""
    method, order = _mapping(old.get("method")), old["order"]
    by = Method(str(method.get("name")), str(method.get("lowering")), 0, str(old.get("platform")))
    return [name for name in mended(run.subject.traced, order, by, lows=lows_of(run.grid)) if name not in _marks(old)]


def _missing(new: dict[str, Any], old: dict[str, Any]) -> list[str]:
    return [name for name in _marks(new) if old and name not in _marks(old)]


def _marks(inputs: dict[str, Any]) -> list[Any]:
    found = inputs.get("mended")
    return found if isinstance(found, list) else []


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
