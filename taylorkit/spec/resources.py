"""How a run samples radii, how much memory it may take, and how its numbers are stored."""

import math
import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ByteSize, Field
from pydantic_core import PydanticCustomError

from taylorkit.spec.model import Model
from taylorkit.spec.point_sets import Positive


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
