"""A docstring as Markdown: it is already, but for its examples, which Markdown would take for quotations."""

import inspect
import re
from typing import Any

# From a prompt to the next empty line.
EXAMPLE = re.compile(r"^>>> .*?(?=\n\n|\Z)", re.MULTILINE | re.DOTALL)


def markdown(documented: Any) -> str:
    """The docstring of an object, its examples in fences. Empty where it has none of its own."""
    own = documented.fget if isinstance(documented, property) else documented
    text = inspect.cleandoc(getattr(own, "__doc__", None) or "")
    return EXAMPLE.sub(lambda found: f"```pycon\n{found[0]}\n```", text)


def first_line(documented: Any) -> str:
    """Its summary."""
    return markdown(documented).partition("\n\n")[0].replace("\n", " ")
