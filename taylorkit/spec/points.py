"""The grids that a spec names."""

from pathlib import Path

import numpy as np

from taylorkit.errors import SpecError
from taylorkit.grid import Grid
from taylorkit.spec.fields import Evaluation, PointSet, TaylorSpec, axis_values


def expansion_grid(spec: TaylorSpec, folder: Path) -> Grid:
    """The expansion points."""
    return _grid(spec, spec.grid, folder, "grid", np.zeros(len(spec.variables)))


def evaluation_grid(spec: TaylorSpec, name: str, grid: Grid, folder: Path) -> tuple[Grid, int | None]:
    """The points of an evaluation, and the flat index of its centre (None for an atlas).

    Raises SpecError where the centre is no expansion point, or must be named and is not.
    """
    evaluation = spec.evaluations[name]
    center = _center(spec, name, evaluation, grid)
    listed = set(spec.variables) <= set(evaluation.axes) or evaluation.points is not None
    if center is None and not listed and evaluation.center is None:
        missing = sorted(set(spec.variables) - set(evaluation.axes))
        raise SpecError(
            f"evaluations.{name}: {missing[0]} is not listed; in an atlas say where it stays: center = {{ … }}"
        )
    held = grid.row(center) if center is not None else _named(spec, evaluation)
    return _grid(spec, evaluation, folder, f"evaluations.{name}", held), center


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
    distance = np.linalg.norm(grid.rows() - wanted, axis=1)
    nearest = int(np.argmin(distance))
    if distance[nearest] > 1e-12 * (1 + np.linalg.norm(wanted)):
        raise SpecError(
            f"evaluations.{name}.center = {evaluation.center}: is no expansion point; "
            f"the nearest one is {dict(zip(spec.variables, grid.row(nearest).tolist(), strict=True))}"
        )
    return nearest


def _named(spec: TaylorSpec, evaluation: Evaluation) -> np.ndarray:
    center = evaluation.center or {}
    return np.array([center.get(v, 0.0) for v in spec.variables])


def _grid(spec: TaylorSpec, points: PointSet, folder: Path, where: str, held: np.ndarray) -> Grid:
    names, dtype = tuple(spec.variables), np.dtype(spec.dtype)
    if points.points is not None:
        rows = _rows(points.points, folder, where)
        if rows.ndim != 2 or rows.shape[1] != len(names):
            raise SpecError(f"{where}.points: shape {rows.shape}; must be (N, {len(names)}), one row a point")
        return Grid(names, scattered=rows.astype(dtype))
    axes = [axis_values(points.axes.get(v, float(held[i]))).astype(dtype) for i, v in enumerate(names)]
    fixed = tuple(i for i, v in enumerate(names) if v not in points.axes)
    return Grid(names, axes=tuple(axes), fixed=fixed)


def _rows(points: list[list[float]] | str, folder: Path, where: str) -> np.ndarray:
    if isinstance(points, list):
        return np.array(points, np.float64)
    path = folder / points
    try:
        if path.suffix == ".npy":
            return np.load(path, allow_pickle=False)
        return np.loadtxt(path, delimiter=",", ndmin=2)
    except (OSError, ValueError) as error:
        raise SpecError(
            f"{where}.points = {points!r}: cannot be read ({error}); "
            "give a .npy or .csv file with one row a point, found from the spec's folder"
        ) from error
