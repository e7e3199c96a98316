"""The fields of each kind of spec, and the specs that come with the project."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from sphinx.application import Sphinx

from extensions.docstring import markdown
from extensions.generated import Generated, table
from taylorkit.functions import TABLE
from taylorkit.spec import fields

SPECS = Path(__file__).parents[2] / "data" / "specs"

# What JSON's schema says of a number or a text, as it is written.
TYPES = {"string": "text", "number": "a number", "integer": "a whole number", "boolean": "true or false"}
BOUNDS = {"minimum": "≥ {}", "exclusiveMinimum": "> {}", "maximum": "≤ {}", "maxLength": "at most {} characters"}


# What reading a spec supplies before its fields are looked at.
LOADED = {"kind": "`taylor`", "name": "the file's name"}


class Fields(Generated):
    """`{fields} TaylorSpec`: the fields of a model, and what its docstring says of them."""

    required_arguments = 1

    def markdown(self) -> str:
        model: type[BaseModel] = getattr(fields, self.arguments[0])
        schema = model.model_json_schema()
        required = schema.get("required", ())
        inherited = getattr(model.__base__, "model_fields", {})
        rows = (
            [f"`{name}`", _type(field), LOADED.get(name) or _default(field, name in required)]
            for name, field in schema.get("properties", {}).items()
            if name not in inherited
        )
        return f"{markdown(model)}\n\n{table(['field', 'type', 'default'], rows)}"


def _type(field: dict[str, Any]) -> str:
    """A field's type in words."""
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        return "a range" if name == "Range" else "a table, see below"
    if "const" in field or "enum" in field:
        return ", ".join(f"`{value}`" for value in field.get("enum", [field.get("const")]))
    for choice in ("anyOf", "oneOf"):
        if choice in field:
            kinds = [_type(one) for one in field[choice] if one.get("type") != "null"]
            return " or ".join(dict.fromkeys(kinds))
    if field.get("type") == "array":
        return f"a list, each {_type(field['items'])}" if field.get("items") else "a list"
    if field.get("type") == "object":
        value = field.get("additionalProperties")
        return f"tables by name, each {_type(value)}" if isinstance(value, dict) else "a table"
    bounds = [words.format(f"{field[key]:,}") for key, words in BOUNDS.items() if key in field]
    return ", ".join([TYPES.get(field.get("type", ""), "any value"), *bounds])


def _default(field: dict[str, Any], required: bool) -> str:
    if required:
        return "must be given"
    value = field.get("default")
    if value in (None, "") or isinstance(value, dict):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


class Gallery(Generated):
    """The specs of data/specs: what each is, of which function, to which order."""

    def markdown(self) -> str:
        return "\n".join(_entry(path) for path in sorted(SPECS.glob("*.toml")))


def _entry(path: Path) -> str:
    spec = tomllib.loads(path.read_text(encoding="utf-8"))
    lines = [f"## {spec.get('title', path.stem)}", spec.get("description", "").strip(), " · ".join(_facts(path, spec))]
    return "\n\n".join(line for line in lines if line) + "\n"


def _facts(path: Path, spec: dict[str, Any]) -> Iterator[str]:
    yield f"`data/specs/{path.name}`"
    if spec.get("kind", "taylor") != "taylor":
        yield f"kind {spec['kind']}"
    if known := TABLE.get(spec.get("function", "")):
        yield f"${known.signature} = {known.latex}$"
    elif formula := spec.get("formula"):
        yield f"${formula}$"
    if "order" in spec:
        yield f"order {spec['order']}"


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("fields", Fields)
    app.add_directive("gallery", Gallery)
    return {"parallel_read_safe": True}
