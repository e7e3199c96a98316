"""A spec from TOML, with overrides; every mistake one message with field, value and remedy."""

import tomllib
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from taylorkit import shown
from taylorkit.errors import SpecError
from taylorkit.spec import reasons
from taylorkit.spec.fields import KINDS, Spec
from taylorkit.spec.point_sets import Evaluation, Range
from taylorkit.trusted import Folders, covers

# What pydantic would say in its own terms, in words that say what to write.
WORDS = {
    "byte_size": "must be a size such as '2 GiB'",
    "float_parsing": "must be a number",
    "list_type": "must be a list",
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
    "dict_type": "must be a table",
    "string_type": "must be a string",
    "string_pattern_mismatch": "must be text without control characters",
    "string_too_short": "must not be empty",
    "too_short": "must have at least one entry",
}
# No field lies deeper than a number of a list of an evaluation; Python itself gives up at some hundreds.
DEEPEST = 16
AXIS = "must be a number, a list of numbers, or { start, stop, num }"


def load(path: str | Path, overrides: Sequence[str] = (), trusted: Folders = None) -> Spec:
    """The spec at `path`, with `field=value` overrides (`grid.x.num=50`; the value as in TOML).

    Raises SpecError for a file that is missing or no TOML, and for every field that is wrong; of a file outside of the
    trusted folders, which may be no spec at all, no field is shown.
    """
    path = Path(path)
    data = _tables(path)
    for override in overrides:
        _override(data, override)
    data.setdefault("name", path.stem.lower().replace("_", "-"))
    try:
        return parse(data, str(path))
    except SpecError:
        if covers(trusted, path):
            raise
    raise SpecError(
        f"spec {path}: a field is wrong; the file is outside of the folders that this deployment trusts, so none is "
        "shown: `taylorkit check` says which, where it lies"
    )


def _tables(path: Path) -> dict[str, Any]:
    """What the file holds, read as TOML. What is raised has no cause: that would quote it."""
    text = ""
    try:
        if path.is_file():  # a device or a pipe may never end
            text = path.read_text(encoding="utf-8")
            return tomllib.loads(text)
        reason = "no such file; the project's own are in data/specs/"
    except OSError as error:
        reason = f"cannot be read ({error})"
    except (ValueError, RecursionError) as error:  # the reader's own, bad UTF-8, numbers of thousands of digits
        reason = f"not valid TOML: {reasons.of_toml(error, text)}"
    raise SpecError(f"spec {path}: {reason}")


def parse(data: dict[str, Any], where: str = "spec") -> Spec:
    """A spec from plain data. Raises SpecError with one line for each field that is wrong."""
    for field, value in data.items():
        if _depth(value) > DEEPEST:
            raise SpecError(f"{where}: {shown.name(field)}: is nested more than {DEEPEST} deep; no field is")
    kind = data.get("kind", "taylor")
    if not isinstance(kind, str) or kind not in KINDS:
        raise SpecError(f"{where}: kind = {shown.value(kind)}: must be one of {', '.join(KINDS)}")
    model = KINDS[kind]
    try:
        return TypeAdapter(model).validate_python(data)  # type: ignore[return-value]
    except ValidationError as error:
        lines = [_line(detail, model) for detail in error.errors()]
        raise SpecError(f"{where}:\n" + "\n".join(f"  {line}" for line in dict.fromkeys(lines))) from None


def _depth(value: Any) -> int:
    """How deep lists and tables are nested, without going deeper than must be known."""
    layer, depth = [value], 0
    while layer and depth <= DEEPEST:
        inner = [list(v.values()) if isinstance(v, dict) else v for v in layer if isinstance(v, dict | list)]
        layer, depth = [v for values in inner for v in values], depth + 1
    return depth


def _override(data: dict[str, Any], override: str) -> None:
    field, equals, text = override.partition("=")
    parts = field.strip().split(".")
    if not equals or not all(parts):
        raise SpecError(f"--set {shown.value(override)}: write field=value, such as order=6 or grid.x.num=50")
    table = data
    for part in parts[:-1]:
        inner = table.setdefault(part, {})
        if not isinstance(inner, dict):
            raise SpecError(f"--set {shown.value(override)}: {shown.name(part)} = {shown.value(inner)} has no fields")
        table = inner
    table[parts[-1]] = _value(text.strip())


def _value(text: str) -> Any:
    """As TOML reads it; a bare word is a string."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        return text


def _line(detail: ErrorDetails, model: type[BaseModel]) -> str:
    """`field = value: what is wrong and what to write`"""
    places = [str(part) for part in detail["loc"]]
    field = ".".join(shown.name(part) for part in places if part[:1] not in ("<", "["))
    if detail["type"] == "missing":
        return f"{field}: missing; this field must be given"
    if not places:
        return detail["msg"].removeprefix("Value error, ")
    return f"{field} = {shown.value(detail['input'])}: {_remedy(detail, places, model)}"


def _remedy(detail: ErrorDetails, places: list[str], model: type[BaseModel]) -> str:
    if detail["type"] == "extra_forbidden":
        known = _fields(places, model)
        return f"unknown field; {_meant(places[-1], known) or 'known fields: ' + ', '.join(known)}"
    if places[-1] == "<number>" and detail["type"] != "finite_number":
        meant = _meant(places[-2], list(Evaluation.model_fields))
        return f"{AXIS}; {meant}" if meant else AXIS
    message = detail["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    return WORDS.get(detail["type"], message)


def _meant(field: str, known: list[str]) -> str:
    close = get_close_matches(field, known, 1)
    return f"did you mean {close[0]!r}?" if close else ""


def _fields(places: list[str], model: type[BaseModel]) -> list[str]:
    """The fields that could have been meant where an unknown one stands."""
    if "<range>" in places:
        return list(Range.model_fields)
    holder: Any = model if len(places) == 1 else model.model_fields[places[0]].annotation
    return list(holder.model_fields)
