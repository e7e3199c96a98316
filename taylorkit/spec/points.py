"""The grids that a spec names."""

from math import prod
from pathlib import Path

import numpy as np

from taylorkit import memory
from taylorkit.errors import SpecError
from taylorkit.grid import COPIES, Grid, GridError
from taylorkit.spec import point_files, reasons
from taylorkit.spec.cloud import offsets
from taylorkit.spec.fields import TaylorSpec
from taylorkit.spec.point_sets import Cloud, Evaluation, PointSet, Range, axis_length, axis_values
from taylorkit.trusted import Folders, require_data

# NumPy has arrays of 64 dimensions; the terms, and the axes of f's output, take some.
MOST_AXES = 48
# Flat indices are 64 bits.
MOST_POINTS = 2**62
# Where files are found from, and the folders in which they must lie.
Files = tuple[Path, Folders]


def expansion_grid(spec: TaylorSpec, folder: Path, trusted: Folders = None) -> Grid:
    """The expansion points; a file of them must lie in a trusted folder."""
    return _grid(spec, spec.grid, (folder, trusted), "grid", np.zeros(len(spec.variables)))


def evaluation_grid(
    spec: TaylorSpec, name: str, grid: Grid, folder: Path, trusted: Folders = None
) -> tuple[Grid, int | None]:
    """The points of an evaluation, and the flat index of its centre (None for an atlas).

    Raises SpecError where the centre is no expansion point, or must be named and is not.
    """
    evaluation = spec.evaluations[name]
    center = _center(spec, name, evaluation, grid)
    missing = [v for v in spec.variables if v not in evaluation.axes and evaluation.points is None]
    if center is None and missing and evaluation.center is None:
        stays = ", ".join(f"{v} = …" for v in missing)
        raise SpecError(
            f"evaluations.{name}: {missing[0]} is not listed; in an atlas say where it stays: "
            f'source = "atlas", center = {{ {stays} }}'
        )
    held = grid.row(center) if center is not None else _named(spec, evaluation)
    if evaluation.cloud:
        return _cloud(spec, evaluation.cloud, f"evaluations.{name}", held), center
    return _grid(spec, evaluation, (folder, trusted), f"evaluations.{name}", held), center


def _center(spec: TaylorSpec, name: str, evaluation: Evaluation, grid: Grid) -> int | None:
    source = evaluation.source or ("center" if grid.size == 1 or evaluation.center else "atlas")
    if source == "atlas":
        return None
    if evaluation.center is None:
        if grid.size > 1:
            raise SpecError(
                f"evaluations.{name}.center: missing; there are {grid.size} expansion points, "
                "so say which one (or source = 'atlas')"
            )
        return 0
    wanted = _named(spec, evaluation)
    nearest = grid.nearest(wanted)
    # Decimals are rounded when they are written down, and again by the dtype.
    close = max(1e-12, 4 * float(np.finfo(spec.dtype).eps)) * (1 + np.linalg.norm(wanted))
    if np.linalg.norm(grid.row(nearest) - wanted) > close:
        raise SpecError(
            f"evaluations.{name}.center = {evaluation.center}: is no expansion point; "
            f"the nearest one is {dict(zip(spec.variables, grid.row(nearest).tolist(), strict=True))}"
        )
    return nearest


def _named(spec: TaylorSpec, evaluation: Evaluation) -> np.ndarray:
    center = evaluation.center or {}
    return np.array([center.get(v, 0.0) for v in spec.variables])


def _grid(spec: TaylorSpec, points: PointSet, files: Files, where: str, held: np.ndarray) -> Grid:
    names, dtype = tuple(spec.variables), np.dtype(spec.dtype)
    try:
        if points.points is not None:
            rows = _rows(points.points, files, where, names, spec.memory.budget)
            return Grid(names, scattered=_as(dtype, rows))
        _check_lengths(spec, points, where)
        axes = [_as(dtype, axis_values(points.axes.get(v, float(held[i])))) for i, v in enumerate(names)]
        fixed = tuple(i for i, v in enumerate(names) if v not in points.axes)
        return Grid(names, axes=tuple(axes), fixed=fixed)
    except GridError as error:
        raise SpecError(f"{where}.{error}") from None


def _cloud(spec: TaylorSpec, cloud: Cloud, where: str, center: np.ndarray) -> Grid:
    _require_room(cloud.num, len(center), f"{where}.cloud.num = {cloud.num}", spec.memory.budget)
    rows = center + offsets(cloud.num, np.array([cloud.spread.get(v, 0.0) for v in spec.variables]))
    try:
        return Grid(tuple(spec.variables), scattered=_as(np.dtype(spec.dtype), rows))
    except GridError as error:
        raise SpecError(f"{where}.cloud: {error}") from None


def _require_room(count: int, variables: int, what: str, budget: int) -> None:
    """Points are held whole, with copies of a column while it is stored. Raises SpecError where that is too much."""
    limit, told = memory.allowed(budget)
    if (needed := count * (variables + COPIES) * np.dtype(np.float64).itemsize) > limit:
        size = f"{needed / 2**30:.1f} GiB" if needed >= 2**30 else f"{needed / 2**20:.0f} MiB"
        raise SpecError(f"{what}: the points alone need {size}, over {told}; give fewer or raise the budget")


def _as(dtype: np.dtype, values: np.ndarray) -> np.ndarray:
    """Values as the run's dtype; one that is too large for it becomes infinite, which the grid refuses."""
    with np.errstate(over="ignore"):
        return values.astype(dtype, copy=False)


def _check_lengths(spec: TaylorSpec, points: PointSet, where: str) -> None:
    """An axis is held in memory whole, so a slip of the pen must not ask for terabytes."""
    if len(points.axes) > MOST_AXES:
        raise SpecError(f"{where}: has {len(points.axes)} axes; give points instead of a grid from {MOST_AXES + 1} on")
    budget, told = memory.allowed(spec.memory.budget)
    for name, axis in points.axes.items():
        if isinstance(axis, Range) and axis.num * np.dtype(np.float64).itemsize > budget:
            raise SpecError(
                f"{where}.{name}.num = {axis.num}: the axis alone needs {axis.num / 2**27:.1f} GiB, over {told}; "
                "lower num or raise the budget"
            )
    if (size := prod(axis_length(axis) for axis in points.axes.values())) > MOST_POINTS:
        raise SpecError(f"{where}: has {size:.1e} points; no disk holds them, lower num")


def _rows(points: list[list[float]] | str, files: Files, where: str, names: tuple[str, ...], budget: int) -> np.ndarray:
    rows = _file(points, files, where, names, budget) if isinstance(points, str) else np.array(points, np.float64)
    if rows.ndim != 2 or rows.shape[1] != len(names):
        raise SpecError(f"{where}.points: shape {rows.shape}; must be (N, {len(names)}), one row a point")
    return rows


def _file(named: str, files: Files, where: str, names: tuple[str, ...], budget: int) -> np.ndarray:
    """The rows of a file. What is raised has no cause: that would quote what the file holds."""
    folder, trusted = files
    try:
        path = (folder / named).resolve()
        require_data(path, trusted, f"{where}.points")
        _require_room(point_files.count(path), len(names), f"{where}.points = {named!r}", budget)
        return point_files.rows(path, names)
    except SpecError:
        raise
    except (OSError, ValueError, TypeError, EOFError, MemoryError, OverflowError) as error:
        reason = reasons.of_numbers(error)
    raise SpecError(
        f"{where}.points = {named!r}: cannot be read ({reason}); "
        "give a .npy or .csv file with one row a point, found from the spec's folder"
    )
