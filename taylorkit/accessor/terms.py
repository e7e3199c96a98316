"""Which stored term is meant, and the tensors that the terms fill."""

from typing import Any

import numpy as np
import xarray as xr

from taylorkit import multi_index, naming, shown
from taylorkit.errors import SpecError
from taylorkit.polynomial import order_of


def variables(dataset: xr.Dataset) -> tuple[str, ...]:
    """The names of the variables. Raises SpecError where the dataset holds no derivatives."""
    if missing := [name for name in ("derivatives", "exponent", "variable") if name not in dataset.variables]:
        found = dataset.attrs.get("evaluation")
        whose = "this dataset" if found is None else f"the evaluation {shown.value(found)}"
        raise SpecError(f"{whose} has no {missing[0]!r}: ask the root of an artifact, as taylorkit.open(path) gives it")
    return tuple(map(str, dataset["variable"].values))


def order(dataset: xr.Dataset) -> int:
    """The order up to which all terms are there, in their order. Raises SpecError where they are not."""
    names, exponent = variables(dataset), _exponent(dataset)
    try:
        found = order_of(len(names), len(exponent))
    except SpecError:
        found = -1
    if found < 0 or not np.array_equal(exponent, multi_index.multi_indices(len(names), found)):
        raise SpecError(
            f"term: {len(exponent)} terms in {len(names)} variables, which are not all up to some degree, in their "
            "order; ask the dataset before terms are taken out of it"
        )
    return found


def derivative(dataset: xr.Dataset, term: Any) -> xr.DataArray:
    """The one stored array ∂^α f. Raises SpecError where there is none."""
    names, exponent = variables(dataset), _exponent(dataset)
    alpha = naming.exponents_of(term, names, naming.of(dataset.attrs))
    same = np.flatnonzero((exponent == alpha).all(axis=1))
    if not len(same):
        raise SpecError(f"term = {shown.value(term)}: {_absent(alpha, names, exponent)}")
    return dataset["derivatives"].isel(term=int(same[0]))


def tensor(dataset: xr.Dataset, degree: int) -> xr.DataArray:
    """D^k f with k trailing dimensions `variable`, `variable2`, …, labelled by the variables."""
    names = variables(dataset)
    positions = multi_index.tensor_positions(len(names), order(dataset), degree)
    dims = ["variable" if i == 0 else f"variable{i + 1}" for i in range(positions.ndim)]
    entries = dataset["derivatives"].isel(term=xr.DataArray(positions, dims=dims)).drop_vars("term", errors="ignore")
    return entries.transpose(..., *dims).assign_coords({dim: list(names) for dim in dims})


def _absent(alpha: tuple[int, ...], names: tuple[str, ...], exponent: np.ndarray) -> str:
    """Why a term is not there, and those that are nearest to it."""
    distance = np.abs(exponent - np.asarray(alpha)).sum(axis=1)
    near = [repr(multi_index.label(names, exponent[p])) for p in np.argsort(distance, kind="stable")[:3]]
    degree, highest = sum(alpha), int(exponent.sum(axis=1).max(initial=-1))
    why = f"its degree is {degree}, and the order of these derivatives is {highest}" if degree > highest else "not here"
    return f"{why}; near it {'are' if len(near) > 1 else 'is'} {', '.join(near) or 'nothing'}"


def _exponent(dataset: xr.Dataset) -> np.ndarray:
    return dataset["exponent"].transpose("term", "variable").values
