"""From a centre to one point of an evaluation: what each term of the Taylor polynomial makes of the way.

f(x) − f(x₀) = Σ_{1 ≤ |α| ≤ n} ∂^α f(x₀) / α! · (x − x₀)^α + what is left unexplained
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from taylorkit import multi_index, naming, shown
from taylorkit.errors import SpecError, UndrawableError
from taylorkit.plotting import centers, select, text
from taylorkit.plotting.figure import Source

__all__ = ["Move", "move"]


@dataclass(frozen=True)
class Move:
    """`parts` (P − 1,) are the terms' contributions in graded order, with their names and degrees; `change` is the
    sum of these and of the last of `unexplained` (n + 1,), which holds f − T_k for every degree k."""

    start: dict[str, float]
    end: dict[str, float]
    names: list[str]
    degrees: np.ndarray
    parts: np.ndarray
    change: float
    unexplained: np.ndarray

    def of_degree(self, degree: int) -> float:
        """What the terms of one degree explain together."""
        return float(self.parts[self.degrees == degree].sum())


def move(source: Source, evaluation: str | None, point: Any, output: Any) -> tuple[Move, str]:
    """The way to point number `point` of an evaluation, from its centre, and words for the output.

    Points are counted from 0, those of a grid in C order. Raises SpecError for a point or output that is not there,
    UndrawableError where a number of it is not finite.
    """
    dataset, part = select.component(select.named(source.evaluations, evaluation), output)
    root = select.component(source.root, output)[0]
    one = _point(dataset, point)
    truth, sums = float(one["truth"]), one["approximation"].values.astype(float)
    variables = tuple(map(str, root.attrs["variables"]))
    end = {v: float(one[v]) if v in one.variables else float(one.attrs["fixed"][v]) for v in variables}
    center = centers.nearest(root, end if one.attrs.get("source") == "atlas" else one.attrs["center"])
    start = {v: float(center[v]) for v in variables}
    derivatives = center["derivatives"].values.astype(float)
    order = int(root.attrs["order"])
    delta = np.array([end[v] - start[v] for v in variables])
    exponent = multi_index.multi_indices(len(variables), order)
    with np.errstate(all="ignore"):
        parts = derivatives / multi_index.factorials(len(variables), order) * np.prod(delta**exponent, axis=1)
        left = truth - sums
        change = truth - float(parts[0])
    if not (np.isfinite(parts).all() and np.isfinite(left).all() and np.isfinite(change)):
        raise UndrawableError(f"point = {point}: a term, or f there, is not finite; choose another point or centre")
    called = naming.by_term(root.attrs)
    names = [called.get(label) or text.term(label) for label in multi_index.labels(variables, order)]
    made = Move(start, end, names[1:], exponent.sum(axis=1)[1:], parts[1:], change, left)
    return made, part


def _point(dataset: xr.Dataset, point: Any) -> xr.Dataset:
    axes = select.axes(dataset)
    shape = tuple(dataset.sizes[a] for a in axes)
    size = int(np.prod(shape))
    if isinstance(point, bool) or not isinstance(point, int) or not 0 <= point < size:
        name = dataset.attrs.get("evaluation")
        raise SpecError(
            f"point = {shown.value(point)}: evaluation {name!r} has {size} point(s); write a whole number below {size}"
        )
    places = np.unravel_index(point, shape) if shape else ()
    return dataset.isel({a: int(i) for a, i in zip(axes, places, strict=True)})
