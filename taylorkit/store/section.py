"""A section of an artifact at work: which blocks are committed, writing one, reading it back checked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import zarr

from taylorkit import digest
from taylorkit.errors import IntegrityError
from taylorkit.grid import Block, blocks
from taylorkit.store import description, records, shard
from taylorkit.store.metadata import require_plain_array, require_stored

# What `create.describe` writes; `artifact` since format 2.
FIELDS = frozenset("section fingerprint arrays dims shape cut metadata coordinates artifact".split())
FORMAT_1 = FIELDS - {"artifact"}


@dataclass(frozen=True)
class Written:
    """A block that was written and is not committed yet: the digest of each array's values, and its files."""

    block: Block
    digests: dict[str, str]
    files: list[Path]


@dataclass(frozen=True)
class SectionStore:
    """The section `label` of the group at `folder`. Everything it knows, it reads from its record.

    Who runs says which inputs were `planned`, and of which `artifact` (the fingerprint of its plan): what is there for
    others is neither read nor written. Readers say neither.
    """

    folder: Path
    label: str
    planned: str = ""
    artifact: str = ""

    @cached_property
    def record(self) -> dict[str, Any]:
        """The section's own record. Raises IntegrityError where it is missing, damaged or of other inputs."""
        return self._found()

    def _found(self) -> dict[str, Any]:
        place = self.folder / "commit" / self.label
        found = records.read(place)
        if found is None:
            raise IntegrityError(
                f"{self.folder}: has no section {self.label!r}; it was never created, is damaged, or the store went "
                "away: see that it is there and run the spec again"
            )
        if found.keys() not in (FIELDS, FORMAT_1) or found["section"] != self.label:
            raise IntegrityError(f"{place}: is not the record of section {self.label!r}; run the spec again to make it")
        if wrong := description.problem(found):
            raise IntegrityError(f"{place}: {wrong}; no record that taylorkit wrote")
        self._require_planned(found)
        return found

    def _require_planned(self, found: dict[str, Any]) -> None:
        told = {"inputs": (self.planned, found["fingerprint"]), "artifact": (self.artifact, found.get("artifact", ""))}
        for what, (planned, there) in told.items():
            if planned and planned != there:
                raise IntegrityError(
                    f"{self.folder}: section {self.label!r} is there for other inputs than were planned ({what} "
                    f"{there[:12] or 'of format 1'}, not {planned[:12]}); nothing is written: run the spec again"
                )

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
            require_plain_array(self.folder / name)
            try:
                self._opened[name] = zarr.open_array(str(self.folder), path=name, mode="r", zarr_format=3)
            except Exception as error:  # whatever Zarr raises over metadata that pass for ours
                raise IntegrityError(f"{self.folder / name}: cannot be opened ({error})") from error
            if name in self.arrays and not self._fits(self._opened[name]):
                raise IntegrityError(f"{self.folder / name}: is not over the blocks that {self.label} is made of")
        return self._opened[name]

    def _fits(self, array: zarr.Array) -> bool:
        """Whether its last dimensions are the section's grid, and each shard a block."""
        cut, shape = tuple(self.record["cut"]), tuple(self.record["shape"])
        lead = array.ndim - len(cut)
        shards = array.shards is None or array.shards == (*(max(1, n) for n in array.shape[:lead]), *cut)
        return lead >= 0 and array.shape[lead:] == shape and shards

    def read(self, name: str, region: tuple[Any, ...]) -> np.ndarray:
        """Values of an array; `region` is over the block dimensions, leading ones are whole."""
        try:
            return np.asarray(self.array(name)[(..., *region)])
        except IntegrityError:
            raise
        except Exception as error:  # whatever Zarr and its codecs raise, MemoryError among it
            raise IntegrityError(f"{self.folder / name}: cannot be decoded ({error})") from error

    def whole(self, name: str) -> np.ndarray:
        """All values of an array that is one chunk, as coordinates and summaries are."""
        array = self.array(name)
        require_stored(self.folder.joinpath(name, "c", *["0"] * array.ndim), prod(array.shape) * array.dtype.itemsize)
        return self.read(name, ())

    def read_block(self, name: str, block: Block) -> np.ndarray:
        """An array's values in one block; no more than its shard can hold is made room for."""
        array = self.array(name)
        lead = array.shape[: array.ndim - len(block.shape)]
        require_stored(self.shard(name, block), prod((*lead, *block.shape)) * array.dtype.itemsize)
        return self.read(name, block.region)

    def write(self, block: Block, values: Mapping[str, np.ndarray]) -> Written:
        """Write every array's block. It is not committed: it may not have reached the disk, and has no record."""
        self._check_aligned(block)
        found = {name: self._put(name, block, values[name]) for name in self.arrays}
        files = [self.shard(name, block) for name in self.arrays if values[name].size]
        return Written(block, found, files)

    def commit(self, written: Written) -> None:
        """See a block reach the disk, then write its record: only then is it committed.

        Raises IntegrityError where the section has become one of other inputs meanwhile.
        """
        self._found()
        for file in written.files:
            records.sync(file)
            records.sync(file.parent)
        records.write(self._place(written.block), self._content(written.block, written.digests))

    def _put(self, name: str, block: Block, values: np.ndarray) -> str:
        """Write one array's block, not synced; the digest of its values."""
        array = self.array(name)
        if values.size:
            records.make_folders(self.folder / name, self.shard(name, block).parent)
        if values.size and array.shards is not None:
            return shard.write(self.shard(name, block), array, values)
        if values.size:
            # One chunk, written where it equals the fill value, too: one that is not there must mean that it was lost.
            whole = zarr.open_array(str(self.folder), path=name, mode="r+", zarr_format=3)
            whole.with_config({"write_empty_chunks": True})[...] = values
        return digest.of_array(values)

    def problem(self, block: Block, names: list[str] | None = None) -> str | None:
        """What is wrong with a block; None where each array's values are those that were committed."""
        return self.examined(block, names)[0]

    def examined(self, block: Block, names: list[str] | None = None) -> tuple[str | None, Exception | None]:
        """`problem`, and the error that it was, if it was one: what may pass is tried again by who asked."""
        try:
            return self._wrong(block, names or self.arrays), None
        except IntegrityError as error:
            return f"is damaged: {error}", error
        except OSError as error:
            return f"cannot be read ({error})", error

    def at_a_glance(self, block: Block) -> str | None:
        """What is wrong with a block, as far as its record and the sizes of its files tell: no value is read."""
        try:
            return self._lacking(block, records.read(self._place(block)), self.arrays)
        except (IntegrityError, OSError) as error:
            return f"is damaged: {error}"

    def _wrong(self, block: Block, names: list[str]) -> str | None:
        record: Any = records.read(self._place(block))
        if problem := self._lacking(block, record, names):
            return problem
        for name in names:
            if record["digests"][name] != digest.of_array(self.read_block(name, block)):
                return f"holds values of {name} that are not those that were written"
        return None

    def _lacking(self, block: Block, record: dict[str, Any] | None, names: list[str]) -> str | None:
        if record is None:
            return "was never committed"
        if not self._is_of(block, record):
            return "has the record of another block or of other inputs"
        lost = (n for n in names if self.array(n).size and not _holds_bytes(self.shard(n, block)))
        return next((f"has lost its values of {name}" for name in lost), None)

    def missing(self) -> list[Block]:
        """The blocks that must be computed: never committed, or no longer what was committed."""
        return [block for block in self.blocks() if self.problem(block)]

    def is_finished(self) -> bool:
        """Whether every block has a record; whether its values are still those, only reading them tells."""
        return all((self._place(block) / records.FILE).is_file() for block in self.blocks())

    def uncommitted(self) -> Iterator[tuple[Block, Path]]:
        """Blocks that have values and no record, each with one of the files that hold them."""
        for block in self.blocks():
            if not (self._place(block) / records.FILE).exists():
                file = next((f for f in (self.shard(name, block) for name in self.arrays) if f.exists()), None)
                if file:
                    yield block, file

    def digests(self, block: Block) -> dict[str, str] | None:
        """What was committed of a block: the digest of each array's values. None where nothing was."""
        record = records.read(self._place(block))
        return record["digests"] if record is not None and self._is_of(block, record) else None

    def _is_of(self, block: Block, record: dict[str, Any]) -> bool:
        found: Any = record.get("digests")
        named = isinstance(found, dict) and found.keys() == set(self.arrays)
        return named and record == self._content(block, found)

    def _content(self, block: Block, digests: dict[str, str]) -> dict[str, Any]:
        artifact = {"artifact": self.record["artifact"]} if "artifact" in self.record else {}
        return {
            "section": self.label,
            "block": list(block.index),
            "fingerprint": self.record["fingerprint"],
            "digests": digests,
            **artifact,
        }

    def _place(self, block: Block) -> Path:
        return self.folder / "commit" / self.label / (block.name or "whole")

    def shard(self, name: str, block: Block) -> Path:
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
