"""What attributes may be: the types that every reader relies on, checked once, where they are read.

Only types and sizes: what is said is data, shown as it stands. Other fields may be there and are passed on.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from taylorkit import naming, shown
from taylorkit.spec.names import MOST_NAMES
from taylorkit.spec.words import PRINTED, Report


def _plain(name: str) -> str:
    if not naming.is_plain(name):
        raise ValueError("must be a plain name")
    return name


Words = Annotated[str, Field(max_length=100_000, pattern=PRINTED)]
Names = Annotated[str, AfterValidator(_plain)]
Place = dict[Names, FiniteFloat]


class Loose(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)


class Function(Loose):
    reference: Words = ""
    name: Words = ""
    latex: Words = ""
    signature_latex: Words = ""
    domain: Words = ""
    source: Words = ""
    program: Words = ""


class Method(Loose):
    name: Words = ""
    lowering: Words = ""
    tile: int | None = None


class Trust(Loose):
    tolerance: float | None = None
    radius: float | None = None
    samples: int | None = None


class Asked(Loose):
    """The spec, of which pages follow the figures that it asks for."""

    report: Report = Report()


class Root(Loose):
    """Attributes of an artifact's root."""

    kind: Literal["taylor", "graph", "growth", "timing"]
    name: Words
    title: Words = ""
    description: Words = ""
    variables: Annotated[list[Names], Field(min_length=1)]
    names: Annotated[dict[Names, Words], Field(max_length=MOST_NAMES)] = {}
    order: Annotated[int, Field(ge=0, le=2**31)] | None = None
    dtype: Words = ""
    fingerprint: Words
    platform: Words = ""
    function: Function
    method: Method = Method()
    trust: Trust = Trust()
    versions: dict[str, Words] = {}
    warnings: Annotated[list[Words], Field(max_length=1000)] = []
    spec: Asked = Asked()


class Evaluation(Loose):
    """Attributes of an evaluation's group."""

    evaluation: Words
    fingerprint: Words
    source: Literal["atlas", "center"]
    center: Place | None = None
    fixed: Place = {}
    overlay: Words | None = None
    overlay_latex: Words | None = None


class Entry(Loose):
    """What the log says of one run: for readers alone."""

    finished: Words
    seconds: dict[str, FiniteFloat]
    device: Words
    host: Words


def problem(attributes: dict[str, Any], model: type[Loose]) -> str | None:
    """What is wrong with attributes, in words; None where all that is relied on is as it must be."""
    try:
        model.model_validate(attributes)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        return f"attribute {shown.name('.'.join(map(str, first['loc'])))}: {first['msg']}"
    return None
