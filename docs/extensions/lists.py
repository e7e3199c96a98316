"""What the code lists: the commands with their help, the kinds of figure with their fields, the named functions."""

import argparse
import inspect
import os
from collections.abc import Iterator
from importlib import import_module

from sphinx.application import Sphinx

from extensions.docstring import markdown
from extensions.generated import Generated
from taylorkit.cli.arguments import parser
from taylorkit.functions import TABLE, Function
from taylorkit.plotting import FIGURES

# A help text is folded at the width of the terminal; here at this.
WIDTH = "86"


class Commands(Generated):
    """What `--help` says: of all, then of each command that knows it."""

    def markdown(self) -> str:
        os.environ["COLUMNS"] = WIDTH
        return "\n".join(f"## `{name}`\n\n```text\n{help_.strip()}\n```\n" for name, help_ in _helps())


def _helps() -> Iterator[tuple[str, str]]:
    top = parser()
    yield "taylorkit", top.format_help()
    (commands,) = (a for a in top._actions if isinstance(a, argparse._SubParsersAction))
    for name, command in commands.choices.items():
        if command.add_help:
            yield f"taylorkit {name}", command.format_help()


class Figures(Generated):
    """Each kind of figure: what it is, its fields with their defaults, and what they mean."""

    def markdown(self) -> str:
        return "\n".join(self._one(kind, text) for kind, text in FIGURES.items())

    def _one(self, kind: str, text: str) -> str:
        function = getattr(import_module(f"taylorkit.plotting.{kind}"), kind)
        fields = list(inspect.signature(function).parameters.values())[1:]
        words = ", ".join(f"`{field.name} = {_default(field.default)}`" for field in fields)
        return f"## `{kind}`\n\n{text}. {markdown(function)}\n\nFields: {words}.\n"


def _default(value: object) -> str:
    return "…" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)


class Functions(Generated):
    """The functions that have a name of their own."""

    def markdown(self) -> str:
        return "\n".join(f"- **`{f.name}`**: ${f.signature} = {f.latex}$ ({_words(f)})" for f in TABLE.values())


def _words(function: Function) -> str:
    """Where it comes from, and what is unusual about it."""
    facts = [function.source]
    if function.domain:
        facts.append(f"for {function.domain_text}")
    if function.call == "vector":
        facts.append("takes one vector")
    return "; ".join(facts)


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("commands", Commands)
    app.add_directive("figures", Figures)
    app.add_directive("functions", Functions)
    return {"parallel_read_safe": True}
