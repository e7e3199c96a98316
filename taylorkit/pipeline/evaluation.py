"""The steps of one named evaluation: f beside its Taylor polynomials, the errors, and their summary."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from taylorkit import digest, error
from taylorkit.fingerprint import marks, of_function, of_points
from taylorkit.functions import TABLE
from taylorkit.gathering import partial_sums
from taylorkit.grid import Block, Grid
from taylorkit.nearest import Centers, GridCenters
from taylorkit.pipeline.expansion import Run
from taylorkit.pipeline.job import Step
from taylorkit.pipeline.subject import Subject
from taylorkit.polynomial import TaylorPolynomial
from taylorkit.store.checked import Checked
from taylorkit.store.layout import ArrayPlan, Section
from taylorkit.store.section import SectionStore


@dataclass(frozen=True, eq=False)
class Site:
    """Where an evaluation looks: its points, its centre's flat index (None: an atlas of all), a closed form beside."""

    run: Run
    name: str
    points: Grid
    center: int | None
    overlay: Subject | None

    @cached_property
    def centers(self) -> Centers | GridCenters:
        grid = self.run.grid
        return Centers(grid.rows()) if grid.scattered is not None else GridCenters(grid.axes)

    @property
    def group(self) -> str:
        return f"evaluation/{self.name}"

    @property
    def inputs(self) -> dict[str, Any]:
        """What determines the evaluation."""
        return {
            "derivatives": self.run.fingerprint,
            "points": of_points(self.points),
            "center": self.center,
            "overlay": of_function(self.overlay.traced, 0) if self.overlay else None,
            **marks(self.run.subject.traced, self.run.spec.order, self.run.method, "evaluation"),
        }

    @cached_property
    def fingerprint(self) -> str:
        return digest.fingerprint("evaluation", self.inputs)


def overlay_latex(overlay: str | None) -> str:
    """The closed form's formula, where it is a named function."""
    return TABLE[overlay].latex if overlay in TABLE else (overlay or "")


def steps(site: Site) -> list[Step]:
    """`values` block by block, then `summary` over all of them."""
    run, grid = site.run, site.points
    degrees, dtype = run.spec.order + 1, np.dtype(run.spec.dtype)
    plain = (*run.output_dims, *grid.dims), (*run.shape, *grid.shape)
    graded = ("degree", *plain[0]), (degrees, *plain[1])
    arrays = [ArrayPlan("truth", *plain, dtype)]
    arrays += [ArrayPlan(name, *graded, dtype) for name in ("approximation", "error")]
    if site.overlay:
        arrays.append(ArrayPlan("overlay", *plain, dtype))
    if site.center is None:
        arrays.append(ArrayPlan("center_index", grid.dims, grid.shape, np.int64, -1))
    short = ("degree", *run.output_dims), (degrees, *run.shape)
    totals = tuple(ArrayPlan(n, *short, np.float64) for n in ("max_error", "rms_error"))
    totals += (ArrayPlan("samples", *short, np.int64, -1),)
    numbers = (2 * degrees + 2) * run.subject.traced.outputs + 1
    values = run.section("values", site.fingerprint, tuple(arrays), grid, numbers)
    return [
        Step(f"evaluation {site.name}", site.group, values, lambda artifact, block: _values(site, artifact, block)),
        Step(
            f"summary of {site.name}",
            site.group,
            Section("summary", site.fingerprint, totals),
            lambda artifact, _: _summary(site, artifact),
        ),
    ]


def _values(site: Site, artifact: Path, block: Block) -> dict[str, np.ndarray]:
    run, rows = site.run, site.points.rows(block.region)
    truth = run.subject.values(rows, run.method.platform)
    # Where f or a coefficient is not finite the error is not either; status and the counts of samples say so.
    with np.errstate(invalid="ignore", over="ignore"):
        approximation, nearest = _approximation(site, artifact, rows)
        values = {"truth": truth, "approximation": approximation, "error": np.abs(truth - approximation)}
    if site.overlay:
        values["overlay"] = site.overlay.values(rows, run.method.platform)
    if nearest is not None:
        values["center_index"] = nearest
    return {name: v.reshape(*v.shape[:-1], *block.shape) for name, v in values.items()}


def _approximation(site: Site, artifact: Path, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """T_0 … T_n at rows (M, D): (n+1, *S, M); and in an atlas the flat index of each row's centre."""
    run, grid = site.run, site.run.grid
    if site.center is not None:
        place = np.unravel_index(site.center, grid.shape)
        region = tuple(slice(int(i), int(i) + 1) for i in place)
        coefficients = run.coefficients(artifact, region).reshape(run.terms, *run.shape)
        sums = TaylorPolynomial(grid.row(site.center), coefficients).partial_sums(rows)
        return np.moveaxis(sums, 1, -1), None
    nearest = site.centers.nearest(rows)
    delta = site.centers.displacements(rows, nearest)
    sums = np.empty((run.spec.order + 1, *run.shape, len(rows)), run.spec.dtype)
    places = np.stack(np.unravel_index(nearest, grid.shape), axis=-1)
    # Block by block: far-apart centres would otherwise be held together with all that lies between them.
    for block in run.derivatives(artifact).blocks():
        start, stop = np.array([(r.start, r.stop) for r in block.region]).T
        mine = np.flatnonzero(((places >= start) & (places < stop)).all(axis=1))
        if len(mine):
            coefficients = run.coefficients(artifact, block.region).reshape(run.terms, *run.shape, -1)
            which = np.ravel_multi_index(tuple((places[mine] - start).T), block.shape)
            sums[..., mine] = partial_sums(coefficients, delta[:, mine], which)
    return sums, nearest


def _summary(site: Site, artifact: Path) -> dict[str, np.ndarray]:
    store = SectionStore(artifact / site.group, "values", site.fingerprint)
    errors = Checked(store, "error")
    parts = (errors.over(block.region) for block in store.blocks())
    return error.summary(parts, len(site.run.shape))
