"""The steps at the expansion points: the derivatives with their status, and the radii."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from taylorkit import digest, error, fingerprint, multi_index
from taylorkit.differentiation import kernel
from taylorkit.differentiation.methods import Method
from taylorkit.grid import Block, Grid, block_shape
from taylorkit.pipeline.job import Step
from taylorkit.pipeline.subject import Subject
from taylorkit.smoothness.late import late
from taylorkit.spec import TaylorSpec
from taylorkit.status import KINK, LATE, NEVER_COMPUTED, NON_FINITE, OUTSIDE
from taylorkit.store.checked import Checked
from taylorkit.store.layout import ArrayPlan, Section
from taylorkit.store.section import SectionStore

if TYPE_CHECKING:
    from taylorkit.pipeline.prefix import Prefix


@dataclass(frozen=True, eq=False)
class Run:
    """What all steps of a run share."""

    spec: TaylorSpec
    subject: Subject
    grid: Grid
    method: Method
    inputs: dict[str, Any]
    prefix: "Prefix | None" = None

    @cached_property
    def fingerprint(self) -> str:
        return fingerprint.of_derivatives(self.inputs)

    @property
    def output_dims(self) -> tuple[str, ...]:
        axes = len(self.subject.traced.shape)
        return ("output",) if axes == 1 else tuple(f"output_{i + 1}" for i in range(axes))

    @property
    def shape(self) -> tuple[int, ...]:
        """S, the shape of f's output."""
        return self.subject.traced.shape

    @property
    def terms(self) -> int:
        return multi_index.count(len(self.spec.variables), self.spec.order)

    def section(self, label: str, mark: str, arrays: tuple[ArrayPlan, ...], grid: Grid, values: int) -> Section:
        """A section in blocks of `grid`, of which a point needs `values` numbers."""
        cut = block_shape(grid.shape, values * self.subject.traced.dtype.itemsize)
        return Section(label, mark, arrays, grid.dims, grid.shape, cut, compression=self.spec.storage.compression)

    def derivatives(self, artifact: Path) -> SectionStore:
        """The section of derivatives in the run's artifact.

        It is looked at anew each time: a run lasts for hours, and what is computed from these numbers gets a record.
        """
        return SectionStore(artifact, "derivatives", self.fingerprint)

    def coefficients(self, artifact: Path, region: tuple[slice, ...]) -> np.ndarray:
        """Committed Taylor coefficients of a part of the grid: (P, *S, *region).

        Raises IntegrityError where its derivatives are not there, or not what was written.
        """
        packed = Checked(self.derivatives(artifact), "derivatives").over(region)
        factorials = multi_index.factorials(len(self.spec.variables), self.spec.order)
        packed /= factorials.reshape(-1, *[1] * (packed.ndim - 1)).astype(packed.dtype)
        return packed


def steps(run: Run, radii: np.ndarray) -> list[Step]:
    """`derivatives`, then `radii`, which reads them."""
    grid, dtype = run.grid, np.dtype(run.spec.dtype)
    values = run.terms * run.subject.traced.outputs
    derivatives = (
        ArrayPlan(
            "derivatives",
            ("term", *run.output_dims, *grid.dims),
            (run.terms, *run.shape, *grid.shape),
            dtype,
        ),
        ArrayPlan("status", grid.dims, grid.shape, np.uint8, NEVER_COMPUTED),
    )
    degrees = run.spec.order + 1
    reach = (
        ArrayPlan("trust_radius", ("degree", *grid.dims), (degrees, *grid.shape), np.float64),
        ArrayPlan("convergence_radius", grid.dims, grid.shape, np.float64),
    )
    mark = digest.fingerprint("radii", radii_inputs(run, radii))
    prefix = run.prefix
    return [
        Step(
            f"derivatives, read from {prefix.artifact.name}" if prefix else "derivatives",
            "",
            run.section("derivatives", run.fingerprint, derivatives, grid, values),
            lambda _, block: prefix.values(run, block) if prefix else _derivatives(run, block),
        ),
        Step(
            "trust and convergence radii",
            "",
            run.section("radii", mark, reach, grid, values),
            lambda artifact, block: _radii(run, radii, artifact, block),
        ),
    ]


def radii_inputs(run: Run, radii: np.ndarray) -> dict[str, Any]:
    """What determines the radii."""
    return {
        "derivatives": run.fingerprint,
        "tolerance": run.spec.trust.tolerance,
        "radii": digest.of_array(radii),
        "directions": run.spec.trust.directions,
        **fingerprint.marks(run.subject.traced, run.spec.order, run.method, "radii"),
    }


def _derivatives(run: Run, block: Block) -> dict[str, np.ndarray]:
    rows = run.grid.rows(block.region)
    packed = kernel.evaluate(run.subject.traced, run.spec.order, run.method, rows)
    finite = np.isfinite(packed).all(axis=tuple(range(packed.ndim - 1)))
    status = (
        NON_FINITE * ~finite
        + KINK * run.subject.kinks(rows, run.method.platform)
        + OUTSIDE * run.subject.outside(rows)
        + LATE * late(run.subject.traced, run.spec.order, run.method, rows, packed)
    )
    return {
        "derivatives": packed.reshape(*packed.shape[:-1], *block.shape),
        "status": status.astype(np.uint8).reshape(block.shape),
    }


def _radii(run: Run, radii: np.ndarray, artifact: Path, block: Block) -> dict[str, np.ndarray]:
    coefficients = run.coefficients(artifact, block.region)
    flat = coefficients.reshape(*coefficients.shape[: 1 + len(run.shape)], -1)
    trusted = np.full((run.spec.order + 1, block.points), np.nan)
    if len(radii):
        trusted = error.trust_radius(
            flat,
            run.grid.rows(block.region),
            lambda rows: run.subject.sampled(rows, run.grid.rows(block.region), run.method.platform),
            radii,
            error.directions(len(run.spec.variables), run.spec.trust.directions),
            run.spec.trust.tolerance,
        )
    converging = error.convergence_radius(flat, len(run.spec.variables))
    return {
        "trust_radius": trusted.reshape(-1, *block.shape),
        "convergence_radius": converging.reshape(block.shape),
    }
