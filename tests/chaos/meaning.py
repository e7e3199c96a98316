"""What each file of an artifact is for: how damage to it must be named, and what must be computed again."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from taylorkit.store.section import SectionStore
from taylorkit.store.tree import groups, sections


@dataclass(frozen=True)
class Meaning:
    """`names`: one of them stands in each line that `verify` prints; none where nothing is to be said (the log)."""

    kind: str
    names: tuple[str, ...] = ()
    computed: Counter[str] = field(default_factory=Counter)


def meanings(artifact: Path) -> dict[str, Meaning]:
    """Of every file, by its path within the artifact, which must be whole."""
    owners = {
        (group.relative_to(artifact).as_posix(), name): section
        for group in groups(artifact)
        for section in sections(group)
        for name in section.arrays
    }
    files = sorted(p.relative_to(artifact) for p in artifact.rglob("*") if p.is_file())
    return {str(file): _meaning(file, owners) for file in files}


def _meaning(file: Path, owners: dict[tuple[str, str], SectionStore]) -> Meaning:
    group, rest = _split(file)
    match rest:
        case ("log", *_):
            return Meaning("log")
        case ("commit", label, block, _):
            return _block("record", group, label, block)
        case ("commit", label, _):
            return Meaning("record", (f"/{file.parent}: ", f"/{file}: ", f"has no section {label!r}"))
        case ("commit", _):
            return Meaning("record", (f"/{file.parent}",))
        case (name, "c", *places) if (group, name) in owners:
            owner = owners[group, name]
            axes = len(owner.record["cut"])
            return _block("data", group, owner.label, ".".join(places[len(places) - axes :]) or "whole")
        case (name, "c", *_):
            return Meaning("data", (str(Path(group) / name),))
        case _:
            return Meaning("metadata", (f"/{file}",))


def _split(file: Path) -> tuple[str, tuple[str, ...]]:
    """The group that a file belongs to, as a path, and the rest of its own."""
    parts = file.parts
    if parts[0] == "evaluation" and len(parts) > 2:
        return "/".join(parts[:2]), parts[2:]
    return ".", parts


def _block(kind: str, group: str, label: str, block: str) -> Meaning:
    step = label if group == "." else f"{group}/{label}"
    line = f"{label} block {block} " if group == "." else f"{group}: {label} block {block} "
    return Meaning(kind, (line,), Counter({step: 1}))
