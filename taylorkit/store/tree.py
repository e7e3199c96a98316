"""What an artifact consists of: its groups, their sections and attributes. Without xarray, which is slow to import."""

from pathlib import Path
from typing import Any

import zarr

from taylorkit.errors import IntegrityError
from taylorkit.store import records
from taylorkit.store.section import SectionStore


def existing(artifact: str | Path) -> Path:
    """The path, if an artifact is there."""
    path = Path(artifact).absolute()
    if not (path / "commit").is_dir():
        raise IntegrityError(f"{path}: no artifact there; `taylorkit list` shows those of a store")
    return path


def groups(artifact: Path) -> list[Path]:
    """The root and the groups that its seal names; all that are there where the seal is damaged."""
    try:
        named = (records.read(artifact / "commit") or {}).get("groups")
    except IntegrityError:
        named = None
    found = {p.parent for p in artifact.glob("evaluation/*/commit")}
    kept = found if named is None else {g for g in found if g.relative_to(artifact).as_posix() in named}
    return [artifact, *sorted(kept)]


def sections(group: Path) -> list[SectionStore]:
    return [SectionStore(group, p.name) for p in sorted((group / "commit").iterdir()) if p.is_dir()]


def evaluations(artifact: Path) -> list[str]:
    """The names of the evaluations that the artifact's seal names; others are left over from another spec."""
    return sorted(group.name for group in groups(artifact)[1:])


def attributes(group: Path) -> dict[str, Any]:
    """A group's attributes. Raises IntegrityError where they cannot be read."""
    try:
        return dict(zarr.open_group(str(group), mode="r", use_consolidated=False).attrs)
    except (ValueError, KeyError, OSError, TypeError, AttributeError) as error:
        raise IntegrityError(f"{group / records.FILE}: cannot be read ({error})") from error
