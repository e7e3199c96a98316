"""What a store holds, one line of facts an artifact."""

from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from taylorkit.errors import IntegrityError
from taylorkit.store import catalogue, records, state
from taylorkit.store.address import local
from taylorkit.store.attributes import Entry, problem
from taylorkit.store.files import require_plain_files
from taylorkit.store.section import SectionStore
from taylorkit.store.tree import attributes, evaluations


def artifacts(store: str | Path) -> list[Path]:
    """The artifacts of a store, by name; none where there is no such folder. Raises SpecError where that is no path."""
    folder = local(store)
    try:
        return sorted(p.parent for p in folder.glob("*.zarr/commit") if not p.parent.name.startswith("."))
    except (ValueError, OSError) as error:
        raise IntegrityError(f"store {store}: cannot be listed ({error})") from error


def listing(store: str | Path, thorough: bool = True) -> Iterator[dict[str, Any]]:
    """name, state, kind, title, function, order, points, bytes, worst error, date and path of each artifact.

    An artifact that cannot be read is listed with `damage` saying why; what the states are `state` says. What the
    store's catalogue knows is not looked at again; not `thorough`, neither is whether metadata were changed since.
    """
    found, known = artifacts(store), catalogue.read(local(store))
    for artifact in found:
        yield known.facts(artifact, _described, thorough)
    known.save(found)


def _described(artifact: Path) -> dict[str, Any]:
    try:
        return describe(artifact)
    except IntegrityError as error:
        return {"name": artifact.stem, "state": state.DAMAGED, "damage": str(error)}


def describe(artifact: Path) -> dict[str, Any]:
    """One artifact's facts, from metadata and summaries alone. Raises IntegrityError where they are damaged."""
    if not artifact.resolve().is_relative_to(artifact.parent.resolve()):
        raise IntegrityError(f"{artifact}: is a link that leaves its store; name it where it lies")
    stored = require_plain_files(artifact)
    attrs = attributes(artifact)
    state.require_metadata(artifact)
    function = attrs.get("function") or {}
    return {
        "name": str(attrs.get("name", artifact.stem)),
        "state": state.of(artifact),
        "kind": str(attrs.get("kind", "")),
        "title": str(attrs.get("title", "")),
        "function": str(function.get("name", "")),
        "latex": " = ".join(str(function[k]) for k in ("signature_latex", "latex") if function.get(k)),
        "order": attrs.get("order"),
        "points": _points(artifact, attrs),
        "bytes": stored,
        "worst_error": _worst(artifact),
        "date": _date(artifact),
        # What runs of the same function have in common.
        "program": str(function.get("fingerprint", "")),
    }


def _points(artifact: Path, attrs: dict[str, Any]) -> int | None:
    if attrs.get("kind") != "taylor":
        return None
    return prod(SectionStore(artifact, "derivatives").record["shape"])


def _worst(artifact: Path) -> float | None:
    """The largest sampled error of the highest degree, over all evaluations; None where there is none."""
    worst = []
    for name in evaluations(artifact):
        section = SectionStore(artifact / "evaluation" / name, "summary")
        if not any(map(section.problem, section.blocks())):
            largest = section.whole("max_error")[-1:] if "max_error" in section.arrays else np.zeros(0)
            worst += [float(np.max(largest))] if largest.size and largest.dtype.kind == "f" else []
    return max(worst, default=None)


def _date(artifact: Path) -> str:
    """When something of it was last computed, as its log says."""
    entries = logged(artifact)
    return str(entries[-1]["finished"]) if entries else ""


def logged(artifact: Path) -> list[dict[str, Any]]:
    """What the log says, oldest first; entries that are damaged are passed over, since nothing depends on them."""
    found = []
    for folder in sorted((artifact / "log").glob("*")):
        try:
            found.append(records.read(folder))
        except IntegrityError:
            continue
    return [entry for entry in found if entry and not problem(entry, Entry)]
