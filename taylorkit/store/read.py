"""Opening an artifact as an xarray.Dataset that checks digests as it reads."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from xarray.backends import BackendArray
from xarray.core import indexing

import taylorkit.accessor  # noqa: F401  (brings ds.taylor along)
from taylorkit.errors import IntegrityError, SpecError
from taylorkit.multi_index import count, highest_order
from taylorkit.store.checked import Checked
from taylorkit.store.netcdf import Dataset
from taylorkit.store.section import SectionStore
from taylorkit.store.tree import NAME, attributes, evaluations, existing, sections
from taylorkit.store.verify import metadata_problems, seal_problems

# What an evaluation says of itself, where its run says something else by the same name.
OWN = frozenset(["fingerprint"])
Variables = Mapping[str, xr.Variable]


def open(path: str | Path, evaluation: str | None = None) -> xr.Dataset:
    """The artifact, or one of its evaluations, lazily.

    Values are checked block by block when they are first read. Raises IntegrityError where a record is missing or
    stored bytes are not what was written (plain `xarray.open_zarr` shows NaN there, or wrong numbers), SpecError for an
    evaluation that the artifact does not have. The dataset can be written to netCDF: attributes with parts become JSON
    text there.

    >>> import tempfile
    >>> import taylorkit as tk
    >>> from taylorkit import pipeline
    >>> with tempfile.TemporaryDirectory() as store:
    ...     job = pipeline.plan("data/specs/mml-5-15.toml", store=store)
    ...     done = pipeline.run(job)
    ...     ds = tk.open(job.artifact)
    ...     ds.derivatives.sel(term="x y").item(), ds.taylor.gradient().values.squeeze().tolist()
    (2.0, [6.0, 14.0])
    """
    try:
        return _opened(existing(path), evaluation)
    except OSError as error:
        raise IntegrityError(f"{path}: cannot be read ({error})") from error


def _opened(artifact: Path, evaluation: str | None) -> xr.Dataset:
    root = _dataset(artifact)
    root.encoding["source"] = str(artifact)
    if evaluation is None:
        return root
    names = evaluations(artifact)
    if not NAME.fullmatch(evaluation) or evaluation not in names:
        raise SpecError(f"evaluation = {evaluation!r}: {artifact} has {', '.join(names) or 'none'}")
    dataset = _dataset(artifact / "evaluation" / evaluation)
    dataset.encoding["source"] = str(artifact)
    return of_run(root, dataset)


def of_run(root: xr.Dataset, evaluation: xr.Dataset) -> xr.Dataset:
    """The evaluation with what is said of its run, too: that it does not say otherwise."""
    own = {name: value for name, value in evaluation.attrs.items() if name in OWN or name not in root.attrs}
    return evaluation.assign_attrs({**root.attrs, **own})


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
    try:
        dataset = assembled(variables, coordinates, attributes(group))
    except ValueError as error:
        raise IntegrityError(f"{group}: its arrays do not fit together ({error})") from error
    _require_terms(group, dataset)
    return dataset


def assembled(variables: Variables, coordinates: Variables, attributes: Mapping[str, Any]) -> xr.Dataset:
    """A group's arrays and coordinates as one dataset. Raises ValueError where they do not fit together."""
    data = {n: v for n, v in coordinates.items() if n == "exponent"}
    coords = {n: v for n, v in coordinates.items() if n != "exponent"}
    return Dataset({**variables, **data}, coords, attributes)


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
    """An array of a section as xarray reads it: see `Checked`."""

    def __init__(self, section: SectionStore, name: str):
        self._checked = Checked(section, name)
        array = self._checked.array
        self.shape = array.shape
        self.dtype = np.dtype(object) if array.dtype.kind in "UOT" else array.dtype

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Any:
        return indexing.explicit_indexing_adapter(key, self.shape, indexing.IndexingSupport.BASIC, self._read)

    def _read(self, key: tuple[Any, ...]) -> np.ndarray:
        return np.asarray(self._checked[key], self.dtype)
