"""What an artifact consists of: its groups, their sections and attributes. Without xarray, which is slow to import."""

import re
from contextlib import suppress
from pathlib import Path
from typing import Any

from taylorkit.errors import IntegrityError
from taylorkit.store import attributes as checked
from taylorkit.store import records, seal
from taylorkit.store.address import local
from taylorkit.store.files import document, require_plain_files
from taylorkit.store.section import SectionStore
from taylorkit.versions import require_known_format

NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


def existing(artifact: str | Path) -> Path:
    """The path, if an artifact is there. Raises IntegrityError where none is, or it holds anything but plain
    files; SpecError for an address that is no path."""
    path = local(artifact, "artifact").absolute()
    try:
        there = (path / "commit").is_dir()
    except (ValueError, OSError):  # a NUL in it, or longer than a system takes
        there = False
    if not there:
        raise IntegrityError(f"{path}: no artifact there; `taylorkit list` shows those of a store")
    require_readable(path)
    return path


def require_readable(artifact: Path) -> None:
    """Raise IntegrityError where an artifact holds anything but plain files, or is of a format of a later release."""
    require_plain_files(artifact)
    try:
        found = document(artifact)["attributes"]
    except IntegrityError:
        return  # damaged, which those who read it say and a run repairs
    require_known_format(found, artifact)


def groups(artifact: Path) -> list[Path]:
    """The root and the groups that its seal names; all that are there where the seal is damaged."""
    found = {p.parent for p in artifact.glob("evaluation/*/commit") if NAME.fullmatch(p.parent.name)}
    with suppress(IntegrityError):
        named = seal.read(artifact).groups
        found = {g for g in found if g.relative_to(artifact).as_posix() in named}
    return [artifact, *sorted(found)]


def sections(group: Path) -> list[SectionStore]:
    try:
        found = sorted(p for p in (group / "commit").iterdir() if p.is_dir())
    except OSError as error:
        raise IntegrityError(f"{group / 'commit'}: cannot be read ({error})") from error
    return [SectionStore(group, p.name) for p in found]


def evaluations(artifact: Path) -> list[str]:
    """The names of the evaluations that the artifact's seal names; others are left over from another spec."""
    return sorted(group.name for group in groups(artifact)[1:])


def place(group: Path) -> str:
    """Where a group lies in its artifact: "" for the root, evaluation/NAME for an evaluation."""
    below = group.parent.name == "evaluation" and (group.parent.parent / "commit").is_dir()
    return f"evaluation/{group.name}" if below else ""


def attributes(group: Path) -> dict[str, Any]:
    """A group's attributes. Raises IntegrityError where they cannot be read, or are not what readers rely on."""
    found = document(group)["attributes"]
    model = checked.Evaluation if place(group) else checked.Root
    if wrong := checked.problem(found, model):
        raise IntegrityError(f"{group / records.FILE}: {wrong}")
    require_known_format(found, group)
    return found
