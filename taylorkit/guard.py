"""While a deployment loads a function, imports are answered from trusted folders and from what is installed alone.

A trusted file may import a name that somebody else's folder answers, and a package without `__init__.py` may have parts
in several folders. Each place is looked at before any code there runs; modules that are loaded already stay.
"""

import site
import sys
import sysconfig
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from taylorkit.errors import FunctionError
from taylorkit.trusted import Folders, require_code


@contextmanager
def guarded(trusted: Folders) -> Iterator[None]:
    """What this thread imports from elsewhere is refused, as ImportError; nothing is where no folders are named."""
    if trusted is None:
        yield
        return
    guard = _Guard([*trusted, *installed()])
    sys.meta_path.insert(0, guard)
    try:
        yield
    finally:
        sys.meta_path.remove(guard)


class _Guard(MetaPathFinder):
    """Asks the finders after it, and looks at what they found."""

    def __init__(self, allowed: Sequence[Path]):
        self._allowed, self._thread = allowed, threading.get_ident()

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if threading.get_ident() != self._thread:
            return None
        asked = (finder.find_spec(name, path, target) for finder in sys.meta_path if not isinstance(finder, _Guard))
        found = next((spec for spec in asked if spec is not None), None)
        try:
            for place in places(found):
                require_code(place, self._allowed)
        except FunctionError as error:
            raise ImportError(f"module {name!r}: {error}", name=name) from None
        return found


def places(spec: ModuleSpec | None) -> list[Path]:
    """The module's file, and every folder in which modules of a package lie; none of what is built into Python."""
    if spec is None:
        return []
    origin = [spec.origin] if spec.has_location and spec.origin else []
    return [Path(place).resolve() for place in (*origin, *(spec.submodule_search_locations or ()))]


@cache
def installed() -> tuple[Path, ...]:
    """Where Python's own modules, installed libraries and taylorkit lie."""
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    known = {*map(sysconfig.get_path, names), *site.getsitepackages(), site.getusersitepackages()}
    return (Path(__file__).parent, *map(Path, known))
