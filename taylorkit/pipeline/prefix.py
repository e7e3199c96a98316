"""A lower order read from a finished run of a higher one: the terms of degree k and less come first in its arrays.

The numbers are those that the higher order computed, which may differ from those of a run of order k in last bits:
kernels of another order are compiled otherwise. So what is read has a fingerprint of its own, over the inputs of the
run that computed it and where it was cut (`truncated`), and never claims to be a run of order k.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

from taylorkit import fingerprint
from taylorkit.differentiation.methods import Method, tried
from taylorkit.errors import IntegrityError, SpecError
from taylorkit.grid import Block, Grid
from taylorkit.pipeline.subject import Subject
from taylorkit.spec import TaylorSpec
from taylorkit.status import NON_FINITE
from taylorkit.store import catalogue
from taylorkit.store.checked import Checked
from taylorkit.store.files import document
from taylorkit.store.listing import artifacts
from taylorkit.store.names import with_derivatives
from taylorkit.store.section import SectionStore

if TYPE_CHECKING:
    from taylorkit.pipeline.expansion import Run


@dataclass(frozen=True, eq=False)
class Prefix:
    """A finished run of a higher `order` by `method`, from `inputs`, in `artifact`."""

    artifact: Path
    order: int
    method: Method
    inputs: dict[str, Any]

    @property
    def fingerprint(self) -> str:
        return fingerprint.of_derivatives(self.inputs)

    def truncated(self, order: int) -> dict[str, Any]:
        """The inputs of its terms up to `order`."""
        return {**self.inputs, "truncated": order}

    def values(self, run: "Run", block: Block) -> dict[str, np.ndarray]:
        """What `run` stores of a block: checked against its record as it is read.

        Raises IntegrityError where the run of higher order has been damaged.
        """
        try:
            packed = self._committed("derivatives").over(block.region, slice(run.terms))
            status = self._committed("status").over(block.region)
        except IntegrityError as error:
            raise IntegrityError(
                f"{error}. Terms up to degree {run.spec.order} were to be read there: run its spec again at order "
                f"{self.order}, or compute them with --set reuse=false"
            ) from error
        # What was not finite may have been a term of higher degree alone.
        finite = np.isfinite(packed).all(axis=tuple(range(packed.ndim - len(block.shape))))
        return {"derivatives": packed, "status": np.where(finite, status & ~np.uint8(NON_FINITE), status)}

    def _committed(self, name: str) -> Checked:
        """Looked at anew for each block: blocks of two orders are cut otherwise, and a run lasts for hours."""
        return Checked(SectionStore(self.artifact, "derivatives", self.fingerprint), name)


def find(spec: TaylorSpec, f: Subject, grid: Grid, platform: str, store: Path, own: str) -> Prefix | None:
    """What `spec` can be read from; None where it is to be computed: an artifact of its `own` fingerprint is there, or
    none of a higher order is finished.

    One that was read from before is taken again, else the lowest order: so all workers of a run find the same.
    """
    if not spec.reuse or any(with_derivatives(store, own)):
        return None
    found = sorted(_finished(spec, f, grid, platform, store), key=lambda prefix: (prefix.order, prefix.artifact))
    before = [p for p in found if any(with_derivatives(store, fingerprint.of_derivatives(p.truncated(spec.order))))]
    return next(iter([*before, *found]), None)


def _finished(spec: TaylorSpec, f: Subject, grid: Grid, platform: str, store: Path) -> Iterator[Prefix]:
    """The finished artifacts of a store that are what `spec` would make at a higher order."""
    wanted: dict[int, Prefix | None] = {}
    program = fingerprint.of_function(f.traced, 0)["program"]
    known = catalogue.read(store).entries
    for artifact in artifacts(store):
        entry = known.get(artifact.name)
        # Names tell the program, so old entries serve: what is passed over by mistake is computed, and never wrong.
        if entry and (entry.facts["program"] != program or not _is_higher(entry.facts["order"], spec)):
            continue
        try:
            attrs = _attributes(artifact)
            order = attrs.get("order")
            if not _may_be(attrs, program) or not _is_higher(order, spec):
                continue
            if order not in wanted:
                wanted[order] = _at(spec, f, grid, platform, order)
            prefix = wanted[order]
            if prefix and SectionStore(artifact, "derivatives", prefix.fingerprint).is_finished():
                yield replace(prefix, artifact=artifact)
        except (IntegrityError, OSError):
            continue  # what is damaged or cannot be read is none to read from


def _is_higher(order: Any, spec: TaylorSpec) -> TypeGuard[int]:
    return isinstance(order, int) and order > spec.order


def _attributes(artifact: Path) -> dict[str, Any]:
    """The root's attributes, not by Zarr: a store may hold hundreds of artifacts."""
    if artifact.is_symlink():
        raise IntegrityError(f"{artifact}: is a link")
    return document(artifact)["attributes"]


def _may_be(attrs: dict[str, Any], program: str) -> bool:
    function = attrs.get("function")
    return attrs.get("kind") == "taylor" and isinstance(function, dict) and function.get("fingerprint") == program


def _at(spec: TaylorSpec, f: Subject, grid: Grid, platform: str, order: int) -> Prefix | None:
    """What `spec` would be at another order; None where its method cannot be had there."""
    try:
        method = tried(spec.method, f.traced, order, platform)
    except SpecError:
        return None
    return Prefix(
        Path(), order, method, fingerprint.derivative_inputs(f.traced, f.domain, grid, order, method, spec.version)
    )
