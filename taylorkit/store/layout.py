"""The shape of an artifact on disk: groups, the sections of each, the arrays of each section.

A group is a Zarr group with attributes, coordinates and sections. A section is a set of arrays that are committed
together, block by block; its fingerprint says what determines them. Records lie beside the arrays, as Zarr groups whose
attributes they are, so that the tree stays a valid hierarchy:

    <group>/zarr.json                      attributes
    <group>/<array>/                       coordinates and arrays
    <group>/commit/zarr.json               seal: which group of which artifact, digest of its attributes, what is in it
    <group>/commit/<section>/zarr.json     what the section is: arrays, blocks, digests of metadata and coordinates
    <group>/commit/<section>/<block>/      one record a committed block: a digest of each array's values

An array's block dimensions are its last ones; the leading ones (term, degree, output) are whole in every block.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np

from taylorkit import digest
from taylorkit.grid import Block, blocks

# Inner chunks hold at least this many bytes where there is that much to hold.
CHUNK_BYTES = 2**16


@dataclass(frozen=True)
class ArrayPlan:
    """One array: names and lengths of its dimensions, its dtype, and what an uncommitted place reads as."""

    name: str
    dims: tuple[str, ...]
    shape: tuple[int, ...]
    dtype: Any
    fill: Any = np.nan


@dataclass(frozen=True)
class Section:
    """Arrays that are committed together, over blocks of shape `cut` of a grid `dims` × `shape`.

    What is `measured` (a timing) comes out otherwise each time, so that two runs at once must not write it together.
    `compression` is a name of `compression.CODECS`.
    """

    label: str
    fingerprint: str
    arrays: tuple[ArrayPlan, ...]
    dims: tuple[str, ...] = ()
    shape: tuple[int, ...] = ()
    cut: tuple[int, ...] = ()
    measured: bool = False
    compression: str = "lz4"

    def blocks(self) -> Iterator[Block]:
        return blocks(self.shape, self.cut)

    @property
    def block_count(self) -> int:
        """How many blocks there are, without going through them."""
        return prod(-(-n // c) for n, c in zip(self.shape, self.cut, strict=True))

    @property
    def block_bytes(self) -> int:
        """What the values of a block take."""
        return sum(prod(self.shard(a)) * np.dtype(a.dtype).itemsize for a in self.arrays)

    @property
    def bytes(self) -> int:
        """What all its values take."""
        return sum(prod(a.shape) * np.dtype(a.dtype).itemsize for a in self.arrays)

    def shard(self, array: ArrayPlan) -> tuple[int, ...]:
        """One block of the array: its leading dimensions whole."""
        lead = len(array.shape) - len(self.cut)
        return tuple(max(1, n) for n in array.shape[:lead]) + self.cut

    def chunk(self, array: ArrayPlan) -> tuple[int, ...]:
        """A row of the leading dimension, or several where they are small: it must divide the shard."""
        shard = self.shard(array)
        row = prod(shard[1:]) * np.dtype(array.dtype).itemsize
        wanted = max(1, CHUNK_BYTES // row)
        rows = max(n for n in range(1, shard[0] + 1) if shard[0] % n == 0 and n <= wanted)
        is_leading = len(array.shape) > len(self.cut)
        return (rows, *shard[1:]) if is_leading else shard


@dataclass(frozen=True)
class GroupPlan:
    """A group at `path` below the artifact ("" is its root)."""

    path: str
    attributes: dict[str, Any]
    coordinates: dict[str, tuple[tuple[str, ...], np.ndarray]] = field(default_factory=dict)
    sections: tuple[Section, ...] = ()

    @property
    def fingerprint(self) -> str:
        """The group's own, as its attributes say it."""
        return str(self.attributes.get("fingerprint", ""))


def of_plan(groups: Sequence[GroupPlan], spec: dict[str, Any] | None = None) -> str:
    """The fingerprint of all that an artifact of these groups holds: runs with one share a path, others never do.

    Without the words that a release may change: warnings, and the text of the program, whose hash stands beside it; and
    without the format, since what is there keeps its own. `spec` is what is said of the
    spec instead of the root's attribute, which holds defaults, too.
    """
    told = {
        group.path: {
            "attributes": _told(group.attributes, spec),
            "sections": {section.label: section.fingerprint for section in group.sections},
        }
        for group in groups
    }
    return digest.fingerprint("plan", told)


def _told(attributes: dict[str, Any], spec: dict[str, Any] | None) -> dict[str, Any]:
    told = {name: value for name, value in attributes.items() if name not in ("format", "warnings")}
    if "function" in told:
        told["function"] = {name: value for name, value in told["function"].items() if name != "program"}
    return {**told, "spec": spec} if spec is not None and "spec" in told else told
