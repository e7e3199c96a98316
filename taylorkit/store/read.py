"""Opening an artifact as an xarray.Dataset that checks digests as it reads."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from xarray.backends import BackendArray
from xarray.core import indexing

from taylorkit.errors import IntegrityError, SpecError
from taylorkit.store.section import SectionStore
from taylorkit.store.tree import attributes, evaluations, existing, sections
from taylorkit.store.verify import metadata_problems, seal_problems

NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


def open(path: str | Path, evaluation: str | None = None) -> xr.Dataset:
    """The artifact, or one of its evaluations, lazily.

    Values are checked block by block when they are first read. Raises IntegrityError where a record is missing or
    stored bytes are not what was written (plain `xarray.open_zarr` shows NaN there, or wrong numbers), SpecError for an
    evaluation that the artifact does not have.
    """
    artifact = existing(path)
    root = _dataset(artifact)
    if evaluation is None:
        return root
    names = evaluations(artifact)
    if not NAME.fullmatch(evaluation) or evaluation not in names:
        raise SpecError(f"evaluation = {evaluation!r}: {artifact} has {', '.join(names) or 'none'}")
    dataset = _dataset(artifact / "evaluation" / evaluation)
    return dataset.assign_attrs({**root.attrs, **dataset.attrs})


def _dataset(group: Path) -> xr.Dataset:
    _require(seal_problems(group))
    coordinates: dict[str, xr.Variable] = {}
    variables: dict[str, xr.Variable] = {}
    for section in sections(group):
        _require(metadata_problems(section))
        for name in section.record["coordinates"]:
            coordinates[name] = _loaded(section, name)
        for name in section.arrays:
            lazy = indexing.LazilyIndexedArray(CheckedArray(section, name))
            variables[name] = xr.Variable(_dims(section, name), lazy)
    data = {n: v for n, v in coordinates.items() if n == "exponent"}
    coords = {n: v for n, v in coordinates.items() if n != "exponent"}
    return xr.Dataset({**variables, **data}, coords, attributes(group))


def _require(problems: Iterator[str]) -> None:
    """Raise IntegrityError for the first of them, if there is one."""
    if problem := next(problems, None):
        raise IntegrityError(f"{problem}; run the spec again to repair it")


def _dims(section: SectionStore, name: str) -> tuple[str, ...]:
    return tuple(section.array(name).metadata.dimension_names or ())


def _loaded(section: SectionStore, name: str) -> xr.Variable:
    return xr.Variable(_dims(section, name), section.read(name, ()))


class CheckedArray(BackendArray):
    """An array of a section that compares each block with its record before it hands out values from it."""

    def __init__(self, section: SectionStore, name: str):
        self.section, self.name = section, name
        self._array = section.array(name)
        self.shape = self._array.shape
        self.dtype = np.dtype(object) if self._array.dtype.kind in "UOT" else self._array.dtype
        self._checked: set[tuple[int, ...]] = set()

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Any:
        return indexing.explicit_indexing_adapter(key, self.shape, indexing.IndexingSupport.BASIC, self._read)

    def _read(self, key: tuple[Any, ...]) -> np.ndarray:
        shape = self.section.record["shape"]
        places = key[len(key) - len(shape) :]
        for block in self.section.blocks():
            touched = all(map(_meets, places, block.region, shape))
            if touched and block.index not in self._checked:
                self._check(block)
        values = self._array[key]
        return np.asarray(values, self.dtype)

    def _check(self, block: Any) -> None:
        if problem := self.section.problem(block, [self.name]):
            raise IntegrityError(
                f"{self.section.folder}: {self.section.label} block {block.name or 'whole'} {problem}; "
                "run the spec again to compute it"
            )
        self._checked.add(block.index)


def _meets(key: Any, region: slice, length: int) -> bool:
    """Whether an index or slice along an axis of `length` touches a block's range."""
    if not isinstance(key, slice):
        return region.start <= int(key) < region.stop
    chosen = range(*key.indices(length))
    return bool(chosen) and min(chosen) < region.stop and region.start <= max(chosen)
