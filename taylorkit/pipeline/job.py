"""A job: what a spec asks for, planned wholly before anything is written.

A job knows its artifact's path, the tree that must be there, and for each section how a block of it is computed.
That is all that running needs, so every kind of spec runs, resumes and repairs by the same code: see `run`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from taylorkit.grid import Block
from taylorkit.spec import Spec
from taylorkit.store.layout import GroupPlan, Section
from taylorkit.store.section import SectionStore
from taylorkit.trace import Traced


@dataclass(frozen=True)
class Step:
    """One section to fill: `compute(artifact, block)` gives the block's values of each of its arrays.

    It may read what the steps before it have stored in the artifact.
    """

    title: str
    group: str
    section: Section
    compute: Callable[[Path, Block], Mapping[str, np.ndarray]]

    @property
    def name(self) -> str:
        """`derivatives`, or `evaluation/map/values`: how tasks and records call it."""
        return f"{self.group}/{self.section.label}".lstrip("/")


@dataclass(frozen=True)
class Job:
    """A planned run of `spec` into the folder `artifact`; `facts()` is what a look at f tells, for people, and `notes`
    say why it computes what was computed before;
    `warnings` what of f costs digits.

    `plan` is the fingerprint of all that the artifact will hold, "" where one of format 1 is used.

    `bytes` is what its arrays take uncompressed, `memory` what computing and writing `in_flight` blocks at once does.
    """

    spec: Spec
    artifact: Path
    plan: str
    groups: tuple[GroupPlan, ...]
    steps: tuple[Step, ...]
    summary: str
    bytes: int = 0
    memory: int = 0
    in_flight: int = 1
    traced: Traced | None = None
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    facts: Callable[[], Any] = str

    def step(self, name: str) -> Step:
        return next(step for step in self.steps if step.name == name)

    def store(self, step: Step) -> SectionStore:
        """The step's section in the artifact: as it was planned, or refused."""
        return SectionStore(self.artifact / step.group, step.section.label, step.section.fingerprint, self.plan)

    def compute(self, step: Step, block: Block) -> Mapping[str, np.ndarray]:
        return step.compute(self.artifact, block)


def sections_of(steps: Sequence[Step], group: str) -> tuple[Section, ...]:
    return tuple(step.section for step in steps if step.group == group)
