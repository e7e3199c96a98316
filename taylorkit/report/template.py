"""The templates: every value is escaped unless it was made as markup here, and only scripts that lie here run."""

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

__all__ = ["render"]

FOLDER = Path(__file__).parent / "templates"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def render(name: str, scripts: Sequence[str] = (), **contents: Any) -> str:
    """The template `name` with `contents` filled in, and at its end `scripts`, files beside the templates.

    The page's policy allows the text of these and of nothing else, whatever else a page may come to hold.
    """
    found = [Markup(_script(file)) for file in scripts]
    hashes = Markup(" ".join(f"'sha256-{_sha256(script)}'" for script in found))
    return _environment().get_template(name).render(scripts=found, script_hashes=hashes, **contents)


@cache
def _script(file: str) -> str:
    text = (FOLDER / file).read_text(encoding="utf-8")
    if "</script" in text.lower() or "<!--" in text:
        raise ValueError(f"{file}: would end the element that it stands in; split the word")
    return text


@cache
def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
