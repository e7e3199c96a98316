"""What a figure takes out of an artifact. Every request is checked here: an impossible one says what there is
instead."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from taylorkit import shown
from taylorkit.errors import SpecError

OTHER_DIMS = ("degree", "term")

__all__ = ["axes", "component", "degrees", "evaluation", "limits", "named", "spread", "thinned", "trusted"]


def evaluation(evaluations: dict[str, xr.Dataset], name: str | None) -> xr.Dataset:
    """The evaluation called `name`, or the first, with axes that ascend. Raises SpecError where there is none of that
    name."""
    return along_line(named(evaluations, name))


def named(evaluations: dict[str, xr.Dataset], name: str | None) -> xr.Dataset:
    """The same with its points in the order in which they are stored."""
    if not evaluations:
        raise SpecError(f"evaluation = {shown.value(name)}: this artifact holds none; add an evaluation to its spec")
    chosen = next(iter(evaluations)) if name is None else name
    if not isinstance(chosen, str) or chosen not in evaluations:
        raise SpecError(f"evaluation = {shown.value(chosen)}: unknown; write one of {', '.join(evaluations)}")
    return evaluations[chosen]


def along_line(dataset: xr.Dataset) -> xr.Dataset:
    """With axes that ascend. Scattered points of a single variable are a line: the variable becomes the axis."""
    variables = [v for v in dataset.attrs["variables"] if v in dataset.variables]
    if "point" in dataset.dims and len(variables) == 1:
        dataset = dataset.set_coords(variables).swap_dims(point=variables[0])
    return _ascending(dataset)


def _ascending(dataset: xr.Dataset) -> xr.Dataset:
    """Each variable axis sorted, and without repeated values, between which no cell has any width.

    What ascends already is not touched: it may be large, and is read when it is used.
    """
    for axis in axes(dataset):
        values = np.asarray(dataset[axis].values)
        if axis != "point" and not (np.diff(values) > 0).all():
            dataset = dataset.isel({axis: np.unique(values, return_index=True)[1]})
    return dataset


def axes(dataset: xr.Dataset) -> tuple[str, ...]:
    """The dimensions that points lie along: variables, or `point` where they are scattered."""
    return tuple(d for d in map(str, _main(dataset).dims) if not (_is_output(d) or d in OTHER_DIMS))


def thinned(dataset: xr.Dataset, most: int) -> xr.Dataset:
    """At most `most` points, evenly spaced along each axis: always the same."""
    kept: dict[str, np.ndarray] = {}
    shortest_first = sorted(axes(dataset), key=lambda axis: dataset.sizes[axis])
    for left, axis in zip(range(len(shortest_first), 0, -1), shortest_first, strict=True):
        # What a short axis does not need the longer ones get.
        number = min(dataset.sizes[axis], max(1, int(most ** (1 / left) + 1e-9)))
        kept[axis] = np.linspace(0, dataset.sizes[axis] - 1, number).round().astype(int)
        most = most // number
    return dataset.isel(kept)


def _main(dataset: xr.Dataset) -> xr.DataArray:
    return dataset["truth" if "truth" in dataset else "derivatives"]


def _is_output(dim: str) -> bool:
    return dim == "output" or dim.startswith("output_")


def require_axes(dataset: xr.Dataset, counts: Sequence[int], what: str) -> tuple[str, ...]:
    """The axes, if there are as many as `what` needs and each has two points. Raises SpecError otherwise."""
    found = axes(dataset)
    where = f"evaluation = {dataset.attrs.get('evaluation')!r}" if "truth" in dataset else "grid"
    if found == ("point",) or len(found) not in counts:
        needed = " or ".join(map(str, counts))
        raise SpecError(f"{where}: its axes are {', '.join(found)}; {what} needs {needed} variable axes")
    for axis in found:
        if dataset.sizes[axis] < 2:
            raise SpecError(f"{where}: {axis} has 1 value; {what} needs 2 or more along each axis")
    return found


def component(dataset: xr.Dataset, output: Any) -> tuple[xr.Dataset, str]:
    """One component of a vector output, counted from 0 in C order, and words for it ("" where f is a scalar)."""
    dims = [d for d in _main(dataset).dims if _is_output(str(d))]
    shape = tuple(dataset.sizes[d] for d in dims)
    size = int(np.prod(shape))
    if isinstance(output, bool) or not isinstance(output, int) or not 0 <= output < size:
        raise SpecError(f"output = {shown.value(output)}: f has {size} output(s); write a whole number below {size}")
    place = np.unravel_index(output, shape)
    chosen = dataset.isel({d: int(i) for d, i in zip(dims, place, strict=True)})
    return chosen, f"output {output} of {size}" if dims else ""


def degrees(dataset: xr.Dataset, chosen: Any, default: Sequence[int]) -> list[int]:
    """The degrees asked for, or `default`. Raises SpecError for what is no degree up to the order."""
    order = int(dataset.attrs["order"])
    wanted = list(default) if chosen is None else chosen
    if not isinstance(wanted, list | tuple) or not wanted:
        raise SpecError(f"degrees = {shown.value(wanted)}: write a list such as [0, 1, {order}]")
    return [degree(dataset, k, "degrees") for k in wanted]


def degree(dataset: xr.Dataset, chosen: Any, field: str = "degree") -> int:
    """`chosen` as a degree from 0 to the order. Raises SpecError otherwise."""
    order = int(dataset.attrs["order"])
    if isinstance(chosen, bool) or not isinstance(chosen, int | np.integer) or not 0 <= chosen <= order:
        raise SpecError(f"{field} = {shown.value(chosen)}: write whole numbers from 0 to the order, {order}")
    return int(chosen)


def trusted(root: xr.Dataset) -> bool:
    """Whether trust radii were sampled: with `trust.samples = 0` a run keeps their array, and nothing in it."""
    return "trust_radius" in root and (root.attrs.get("trust") or {}).get("samples") != 0


def spread(order: int, most: int, first: int = 0) -> list[int]:
    """Up to `most` degrees from `first` to `order`, both among them; the low ones, where most happens, in full."""
    if order - first < most:
        return list(range(first, order + 1))
    return sorted({int(k) for k in np.round(first + (order - first) * np.linspace(0, 1, most) ** 1.5)})


def limits(chosen: Any, above: float = -np.inf, least: float = -np.inf) -> tuple[float, float] | None:
    """Two increasing finite numbers, both greater than `above` and none less than `least`, or None where none were
    asked for.

    Raises SpecError otherwise.
    """
    if chosen is None:
        return None
    pair = list(chosen) if isinstance(chosen, list | tuple) else []
    good = all(isinstance(v, int | float) and abs(v) < np.inf for v in pair)
    if len(pair) != 2 or not good or not above < pair[0] < pair[1] or pair[0] < least:
        from_zero = "numbers from 0 up such as [0, 2]" if least == 0 else "numbers such as [-2, 2]"
        kind = "positive numbers such as [1e-6, 1]" if above == 0 else from_zero
        raise SpecError(f"limits = {shown.value(chosen)}: write two increasing {kind}")
    return float(pair[0]), float(pair[1])
