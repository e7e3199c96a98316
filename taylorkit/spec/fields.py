"""What each kind of spec holds. Every field has its meaning here, and nowhere else."""

import math
import re
import sys
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ByteSize,
    ConfigDict,
    Discriminator,
    Field,
    FiniteFloat,
    Tag,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from taylorkit import naming, shown
from taylorkit.multi_index import check_order

# Names that the artifact uses for its own dimensions and arrays, or a point set for its own options.
RESERVED = frozenset(
    "term degree point variable output status points source center overlay cloud exponent derivatives trust_radius "
    "convergence_radius truth approximation error max_error rms_error samples center_index evaluation commit "
    "log extrapolate".split()
)


# What is hashed must be a whole number that every reader of JSON has exactly.
GREATEST = 2**53
# Text without the control characters that no page and no drawing can hold; tabs and ends of lines are.
PRINTED = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"
# What one page, or one figure, says.
MOST_WORDS = 20_000
# More names than these no reader keeps apart.
MOST_NAMES = 256


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _spelled(pattern: str, words: str) -> AfterValidator:
    """A name that can be a folder's: it matches `pattern`, in words 64 or fewer `words`."""

    def check(name: str) -> str:
        if not re.fullmatch(pattern, name):
            raise ValueError(f"must be at most 64 {words}")
        return name

    return AfterValidator(check)


# A number that is written as one: neither a text nor true.
Number = Annotated[FiniteFloat, Field(strict=True)]
Positive = Annotated[FiniteFloat, Field(gt=0, strict=True)]


class Range(Model):
    """`num` values from `start` to `stop`, both included; `spacing` may be logarithmic."""

    start: Number
    stop: Number
    num: Annotated[int, Field(ge=1, le=GREATEST)]
    spacing: Literal["linear", "log"] = "linear"

    @model_validator(mode="after")
    def _positive(self) -> "Range":
        if self.spacing == "log" and min(self.start, self.stop) <= 0:
            raise ValueError(f"start = {self.start:g}, stop = {self.stop:g}: must be above 0 where spacing is log")
        return self

    def values(self) -> np.ndarray:
        space = np.linspace if self.spacing == "linear" else np.geomspace
        return space(self.start, self.stop, self.num)


def _written_as(value: Any) -> str:
    """Which of the three ways to write an axis this is, so that a mistake is reported in that way's terms alone."""
    if isinstance(value, dict | Range):
        return "<range>"
    return "<values>" if isinstance(value, list) else "<number>"


Axis = Annotated[
    Annotated[Range, Tag("<range>")]
    | Annotated[list[Number], Field(min_length=1), Tag("<values>")]
    | Annotated[Number, Tag("<number>")],
    Discriminator(_written_as),
]


def axis_length(axis: Axis) -> int:
    """How many values there are along one axis."""
    return axis.num if isinstance(axis, Range) else len(axis) if isinstance(axis, list) else 1


Rows = Annotated[
    Annotated[list[list[Number]], Tag("<rows>")] | Annotated[str, Tag("<file>")],
    Discriminator(lambda value: "<file>" if isinstance(value, str) else "<rows>"),
]


def axis_values(axis: Axis) -> np.ndarray:
    """The values along one axis: (n,) float64."""
    return axis.values() if isinstance(axis, Range) else np.atleast_1d(np.asarray(axis, np.float64))


class PointSet(BaseModel):
    """Points: one axis a variable (`x = {start, stop, num}`, a list, or a number), or scattered `points`.

    `points` is a list of points, or a .npy or .csv file with one row a point, found from the spec's folder. Columns are
    in the order of the variables, or are found by name where the first row of a .csv file, or the fields of a .npy
    file, name them all.
    """

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, Axis]

    points: Rows | None = None

    @property
    def axes(self) -> dict[str, Axis]:
        return self.__pydantic_extra__ or {}


# How many Sobol points of 30 bits there are beside 0, and in how many variables.
MOST_OF_CLOUD, MOST_SPREADS = 2**30 - 1, 21_201


class Cloud(Model):
    """`num` points scattered about the centre as a normal distribution, `spread` its standard deviation by variable.

    Variables that are not listed stay at the centre. The points are always the same: see `taylorkit.spec.cloud`.
    """

    num: Annotated[int, Field(ge=1, le=MOST_OF_CLOUD, strict=True)]
    spread: Annotated[dict[str, Positive], Field(min_length=1, max_length=MOST_SPREADS)]


class Evaluation(PointSet):
    """Where f is compared with its Taylor polynomials, and with whose.

    `source = "center"`: the polynomial about `center` (by default the only expansion point); `"atlas"`: that of each
    point's nearest expansion point. Axes that are not listed stay at the centre; in an atlas `center` names where, and
    nothing else. `overlay` names a function, a closed form say, whose values are stored beside. `cloud` in place of
    axes or points scatters points about `center`.
    """

    source: Literal["center", "atlas"] | None = None
    center: dict[str, Number] | None = None
    overlay: Annotated[str, Field(max_length=4096)] | None = None
    cloud: Cloud | None = None


class Trust(Model):
    """How `trust_radius` is sampled: along `directions`, at `samples` radii up to `radius`, to an absolute `tolerance`.

    By default `radius` is half the diagonal of what the grid and the evaluations span. There are 2 directions in one
    variable; from three variables on the axes, both ways, are always among them. With `samples = 0` it is not sampled.
    """

    tolerance: Positive = 1e-3
    radius: Positive | None = None
    samples: Annotated[int, Field(ge=0, le=4096)] = 64
    directions: Annotated[int, Field(ge=1, le=4096)] = 16


def _finite_size(value: Any) -> Any:
    """A size that is beyond any float is one that nobody has; pydantic would fail on it."""
    digits = re.match(r"\s*([\d.]*)", value) if isinstance(value, str) else None
    if (digits and len(digits[1]) > 20) or (isinstance(value, float) and not math.isfinite(value)):
        raise PydanticCustomError("byte_size", "could not parse value and unit from byte string")
    return value


class Memory(Model):
    """`budget`: how much memory a run may take for its own arrays."""

    budget: Annotated[ByteSize, BeforeValidator(_finite_size), Field(le=2**63)] = ByteSize(2**30)


class Storage(Model):
    """`compression`: of the stored numbers: `lz4`, `zstd` (smaller, slower to write) or `none`.

    It is in no fingerprint: values are what counts. An artifact keeps the one that it was made with, whatever a later
    run of it asks for.
    """

    compression: Literal["lz4", "zstd", "none"] = "lz4"


def _plain(value: Any) -> Any:
    """What a figure is asked for with is written into attributes as JSON, which has neither NaN nor dates."""
    for one in value if isinstance(value, list) else [value]:
        if not isinstance(one, str | int | float) or not (isinstance(one, str) or abs(one) <= sys.float_info.max):
            raise ValueError("must be a text, a finite number, true, false, or a list of these")
    return value


Plain = Annotated[Any, AfterValidator(_plain)]


def _worded(request: dict[str, Any]) -> dict[str, Any]:
    words = request.get("words", "")
    if not isinstance(words, str) or len(words) > MOST_WORDS or not re.match(PRINTED, words):
        raise ValueError(f"words: must be a text of at most {MOST_WORDS} characters, none of them a control character")
    return request


Figure = Annotated[dict[str, Plain], AfterValidator(_worded)]


class Report(Model):
    """`figures`: a list of what to draw; by default chosen from what the artifact holds. `words`: what the page says.

    Words are Markdown with $formulas$; a figure may have `words` of its own beside its keywords.
    """

    words: Annotated[str, Field(max_length=MOST_WORDS, pattern=PRINTED)] = ""
    figures: Annotated[list[Figure], Field(max_length=64)] | None = None


class Base(Model):
    """What every kind has. `name` is the file's name unless given."""

    kind: str
    name: Annotated[str, _spelled(r"[a-z0-9][a-z0-9-]{0,63}", "lowercase letters, digits and dashes, no dash first")]
    title: Annotated[str, Field(max_length=500, pattern=PRINTED)] = ""
    description: Annotated[str, Field(max_length=20_000, pattern=PRINTED)] = ""
    report: Report = Report()


def _own_name(name: str) -> str:
    """A name that neither the artifact nor an expression takes for something else."""
    if name in RESERVED or re.fullmatch(r"output_\d+", name):
        raise ValueError(f"{name!r} is a name that the artifact uses itself; choose another")
    if len(name) > naming.LONGEST:
        raise ValueError(f"{name[:20]!r}… has {len(name)} characters; give it {naming.LONGEST} at most")
    if naming.is_plain(name):
        return name
    if naming.is_plain(plain := naming.spelled(name)):
        raise ValueError(f"{name!r} is {name!a}, which Python reads as {plain!a}: write {plain!r}")
    raise ValueError(f"{shown.value(name)} must be a plain name such as x, σ or spot_price")


def _variable_names(names: list[str]) -> list[str]:
    for name in names:
        _own_name(name)
    if len(set(names)) < len(names):
        raise ValueError("each variable must have a name of its own")
    return names


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
        return _variable_names(names)


TermName = Annotated[str, AfterValidator(_own_name)]
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
        Annotated[str, _spelled(r"[a-z][a-z0-9_]{0,63}", "lowercase letters, digits and underscores, a letter first")],
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
        _variable_names(self.variables)
        _one_scalar(self)
        return self


Spec = TaylorSpec | GraphSpec | GrowthSpec | TimingSpec
KINDS: dict[str, type[Base]] = {
    "taylor": TaylorSpec,
    "graph": GraphSpec,
    "growth": GrowthSpec,
    "timing": TimingSpec,
}
