"""`{api} taylorkit.derivatives …`: functions and classes with their signatures and docstrings.

A name without a docstring, or a public name of the package that stands on no page, is a warning, so the build fails.
"""

import inspect
from collections.abc import Iterator
from functools import cached_property
from importlib import import_module
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

import taylorkit
from extensions.docstring import markdown
from extensions.generated import Generated, block

log = logging.getLogger(__name__)

# Attributes that are no functions, and what is said of them.
CONSTANTS = {
    "taylorkit.__version__": "The release, as text. It is in no fingerprint: these have a version of their own."
}
METHODS = ("__call__",)


class Api(Generated):
    """Each name, one a line."""

    has_content = True

    def markdown(self) -> str:
        return "\n".join(self._one(name.strip()) for name in self.content if name.strip())

    def _one(self, name: str) -> str:
        if name in CONSTANTS:
            return block("py:data", name, CONSTANTS[name])
        found = _object(name)
        text = self._text(name, found)
        if not inspect.isclass(found):
            return block("py:function", name + _signature(found), text)
        kind = "py:exception" if issubclass(found, Exception) else "py:class"
        shown = name + ("" if kind == "py:exception" else _signature(found))
        return block(kind, shown, text + "\n\n" + "\n".join(self._members(name, found)), fence=4)

    def _members(self, name: str, found: type) -> Iterator[str]:
        for member, value in vars(found).items():
            if member.startswith("_") and member not in METHODS:
                continue
            if isinstance(value, property | cached_property):
                documented = value.func if isinstance(value, cached_property) else value
                yield block("py:property", member, self._text(f"{name}.{member}", documented))
            elif inspect.isfunction(value):
                yield block("py:method", member + _signature(value, bound=True), self._text(f"{name}.{member}", value))

    def _text(self, name: str, documented: Any) -> str:
        text = markdown(documented)
        if not text:
            log.warning("%s has no docstring", name, location=self.get_location())
        return text


def _object(name: str) -> Any:
    module, _, attribute = name.rpartition(".")
    return getattr(import_module(module), attribute)


def _signature(function: Any, bound: bool = False) -> str:
    """Names and defaults: what they are, the docstring says."""
    parameters = list(inspect.signature(function).parameters.values())[bound:]
    plain = [p.replace(annotation=inspect.Parameter.empty) for p in parameters]
    text = str(inspect.Signature(plain))
    # What makes its own defaults is made by taylorkit, not by its users.
    return "" if "<factory>" in text else text


def _complete(app: Sphinx, env: BuildEnvironment) -> None:
    known = env.domains["py"].data["objects"]
    for name in taylorkit.__all__:
        if f"taylorkit.{name}" not in known:
            log.warning("taylorkit.%s is public, but no page of the reference holds it", name)


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("api", Api)
    app.connect("env-check-consistency", _complete)
    return {"parallel_read_safe": True}
