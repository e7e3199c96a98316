"""Opening an artifact as an xarray.Dataset that checks digests as it reads."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from xarray.backends import BackendArray
from xarray.core import indexing

from taylorkit.errors import IntegrityError, SpecError
from taylorkit.grid import blocks
from taylorkit.multi_index import count, highest_order
from taylorkit.store.section import SectionStore
from taylorkit.store.tree import NAME, attributes, evaluations, existing, sections
from taylorkit.store.verify import metadata_problems, seal_problems

# What an evaluation says of itself, where its run says something else by the same name.
OWN = frozenset(["fingerprint"])


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
    # What is said of the run, an evaluation does not say otherwise.
    own = {name: value for name, value in dataset.attrs.items() if name in OWN or name not in root.attrs}
    return dataset.assign_attrs({**root.attrs, **own})


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
    try:
        dataset = xr.Dataset({**variables, **data}, coords, attributes(group))
    except ValueError as error:
        raise IntegrityError(f"{group}: its arrays do not fit together ({error})") from error
    _require_terms(group, dataset)
    return dataset


def _require_terms(group: Path, dataset: xr.Dataset) -> None:
    """The order that is told must be that of the terms which are there: readers take factorials up to it."""
    if dataset.attrs.get("kind") != "taylor":
        return
    order, variables = dataset.attrs.get("order"), len(dataset.attrs["variables"])
    exponent = dataset["exponent"].values if "exponent" in dataset else np.full((1, 1), -1)
    told = (
        order is not None
        and order <= highest_order(sys.float_info.max)
        and exponent.shape == (count(variables, order), variables)
    )
    if not told or exponent.dtype.kind != "i" or exponent.min() < 0 or exponent.sum(axis=1).max() > order:
        raise IntegrityError(f"{group}: has no terms of {variables} variables up to order {order}")


def _require(problems: Iterator[str]) -> None:
    """Raise IntegrityError for the first of them, if there is one."""
    if problem := next(problems, None):
        raise IntegrityError(f"{problem}; run the spec again to repair it")


def _dims(section: SectionStore, name: str) -> tuple[str, ...]:
    return tuple(section.array(name).metadata.dimension_names or ())


def _loaded(section: SectionStore, name: str) -> xr.Variable:
    return xr.Variable(_dims(section, name), section.whole(name))


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
        touched = list(map(_touched, places, shape, self.section.record["cut"]))
        for block in blocks(tuple(shape), tuple(self.section.record["cut"]), touched):
            if block.index not in self._checked:
                self._check(block)
        try:
            return np.asarray(self._array[key], self.dtype)
        except MemoryError as error:
            raise IntegrityError(
                f"{self.section.folder / self.name}: is larger than the memory that there is"
            ) from error

    def _check(self, block: Any) -> None:
        if problem := self.section.problem(block, [self.name]):
            raise IntegrityError(
                f"{self.section.folder}: {self.section.label} block {block.name or 'whole'} {problem}; "
                "run the spec again to compute it"
            )
        self._checked.add(block.index)


def _touched(key: Any, length: int, cut: int) -> range:
    """The blocks that an index or slice touches, along an axis of `length` that is cut in pieces of `cut`."""
    chosen = range(*key.indices(length)) if isinstance(key, slice) else range(int(key), int(key) + 1)
    return range(min(chosen[0], chosen[-1]) // cut, max(chosen[0], chosen[-1]) // cut + 1) if chosen else range(0)
