"""Where points are: axes, ranges, scattered points and clouds; evaluations at them."""

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Discriminator, Field, FiniteFloat, Tag, model_validator

from taylorkit.spec.model import GREATEST, Model

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
    in the order of the variables, or are found by name where the first row of a .csv file, a comment above its
    numbers, or the fields of a .npy file, name them all.
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
