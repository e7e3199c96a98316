"""What each kind of spec holds: its fields are here, what they are made of lies beside.

| module | |
|---|---|
| `point_sets` | axes, ranges, scattered points, clouds; evaluations |
| `resources` | how radii are sampled; memory, storage |
| `words` | what a page says and shows |
| `names` | names of runs, variables and terms |
"""

from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, Field, field_validator, model_validator

from taylorkit import naming
from taylorkit.multi_index import check_order
from taylorkit.spec.model import Model
from taylorkit.spec.names import MOST_NAMES, TermName, spelled, variable_names
from taylorkit.spec.point_sets import Cloud, Evaluation, PointSet, Positive
from taylorkit.spec.point_sets import Range as Range
from taylorkit.spec.resources import Memory, Storage, Trust
from taylorkit.spec.words import PRINTED, Report


class Base(BaseModel):
    """What every kind has. `name` is the file's name unless given."""

    model_config = Model.model_config

    kind: str
    name: Annotated[str, spelled(r"[a-z0-9][a-z0-9-]{0,63}", "lowercase letters, digits and dashes, no dash first")]
    title: Annotated[str, Field(max_length=500, pattern=PRINTED)] = ""
    description: Annotated[str, Field(max_length=20_000, pattern=PRINTED)] = ""
    report: Report = Report()


def _one_scalar(spec: "Subject | TimingSpec") -> None:
    if len(spec.variables) != 1 or spec.call != "scalars":
        raise ValueError(
            f"variables = {spec.variables}, call = {spec.call!r}: equations and times against the order are those of a "
            "function of one scalar; write variables = ['x'], call = 'scalars'"
        )


Reference = Annotated[str, Field(min_length=1, max_length=4096)]
Formula = Annotated[str, Field(max_length=4000, pattern=PRINTED)]


class Subject(Base):
    """A function and how it is called.

    `function` is a name of the table, "package.module:name" or "my_file.py:name"; `call` says whether it takes its
    variables as scalars or as one vector; `formula` is its right-hand side in LaTeX, for titles.
    """

    function: Reference
    formula: Formula = ""
    variables: Annotated[list[str], Field(min_length=1)]
    call: Literal["scalars", "vector"]

    @field_validator("variables")
    @classmethod
    def _named(cls, names: list[str]) -> list[str]:
        return variable_names(names)


Term = Annotated[str, Field(min_length=1, max_length=4096)]


class TaylorSpec(Subject):
    """Derivatives on a grid, Taylor polynomials and their errors.

    `order`: of the highest derivatives, as long as its factorial is a number of `dtype`. `method`: `auto`, or `nested`,
    `series`, `reverse`, with a lowering as in `series:xla`. `device`: where it is computed; `auto` takes a GPU where
    there is one. `grid`: the expansion points. `evaluations`: any number of them, each with a name, an artifact's
    group. `reuse`: whether blocks may be read from other runs of the store, of the same or a higher order.
    `names` calls terms by names of their own, `gamma = "spot^2"`: they are shown, and asked for, by these too.
    `version`: any text, of code and data that f calls outside of JAX (`pure_callback`): change it when these change.
    """

    kind: Literal["taylor"] = "taylor"
    order: Annotated[int, Field(ge=0, strict=True)]
    dtype: Literal["float64", "float32"] = "float64"
    method: Annotated[str, Field(max_length=64)] = "auto"
    device: Literal["auto", "cpu", "gpu"] = "auto"
    names: Annotated[dict[TermName, Term], Field(max_length=MOST_NAMES)] = {}
    grid: PointSet
    evaluations: dict[
        Annotated[str, spelled(r"[a-z][a-z0-9_]{0,63}", "lowercase letters, digits and underscores, a letter first")],
        Evaluation,
    ] = {}
    trust: Trust = Trust()
    memory: Memory = Memory()
    storage: Storage = Storage()
    reuse: bool = True
    version: Annotated[str, Field(min_length=1, max_length=200, pattern=PRINTED)] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> "TaylorSpec":
        check_order(self.order, float(np.finfo(self.dtype).max))
        self._check_names()
        self._check_points("grid", self.grid, every_axis=True)
        for name, evaluation in self.evaluations.items():
            where = f"evaluations.{name}"
            if evaluation.cloud:
                self._check_cloud(where, evaluation, evaluation.cloud)
            else:
                self._check_points(where, evaluation, every_axis=False)
            self._check_center(f"evaluations.{name}.center", evaluation)
        return self

    @property
    def labels(self) -> dict[str, str]:
        """The label of each term that has a name."""
        return naming.labels(self.names, tuple(self.variables), self.order)

    def _check_names(self) -> None:
        for variable in self.variables:
            if variable in self.names:
                raise ValueError(f"names.{variable}: is a variable; a term must have another name")
        naming.labels(self.names, tuple(self.variables), self.order)

    def _check_center(self, where: str, evaluation: Evaluation) -> None:
        """A centre names every variable; in an atlas those that are not listed."""
        wanted = set(self.variables)
        if evaluation.source == "atlas" and evaluation.points is None:
            wanted -= set(evaluation.axes)
        if evaluation.center is not None and not wanted <= set(evaluation.center) <= set(self.variables):
            raise ValueError(f"{where} names {sorted(evaluation.center)}: must give each of {sorted(wanted)}")

    def _check_cloud(self, where: str, evaluation: Evaluation, cloud: Cloud) -> None:
        if evaluation.points is not None or evaluation.axes:
            raise ValueError(f"{where}: has a cloud and {next(iter(evaluation.axes), 'points')}; give one of them")
        if unknown := sorted(set(cloud.spread) - set(self.variables)):
            raise ValueError(f"{where}.cloud.spread.{unknown[0]}: no such variable; they are {self.variables}")

    def _check_points(self, where: str, points: PointSet, every_axis: bool) -> None:
        unknown = sorted(set(points.axes) - set(self.variables))
        if unknown:
            raise ValueError(f"{where}.{unknown[0]}: no such variable or option; variables are {self.variables}")
        if points.points is not None and points.axes:
            raise ValueError(f"{where}: has both points and axes; give one of them")
        if points.points is None and not points.axes:
            raise ValueError(f"{where}: is empty; give {self.variables[0]} = {{ start, stop, num }}, or points")
        missing = [v for v in self.variables if v not in points.axes]
        if every_axis and points.points is None and missing:
            raise ValueError(f"{where}.{missing[0]}: missing; every variable needs an axis")
        self._check_scattered(where, points.points)

    def _check_scattered(self, where: str, points: list[list[float]] | str | None) -> None:
        if isinstance(points, list):
            wrong = [p for p in points if len(p) != len(self.variables)]
            if wrong or not points:
                raise ValueError(
                    f"{where}.points: {wrong[0] if wrong else 'empty'}; every point needs {len(self.variables)} numbers"
                )


class GraphSpec(Subject):
    """The jaxprs of f and its derivatives, and their drawings. `orders`: which derivatives."""

    kind: Literal["graph"]
    orders: Annotated[list[Annotated[int, Field(ge=0, le=12)]], Field(min_length=1, max_length=13)] = [0, 1]


class GrowthSpec(Subject):
    """How many equations the derivatives have, against the order, up to `order`."""

    kind: Literal["growth"]
    order: Annotated[int, Field(ge=1, le=12, strict=True)] = 8

    @model_validator(mode="after")
    def _consistent(self) -> "GrowthSpec":
        _one_scalar(self)
        return self


Size = Annotated[int, Field(ge=1, le=2**20)]
# A gigabyte of float64: more than any Jacobian that is timed.
LARGEST_JACOBIAN = 2**27


class TimingSpec(Base):
    """A benchmark. `orders`: cost of the methods against the order; `jacobians`: forward against reverse.

    The first needs `function`, `variables` and `call`; the second has maps of its own, of `shapes` (D, M).
    `limit_seconds`: a method is not taken to a higher order once compiling took longer.
    """

    kind: Literal["timing"]
    suite: Literal["orders", "jacobians"]
    function: Reference = "tanh_half"
    variables: list[str] = ["x"]
    call: Literal["scalars", "vector"] = "scalars"
    formula: Formula = ""
    order: Annotated[int, Field(ge=1, le=1000)] = 10
    points: Annotated[int, Field(ge=1, le=10**8)] = 20_000
    shapes: Annotated[list[tuple[Size, Size]], Field(min_length=1, max_length=64)] = [
        (1000, 10),
        (200, 200),
        (10, 1000),
    ]
    repetitions: Annotated[int, Field(ge=1, le=10**6)] = 5
    limit_seconds: Positive = 5.0

    @model_validator(mode="after")
    def _consistent(self) -> "TimingSpec":
        missing = [f for f in ("function", "variables", "call") if f not in self.model_fields_set]
        if self.suite == "orders" and missing:
            raise ValueError(f"{missing[0]}: missing; suite = 'orders' measures a function")
        if large := [shape for shape in self.shapes if shape[0] * shape[1] > LARGEST_JACOBIAN]:
            raise ValueError(f"shapes: {list(large[0])}: a Jacobian must have at most {LARGEST_JACOBIAN} entries")
        variable_names(self.variables)
        _one_scalar(self)
        return self


Spec = TaylorSpec | GraphSpec | GrowthSpec | TimingSpec
KINDS: dict[str, type[Base]] = {
    "taylor": TaylorSpec,
    "graph": GraphSpec,
    "growth": GrowthSpec,
    "timing": TimingSpec,
}
