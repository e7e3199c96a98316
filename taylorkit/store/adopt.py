"""Taking a block that another artifact holds: its files under a second name where the disk can, copied where not.

Shards are only ever replaced whole, by a rename: what one artifact writes later never shows in the other.
"""

import os
import shutil
import uuid
from pathlib import Path

from taylorkit import digest
from taylorkit.errors import IntegrityError
from taylorkit.grid import Block
from taylorkit.store import records
from taylorkit.store.checked import Checked
from taylorkit.store.section import SectionStore, Written


def adopted(own: SectionStore, source: SectionStore, block: Block) -> bool:
    """Whether `own` has the block now, committed, from a `source` of the same inputs.

    Raises OSError where the store cannot be written.
    """
    written = _linked(own, source, block) if _is_stored_alike(own, source) else _copied(own, source, block)
    if written is not None:
        own.commit(written)
    return written is not None


def _is_stored_alike(own: SectionStore, source: SectionStore) -> bool:
    a, b = own.record, source.record
    return a["cut"] == b["cut"] and all(a["metadata"][n] == b["metadata"].get(n) for n in own.arrays)


def _linked(own: SectionStore, source: SectionStore, block: Block) -> Written | None:
    """Checked where it is to stay: what becomes of the source meanwhile does not matter."""
    try:
        digests = source.digests(block)
        if digests is None:
            return None
        files = [_placed(own, source, name, block) for name in own.arrays if own.array(name).size]
        whole = all(digest.of_array(own.read_block(name, block)) == digests[name] for name in own.arrays)
    except (IntegrityError, OSError):
        return None  # then it is computed, and the store's own faults are said there
    return Written(block, digests, files) if whole else None


def _placed(own: SectionStore, source: SectionStore, name: str, block: Block) -> Path:
    found, file = source.shard(name, block), own.shard(name, block)
    records.make_folders(own.folder / name, file.parent)
    partial = file.with_name(f".{file.name}.{uuid.uuid4().hex}.partial")
    try:
        _link_or_copy(found, partial, is_shard=own.array(name).shards is not None)
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)  # it stays where both are one file already
    return file


def _link_or_copy(source: Path, target: Path, is_shard: bool) -> None:
    """Zarr itself writes what is no shard, into the file that is there: so that is never shared."""
    if is_shard:
        try:
            os.link(source, target, follow_symlinks=False)
            return
        except OSError:
            pass  # a disk without links, or with too many of this file
    shutil.copyfile(source, target)


def _copied(own: SectionStore, source: SectionStore, block: Block) -> Written | None:
    """Values that are stored otherwise there: in other blocks, or compressed by another codec."""
    try:
        values = {name: Checked(source, name).over(block.region) for name in own.arrays}
    except IntegrityError:
        return None
    return own.write(block, values)
