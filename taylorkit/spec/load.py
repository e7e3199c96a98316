"""A spec from TOML, with overrides; every mistake one message with field, value and remedy."""

import tomllib
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from taylorkit.errors import SpecError
from taylorkit.spec.fields import KINDS, Spec


def load(path: str | Path, overrides: Sequence[str] = ()) -> Spec:
    """The spec at `path`, with `field=value` overrides (`grid.x.num=50`; the value as in TOML).

    Raises SpecError for a file that is missing or no TOML, and for every field that is wrong.
    """
    path = Path(path)
    if not path.is_file():
        raise SpecError(f"spec {path}: no such file; the project's own are in data/specs/")
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SpecError(f"spec {path}: not valid TOML: {error}") from error
    for override in overrides:
        _override(data, override)
    data.setdefault("name", path.stem.lower().replace("_", "-"))
    return parse(data, str(path))


def parse(data: dict[str, Any], where: str = "spec") -> Spec:
    """A spec from plain data. Raises SpecError with one line for each field that is wrong."""
    kind = data.get("kind", "taylor")
    if not isinstance(kind, str) or kind not in KINDS:
        raise SpecError(f"{where}: kind = {kind!r}: must be one of {', '.join(KINDS)}")
    model = KINDS[kind]
    try:
        return TypeAdapter(model).validate_python(data)  # type: ignore[return-value]
    except ValidationError as error:
        lines = [_line(detail, list(model.model_fields)) for detail in error.errors()]
        raise SpecError(f"{where}:\n" + "\n".join(f"  {line}" for line in dict.fromkeys(lines))) from None


def _override(data: dict[str, Any], override: str) -> None:
    field, equals, text = override.partition("=")
    parts = field.strip().split(".")
    if not equals or not all(parts):
        raise SpecError(f"--set {override!r}: write field=value, such as order=6 or grid.x.num=50")
    table = data
    for part in parts[:-1]:
        inner = table.setdefault(part, {})
        if not isinstance(inner, dict):
            raise SpecError(f"--set {override!r}: {part} = {inner!r} has no fields")
        table = inner
    table[parts[-1]] = _value(text.strip())


def _value(text: str) -> Any:
    """As TOML reads it; a bare word is a string."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _line(detail: ErrorDetails, known: list[str]) -> str:
    """`field = value: what is wrong and what to write`"""
    field = ".".join(str(part) for part in detail["loc"] if not str(part).startswith("<"))
    if detail["type"] == "missing":
        return f"{field}: missing; this field must be given"
    if detail["type"] == "extra_forbidden":
        close = get_close_matches(field, known, 1)
        remedy = f"did you mean {close[0]!r}?" if close else f"known fields: {', '.join(known)}"
        return f"{field} = {detail['input']!r}: unknown field; {remedy}"
    message = detail["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    if not detail["loc"]:
        return message
    return f"{field} = {detail['input']!r}: {message}"
