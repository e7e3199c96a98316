"""Making an artifact's tree: built aside, then moved into place whole.

Building it again over an existing artifact repairs it: every file of metadata, coordinates and section records is
compared with what it must be and replaced where it differs; blocks are not touched. A group whose section fingerprints
changed in shape is removed first. A lock serialises this between processes; writing blocks needs none.
"""

import shutil
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import zarr

from taylorkit import digest
from taylorkit.errors import IntegrityError, TaylorkitError
from taylorkit.store import compression, records, seal
from taylorkit.store.layout import ArrayPlan, GroupPlan, Section, of_plan
from taylorkit.store.lock import locked
from taylorkit.store.seal import Seal
from taylorkit.store.section import SectionStore
from taylorkit.store.verify import metadata_are_whole

# A file that has been in the writing for longer is nobody's.
ABANDONED_SECONDS = 3600.0
# How often, and seconds in between, a folder is removed into which something is still written.
ATTEMPTS, PAUSE = 20, 0.02


def install(artifact: Path, groups: Sequence[GroupPlan], plan: str = "") -> None:
    """Create the artifact with these groups, or repair what of them is there; `plan` is the fingerprint of all of it.

    Raises TaylorkitError where the store cannot be written, IntegrityError where another artifact is there.
    """
    plan = plan or of_plan(groups)
    try:
        artifact.parent.mkdir(parents=True, exist_ok=True)
        with locked(artifact):
            for left in artifact.parent.glob(f".{artifact.name}.*.staging"):
                shutil.rmtree(left)  # of a run that was killed: who holds the lock is the only one building
            _refuse_another(artifact, plan)
            _sweep(artifact)
            if all(_is_whole(artifact / group.path, group, plan) for group in groups):
                return
            staging = artifact.with_name(f".{artifact.name}.{uuid.uuid4().hex}.staging")
            try:
                _build(staging, [_compressed_as_there(artifact / group.path, group) for group in groups], plan)
                for group in groups:
                    if _is_for_others(artifact / group.path, group):
                        shutil.rmtree(artifact / group.path)
                _move(staging, artifact)
            finally:
                _remove(staging)
    except OSError as error:
        raise TaylorkitError(
            f"store {artifact.parent}: cannot be written ({error}); mend it or choose another with --store"
        ) from error


def _remove(staging: Path) -> None:
    """Zarr writes several files at once: where one failed, others are still on their way and make the folder anew."""
    for _ in range(ATTEMPTS):
        if not staging.exists():
            return
        shutil.rmtree(staging, ignore_errors=True)
        time.sleep(PAUSE)


def _sweep(artifact: Path) -> None:
    """Remove what killed runs were writing; other runs may be at it, but nothing takes as long to write."""
    for left in artifact.rglob("*.partial"):
        with suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > ABANDONED_SECONDS:
                left.unlink()


def _refuse_another(artifact: Path, plan: str) -> None:
    """Another artifact, whole and only in the wrong place, is not written over."""
    try:
        found = seal.read(artifact)
        whole = found.attributes == digest.of_bytes((artifact / records.FILE).read_bytes())
    except (IntegrityError, OSError):
        return
    if whole and not found.group and found.artifact != plan:
        other = found.artifact[:12] or "of format 1"
        raise IntegrityError(
            f"{artifact}: holds the artifact of another plan, {other} and not {plan[:12]}: it was moved there. "
            "Nothing is written: give it its own name, or remove it, and run again"
        )


def _is_whole(folder: Path, plan: GroupPlan, artifact: str) -> bool:
    """Whether a group's metadata, coordinates and section records are those that would be built: reading is quicker."""
    try:
        found = seal.read(folder)
    except IntegrityError:
        return False
    wanted = {s.label: s.fingerprint for s in plan.sections}
    return (found.artifact, found.sections) == (artifact, wanted) and metadata_are_whole(folder)


def _compressed_as_there(existing: Path, plan: GroupPlan) -> GroupPlan:
    """Blocks that are there must stay readable: what they are compressed with is decided when the array is made."""
    if _is_for_others(existing, plan):
        return plan
    return replace(plan, sections=tuple(replace(s, compression=_compression(existing, s)) for s in plan.sections))


def _compression(folder: Path, section: Section) -> str:
    """That of the section's arrays which tell it; what the spec asks for where none does."""
    told = (_found_compression(folder, section.label, a.name) for a in section.arrays if a.shape)
    found = {name for name in told if name}
    return found.pop() if len(found) == 1 else section.compression


def _found_compression(folder: Path, label: str, name: str) -> str | None:
    try:
        found = compression.of(SectionStore(folder, label).array(name))
    except (IntegrityError, ValueError, TypeError, IndexError, AttributeError):
        return None
    return found if found in compression.CODECS else None


def _build(folder: Path, groups: Sequence[GroupPlan], artifact: str) -> None:
    root = zarr.create_group(str(folder), zarr_format=3)
    for name in ("commit", "log"):
        root.create_group(name)
    for plan in groups:
        group = root.require_group(plan.path) if plan.path else root
        group.attrs.put(plan.attributes)
        for name, (dims, values) in plan.coordinates.items():
            _coordinate(group, name, dims, values)
        for section in plan.sections:
            for array in section.arrays:
                _array(group, section, array)
        _seal(folder / plan.path, plan, [g for g in groups if g.path and not plan.path], artifact)


def _coordinate(group: Any, name: str, dims: tuple[str, ...], values: np.ndarray) -> None:
    text = values.dtype.kind in "UO"
    array = group.create_array(
        name,
        shape=values.shape,
        dtype=str if text else values.dtype,
        chunks=tuple(max(1, n) for n in values.shape),
        compressors=(compression.CHECKED,),
        dimension_names=dims,
        config={"write_empty_chunks": True},
    )
    array[...] = values.astype(object) if text else values


def _array(group: Any, section: Section, array: ArrayPlan) -> None:
    """Sharded numbers; text in one chunk."""
    text = np.dtype(array.dtype).kind in "UO"
    plain = text or not array.shape
    whole = tuple(max(1, n) for n in array.shape)
    group.create_array(
        array.name,
        shape=array.shape,
        dtype=str if text else array.dtype,
        chunks=whole if plain else section.chunk(array),
        shards=None if plain else section.shard(array),
        compressors=(compression.CHECKED,) if text else compression.CODECS[section.compression],
        fill_value="" if text else array.fill,
        dimension_names=array.dims,
        config={"write_empty_chunks": True},
    )


def _seal(folder: Path, plan: GroupPlan, below: list[GroupPlan], artifact: str) -> None:
    """The group's own records, over the files just made. The seal names sections and groups, so that none is lost."""
    attributes = digest.of_bytes((folder / records.FILE).read_bytes())
    sections = {section.label: section.fingerprint for section in plan.sections}
    groups = {group.path: group.fingerprint for group in below}
    seal.write(folder, Seal(plan.path, attributes, sections, groups, plan.fingerprint, artifact))
    for section in plan.sections:
        records.write(folder / "commit" / section.label, describe(section, plan, folder, artifact))


def describe(section: Section, plan: GroupPlan, folder: Path, artifact: str) -> dict[str, Any]:
    """A section's record: enough to check everything in it without the function."""
    metadata = [*plan.coordinates, *(a.name for a in section.arrays)]
    return {
        "section": section.label,
        "fingerprint": section.fingerprint,
        "artifact": artifact,
        "arrays": [a.name for a in section.arrays],
        "dims": list(section.dims),
        "shape": list(section.shape),
        "cut": list(section.cut),
        "metadata": {n: digest.of_bytes((folder / n / records.FILE).read_bytes()) for n in metadata},
        "coordinates": {n: digest.of_array(v) for n, (_, v) in plan.coordinates.items()},
    }


def _is_for_others(existing: Path, group: GroupPlan) -> bool:
    """Whether a group below the root was made for other inputs: nothing of it can be kept.

    A damaged record says nothing of that. The sections of a group share their inputs, so one whole record is enough.
    """
    if not group.path or not existing.exists():
        return False
    known = {_fingerprint(existing / "commit" / section.label) for section in group.sections} - {None}
    return known != {section.fingerprint for section in group.sections}


def _fingerprint(place: Path) -> str | None:
    try:
        return (records.read(place) or {}).get("fingerprint")
    except IntegrityError:
        return None


def _move(staging: Path, artifact: Path) -> None:
    if not artifact.exists():
        staging.rename(artifact)
        records.sync(artifact.parent)
        return
    for source in sorted(staging.rglob("*"), key=_coordinates_first):
        target = artifact / source.relative_to(staging)
        if source.is_file() and (not target.is_file() or target.read_bytes() != source.read_bytes()):
            target.parent.mkdir(parents=True, exist_ok=True)
            records.sync(source)
            source.replace(target)


def _coordinates_first(path: Path) -> tuple[bool, str]:
    """Records last, so that an interrupted repair is seen as damage and repaired again."""
    return "commit" in path.parts, str(path)
