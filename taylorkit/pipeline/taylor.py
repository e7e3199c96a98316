"""The job of `kind = "taylor"`: derivatives on a grid, radii, evaluations and their summaries."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from taylorkit import fingerprint, memory, multi_index, nearest
from taylorkit.differentiation.methods import Method, tried, working_bytes
from taylorkit.errors import SpecError
from taylorkit.grid import Grid
from taylorkit.inspection import inspect, limits, require_differentiable
from taylorkit.pipeline import evaluation, expansion, overlap, prefix, superseded
from taylorkit.pipeline.job import Job, Step, sections_of
from taylorkit.pipeline.place import placed, told
from taylorkit.pipeline.subject import Subject, device_bytes, method_attributes, platform_of, require_seen, subject
from taylorkit.spec import TaylorSpec
from taylorkit.spec.points import evaluation_grid, expansion_grid
from taylorkit.store.layout import GroupPlan
from taylorkit.versions import ARTIFACT_FORMAT

# How often a block is held while it is computed (what is read, its coefficients, the values), and while it is written.
# Counted they are 4 and 1; what threads have freed stays with the process, and by that the peak comes near these.
COMPUTING, WRITING = 11, 3


def plan(spec: TaylorSpec, folder: Path, store: Path, trusted: Sequence[Path] | None = None) -> Job:
    """Everything that running `spec` will do; nothing is written. Raises SpecError or FunctionError."""
    f = subject(spec.function, spec.call, spec.variables, spec.dtype, folder, spec.formula, trusted)
    require_differentiable(f.traced, spec.order, spec.function, spec.method)
    require_seen(f, spec.order, spec.version)
    platform = platform_of(spec.device)
    method = tried(spec.method, f.traced, spec.order, platform)
    grid = expansion_grid(spec, folder, trusted)
    inputs = fingerprint.derivative_inputs(f.traced, f.domain, grid, spec.order, method, spec.version)
    if found := prefix.find(spec, f, grid, platform, store, fingerprint.of_derivatives(inputs)):
        method, inputs = found.method, found.truncated(spec.order)
    run = expansion.Run(spec, f, grid, method, inputs, found)
    evaluations = {n: evaluation_grid(spec, n, grid, folder, trusted) for n in spec.evaluations}
    radii = _radii(spec, grid, [g for g, _ in evaluations.values()])
    sites = []
    for name, (points, center) in evaluations.items():
        overlay = spec.evaluations[name].overlay
        form = overlay and subject(overlay, spec.call, spec.variables, spec.dtype, folder, trusted=trusted)
        if form:
            require_seen(form, 0, spec.version)
        sites.append(evaluation.Site(run, name, points, center, form or None))
    steps = [*expansion.steps(run, radii), *(step for site in sites for step in evaluation.steps(site))]
    in_flight, needed = _in_flight(spec, f, method, steps, _held(grid, evaluations))
    groups = [_root(run, steps, radii), *(_group(site, steps) for site in sites)]
    artifact, plan = placed(store, spec, groups)
    return Job(
        spec,
        artifact,
        plan,
        tuple(groups),
        tuple(steps),
        summary=f"{spec.function}, order {spec.order}, {grid.size} points, {_origin(run)}",
        bytes=sum(step.section.bytes for step in steps),
        memory=needed,
        in_flight=in_flight,
        traced=f.traced,
        notes=superseded.notes(run, expansion.radii_inputs(run, radii), artifact),
        warnings=(*f.warnings, *limits.warnings(f.traced), *limits.by_method(f.traced, method)),
        facts=lambda: inspect(f.traced, spec.order, spec.method, platform, spec.function, f.function.function),
    )


def _root(run: "expansion.Run", steps: list[Step], radii: np.ndarray) -> GroupPlan:
    spec, names = run.spec, tuple(run.spec.variables)
    coordinates = {
        **run.grid.coordinates(),
        "degree": (("degree",), np.arange(spec.order + 1)),
        "variable": (("variable",), np.array(names, object)),
        "term": (("term",), np.array(multi_index.labels(names, spec.order), object)),
        "exponent": (("term", "variable"), multi_index.multi_indices(len(names), spec.order)),
    }
    attributes = {
        "format": ARTIFACT_FORMAT,
        "kind": spec.kind,
        "name": spec.name,
        "title": spec.title or spec.name,
        "description": spec.description,
        "variables": spec.variables,
        "names": spec.labels,
        "order": spec.order,
        "dtype": spec.dtype,
        "fingerprint": run.fingerprint,
        "function": run.subject.attributes(spec.variables),
        "method": method_attributes(run.method),
        "platform": run.method.platform,
        "versions": fingerprint.versions(run.method),
        "trust": {
            "tolerance": spec.trust.tolerance,
            "radius": float(radii[-1]) if len(radii) else None,
            "samples": len(radii),
        },
        "truncated_from": _truncated_from(run),
        # What the fingerprints are made of, so that two of them can be compared: see `taylorkit why`.
        "inputs": {"derivatives": run.inputs, "radii": expansion.radii_inputs(run, radii)},
        # How blocks are compressed the arrays say themselves, and where numbers come from `truncated_from` does.
        "spec": told(spec),
        **({"warnings": run.subject.warnings} if run.subject.warnings else {}),
    }
    return GroupPlan("", attributes, coordinates, sections_of(steps, ""))


def _origin(run: "expansion.Run") -> str:
    """The method, or what is read instead."""
    return f"read from {run.prefix.artifact.name} (order {run.prefix.order})" if run.prefix else run.method.name


def _truncated_from(run: "expansion.Run") -> dict[str, Any] | None:
    """The run of higher order that the numbers come from."""
    return {"fingerprint": run.prefix.fingerprint, "order": run.prefix.order} if run.prefix else None


def _group(site: "evaluation.Site", steps: list[Step]) -> GroupPlan:
    run, name, points, center = site.run, site.name, site.points, site.center
    path = site.group
    variables = run.spec.variables
    where = run.grid.row(center).tolist() if center is not None else None
    fixed = {variables[i]: float(points.columns[i][0]) for i in points.fixed}
    overlay = run.spec.evaluations[name].overlay
    attributes = {
        "evaluation": name,
        "fingerprint": site.fingerprint,
        "inputs": {"evaluation": site.inputs},
        "source": "atlas" if center is None else "center",
        "center": dict(zip(variables, where, strict=True)) if where else None,
        "fixed": fixed,
        "overlay": overlay,
        "overlay_latex": evaluation.overlay_latex(overlay),
    }
    coordinates = {**points.coordinates(), "degree": (("degree",), np.arange(run.spec.order + 1))}
    return GroupPlan(path, attributes, coordinates, sections_of(steps, path))


def _radii(spec: TaylorSpec, grid: Grid, evaluations: list[Grid]) -> np.ndarray:
    """The sampled radii, ascending: by default up to half the diagonal of what the grids span."""
    if spec.trust.samples == 0:
        return np.zeros(0)
    low, high = zip(*(g.extent() for g in (grid, *evaluations)), strict=True)
    diagonal = float(np.linalg.norm(np.max(high, axis=0) - np.min(low, axis=0)))
    longest = spec.trust.radius or diagonal / 2 or 1.0
    return longest * np.arange(1, spec.trust.samples + 1) / spec.trust.samples


def _held(grid: Grid, evaluations: dict[str, tuple[Grid, int | None]]) -> int:
    """Bytes that points take as long as the run lasts, and the nearest of scattered centers is told by."""
    atlas = grid.scattered is not None and any(center is None for _, center in evaluations.values())
    centers = nearest.held(grid.size, len(grid.names)) if atlas else 0
    return centers + sum(points.held for points in (grid, *(points for points, _ in evaluations.values())))


def _in_flight(spec: TaylorSpec, f: Subject, method: Method, steps: list[Step], held: int) -> tuple[int, int]:
    """How many blocks are held at once, and what they, computing one and the points `held` take in host memory.

    Raises SpecError where one alone is over the budget, or computing it over the device's memory.
    """
    block, tile = max(s.section.block_bytes for s in steps), working_bytes(f.traced, spec.order, method)
    room = device_bytes(method.platform)
    # An order out of reach has a price beyond any float.
    if room is not None and tile > room:
        raise SpecError(
            f"device = {spec.device!r}: a tile of {method.tile} points needs {Decimal(tile) / 2**30:.3g} GiB by method "
            f"{method.name}, the device has {room / 2**30:.1f} GiB; lower the order, or use device = 'cpu'"
        )
    one = COMPUTING * block + (tile if room is None else 0) + held
    budget, told = memory.allowed(spec.memory.budget)
    if one > budget:
        raise SpecError(
            f"{told}: one block needs {Decimal(one - held) / 2**20:.4g} MiB, the points {held / 2**20:.4g} MiB; "
            "raise the budget, or lower the order, the number of outputs or that of points"
        )
    behind = min(overlap.IN_FLIGHT - 1, (budget - one) // (WRITING * block))
    return 1 + behind, one + behind * WRITING * block
