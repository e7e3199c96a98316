"""What runs that were killed left in a store. Nothing of it does harm: it takes room, or will be computed again."""

import time
from collections.abc import Iterator
from pathlib import Path

from taylorkit.doctor.finding import Finding, Place, quoted
from taylorkit.errors import IntegrityError
from taylorkit.store.listing import artifacts
from taylorkit.store.section import SectionStore
from taylorkit.store.tree import existing, groups, sections

# Ours begin with a dot, those of Zarr do not.
PATTERNS = ("*.partial", ".*.staging")
# A run at work writes such files, too: those of the last minute may be its own.
SECONDS = 60.0
# What damage raises: ours, and whatever Zarr does.
DAMAGE = (IntegrityError, ValueError, KeyError, TypeError, OSError)


def partial_files(place: Place) -> Iterator[Finding]:
    """Files and trees that were being written."""
    for pattern in PATTERNS:
        for path in sorted(place.store.rglob(pattern)):
            if _is_old(path):
                yield Finding(
                    "a killed run left something half written",
                    str(path),
                    f"rm -r {quoted(path)}, if no run is at work in this store",
                )


def uncommitted(place: Place) -> Iterator[Finding]:
    """Blocks that have values and no record."""
    for artifact in artifacts(place.store):
        try:
            found = [section for group in groups(existing(artifact)) for section in sections(group)]
        except DAMAGE:
            continue  # `states` says so
        for section in found:
            yield from _of_section(artifact, section)


def _of_section(artifact: Path, section: SectionStore) -> Iterator[Finding]:
    try:
        blocks = [block for block, file in section.uncommitted() if _is_old(file)]
    except DAMAGE:
        return
    if blocks:
        yield Finding(
            "a killed run left blocks that were written and never committed",
            f"{artifact}: {len(blocks)} of {section.label}, the first {blocks[0].name}",
            "run its spec again: they are computed again, the others kept",
        )


def _is_old(path: Path) -> bool:
    try:
        return time.time() - path.lstat().st_mtime > SECONDS
    except OSError:  # gone while we looked
        return False
