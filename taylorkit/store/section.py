"""A section of an artifact at work: which blocks are committed, writing one, reading it back checked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import zarr

from taylorkit import digest
from taylorkit.errors import IntegrityError
from taylorkit.grid import Block, blocks
from taylorkit.store import records, shard

# What `create.describe` writes.
FIELDS = frozenset("section fingerprint arrays dims shape cut digested metadata coordinates".split())


@dataclass(frozen=True)
class Written:
    """A block that was written and is not committed yet: the digest of each array's values, and its files."""

    block: Block
    digests: dict[str, str | None]
    files: list[Path]


@dataclass(frozen=True)
class SectionStore:
    """The section `label` of the group at `folder`. Everything it knows, it reads from its record."""

    folder: Path
    label: str

    @cached_property
    def record(self) -> dict[str, Any]:
        """The section's own record. Raises IntegrityError where it is missing or damaged."""
        place = self.folder / "commit" / self.label
        found = records.read(place)
        if found is None:
            raise IntegrityError(
                f"{self.folder}: has no section {self.label!r}; it was never created, is damaged, or the store went "
                "away: see that it is there and run the spec again"
            )
        if found.keys() != FIELDS or found["section"] != self.label:
            raise IntegrityError(f"{place}: is not the record of section {self.label!r}; run the spec again to make it")
        names = [*found["arrays"], *found["metadata"], *found["coordinates"]]
        if outside := [name for name in names if not str(name).isidentifier()]:
            raise IntegrityError(f"{place}: names {outside[0]!r}, which is no array of this group")
        return found

    @property
    def arrays(self) -> list[str]:
        return self.record["arrays"]

    def blocks(self) -> Iterator[Block]:
        return blocks(tuple(self.record["shape"]), tuple(self.record["cut"]))

    @cached_property
    def _opened(self) -> dict[str, zarr.Array]:
        return {}

    def array(self, name: str) -> zarr.Array:
        """An array; its metadata is read once."""
        if name not in self._opened:
            self._opened[name] = zarr.open_array(str(self.folder), path=name, mode="r+", zarr_format=3)
        return self._opened[name]

    def read(self, name: str, region: tuple[Any, ...]) -> np.ndarray:
        """Values of an array; `region` is over the block dimensions, leading ones are whole."""
        try:
            return np.asarray(self.array(name)[(..., *region)])
        except (ValueError, RuntimeError, OSError, LookupError, TypeError) as error:
            raise IntegrityError(f"{self.folder / name}: cannot be decoded ({error})") from error

    def write(self, block: Block, values: Mapping[str, np.ndarray]) -> Written:
        """Write every array's block. It is not committed: it may not have reached the disk, and has no record."""
        self._check_aligned(block)
        found = {name: self._put(name, block, values[name]) for name in self.arrays}
        files = [self._shard(name, block) for name in self.arrays if values[name].size]
        digested = self.record["digested"]
        return Written(block, {name: value if digested else None for name, value in found.items()}, files)

    def commit(self, written: Written) -> None:
        """See a block reach the disk, then write its record: only then is it committed."""
        for file in written.files:
            records.sync(file)
            records.sync(file.parent)
        records.write(self._place(written.block), self._content(written.block, written.digests))

    def _put(self, name: str, block: Block, values: np.ndarray) -> str:
        """Write one array's block, not synced; the digest of its values."""
        array = self.array(name)
        if values.size:
            records.make_folders(self.folder / name, self._shard(name, block).parent)
        if values.size and array.shards is not None:
            return shard.write(self._shard(name, block), array, values)
        if values.size:
            # One chunk, written where it equals the fill value, too: one that is not there must mean that it was lost.
            array.with_config({"write_empty_chunks": True})[...] = values
        return digest.of_array(values)

    def problem(self, block: Block, names: list[str] | None = None) -> str | None:
        """What is wrong with a block; None where each array's values are those that were committed."""
        try:
            record = records.read(self._place(block))
            if record is None:
                return "was never committed"
            digests: Any = record.get("digests")
            named = isinstance(digests, dict) and digests.keys() == set(self.arrays)
            if not named or record != self._content(block, digests):
                return "has the record of another block or of other inputs"
            for name in names or self.arrays:
                values = self.read(name, block.region)
                # Lost and emptied files read as the fill value, which the values may well be.
                if values.size and not _holds_bytes(self._shard(name, block)):
                    return f"has lost its values of {name}"
                if digests[name] not in (None, digest.of_array(values)):
                    return f"holds values of {name} that are not those that were written"
        except IntegrityError as error:
            return f"is damaged: {error}"
        return None

    def missing(self) -> list[Block]:
        """The blocks that must be computed: never committed, or no longer what was committed."""
        return [block for block in self.blocks() if self.problem(block)]

    def _content(self, block: Block, digests: dict[str, str | None]) -> dict[str, Any]:
        return {
            "section": self.label,
            "block": list(block.index),
            "fingerprint": self.record["fingerprint"],
            "digests": digests,
        }

    def _place(self, block: Block) -> Path:
        return self.folder / "commit" / self.label / (block.name or "whole")

    def _shard(self, name: str, block: Block) -> Path:
        """The file of the one shard that holds an array's block."""
        lead = self.array(name).ndim - len(block.index)
        return self.folder.joinpath(name, "c", *["0"] * lead, *map(str, block.index))

    def _check_aligned(self, block: Block) -> None:
        """Two writers of one shard lose data without a word, so a block is whole shards or nothing."""
        for region, cut, n in zip(block.region, self.record["cut"], self.record["shape"], strict=True):
            if region.start % cut or region.stop not in (region.start + cut, n):
                raise IntegrityError(f"block {block.name}: {block.region} is not made of whole shards of {cut}")


def _holds_bytes(file: Path) -> bool:
    return file.is_file() and file.stat().st_size > 0
