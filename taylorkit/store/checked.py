"""Values of a section that are what was committed: each block is compared with its record before it gives any."""

from typing import Any

import numpy as np

from taylorkit.errors import IntegrityError
from taylorkit.grid import Block, blocks
from taylorkit.store.section import SectionStore


class Checked:
    """The array `name` of a section, by basic indices; a block is checked when something of it is first wanted.

    Indexing raises IntegrityError where a block was never committed, or is no longer what was: stored arrays would
    show their fill values there, or another block's numbers.
    """

    def __init__(self, section: SectionStore, name: str):
        self._section, self._name = section, name
        self.array = section.array(name)
        self._done: set[tuple[int, ...]] = set()

    def __getitem__(self, key: tuple[int | slice, ...]) -> np.ndarray:
        """Values by an index or a slice for each axis."""
        record = self._section.record
        shape, cut = tuple(record["shape"]), tuple(record["cut"])
        touched = list(map(_touched, key[len(key) - len(shape) :], shape, cut))
        for block in blocks(shape, cut, touched):
            if block.index not in self._done:
                self._check(block)
        try:
            return np.asarray(self.array[key])
        except MemoryError as error:
            raise IntegrityError(f"{self._place}: is larger than the memory that there is") from error
        except OSError as error:
            raise IntegrityError(f"{self._place}: cannot be read ({error})") from error

    def over(self, region: tuple[slice, ...], *first: slice) -> np.ndarray:
        """Values of a part of the grid; of the axes before those of the grid the `first` ones may be cut, too."""
        whole = (slice(None),) * (self.array.ndim - len(region) - len(first))
        return self[(*first, *whole, *region)]

    def _check(self, block: Block) -> None:
        problem, cause = self._section.examined(block, [self._name])
        if problem:
            raise IntegrityError(
                f"{self._section.folder}: {self._section.label} block {block.name or 'whole'} {problem}; "
                "run the spec again to compute it"
            ) from cause
        self._done.add(block.index)

    @property
    def _place(self) -> Any:
        return self._section.folder / self._name


def _touched(key: int | slice, length: int, cut: int) -> range:
    """The blocks that an index or slice touches, along an axis of `length` that is cut in pieces of `cut`."""
    chosen = range(*key.indices(length)) if isinstance(key, slice) else range(int(key), int(key) + 1)
    return range(min(chosen[0], chosen[-1]) // cut, max(chosen[0], chosen[-1]) // cut + 1) if chosen else range(0)
