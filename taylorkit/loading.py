"""From a reference in a spec to a function: a name of the table, `package.module:name`, or `file.py:name`.

Loading runs the file, as running a script does. Where only some folders are trusted (a deployment), a reference that
lies outside of them is refused before any of its code runs, and so is what it imports: see `guard`.
"""

import importlib
import importlib.util
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from difflib import get_close_matches
from hashlib import blake2b
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

from taylorkit.errors import FunctionError
from taylorkit.functions import TABLE, Function
from taylorkit.guard import guarded, places
from taylorkit.trusted import covers, require_code


def find_function(reference: str, folder: Path, trusted: Sequence[Path] | None = None) -> Function:
    """The function that `reference` names, files and modules being looked for from `folder`.

    Raises FunctionError where there is none, or where `trusted` folders are given and it lies outside of them.
    """
    if ":" not in reference:
        return _named(reference)
    place, _, name = reference.rpartition(":")
    with guarded(trusted):
        module = _file(place, folder, trusted) if place.endswith(".py") else _module(place, folder, trusted)
    found: Any = module
    for number, part in enumerate(name.split(".")):
        # Not through what the file imports: that lies elsewhere, where nobody may have been trusted.
        found = None if number and isinstance(found, ModuleType) else _attribute(found, part)
    if isinstance(found, Function):
        return found
    if not callable(found):
        names = [n for n, v in vars(module).items() if callable(v) and not n.startswith("_")]
        raise FunctionError(
            f"function = {reference!r}: {place} has no function {name!r}; it has {', '.join(names) or 'none'}"
        )
    return Function(name, found, "", "", (), f"{place}:{name}")


def _attribute(holder: Any, name: str) -> Any:
    """What it holds under a name; None where looking for it fails, in whatever way its own code does."""
    try:
        return getattr(holder, name, None)
    except Exception:
        return None


def _named(reference: str) -> Function:
    if reference in TABLE:
        return TABLE[reference]
    close = get_close_matches(reference, TABLE, 1)
    meant = f"did you mean {close[0]!r}? " if close else ""
    raise FunctionError(
        f"function = {reference!r}: no such name; {meant}known: {', '.join(TABLE)}; "
        "one of your own is 'package.module:name' or 'my_file.py:name'"
    )


def _file(place: str, folder: Path, trusted: Sequence[Path] | None) -> ModuleType:
    try:
        path = (folder / place).resolve()
        found = path.is_file()
    except (ValueError, OSError) as error:  # a NUL in it, or longer than a system takes
        raise FunctionError(f"function: {place!r} is no path ({error}); it is taken from the spec's folder") from None
    if not found:
        raise FunctionError(f"function: no file {path}; the path is taken from the spec's folder")
    require_code(path, trusted)
    known = _LOADED.get(path)
    if known and known[1] == _contents(known[1]):
        return known[0]
    module = ModuleType(f"taylorkit_user_{path.stem}")
    module.__file__ = str(path)
    try:
        with _on_path(path.parent), _forgetting(path.parent) as beside:
            exec(compile(path.read_bytes(), str(path), "exec"), module.__dict__)
    except (Exception, SystemExit) as error:
        raise FunctionError(f"function: {path} raised {type(error).__name__}: {error}") from error
    _LOADED[path] = module, _contents([path, *beside])
    return module


# By content, of a file and of what it imports from beside it: unchanged ones give the same functions, with their
# compiled kernels, edited ones are loaded anew.
_LOADED: dict[Path, tuple[ModuleType, dict[Path, bytes]]] = {}


def _contents(paths: Iterable[Path]) -> dict[Path, bytes]:
    return {p: blake2b(p.read_bytes()).digest() if p.is_file() else b"" for p in paths}


@contextmanager
def _forgetting(folder: Path) -> Iterator[list[Path]]:
    """Leave no module of the folder behind, where another spec's may have its name; what they were loaded from."""
    files: list[Path] = []
    before = set(sys.modules)
    importlib.invalidate_caches()
    try:
        yield files
    finally:
        for name in set(sys.modules) - before:
            origin = getattr(sys.modules[name], "__file__", None)
            if origin and Path(origin).resolve().is_relative_to(folder):
                files.append(Path(origin).resolve())
                del sys.modules[name]


def _module(place: str, folder: Path, trusted: Sequence[Path] | None) -> ModuleType:
    package = place.split(".")[0]
    importlib.invalidate_caches()
    here = PathFinder.find_spec(package, [str(folder)])
    _require(here, trusted)
    # Of a folder that nobody trusts no name is found: what is loaded may import one that lies there by chance.
    with _on_path(folder) if covers(trusted, folder) else nullcontext():
        try:
            spec = importlib.util.find_spec(package)
            if spec is None:
                raise ModuleNotFoundError(f"No module named {place!r}")
            _require(spec, trusted)
            _check_same(spec, here)
            module = importlib.import_module(place)
            _require(module.__spec__, trusted)
            return module
        except FunctionError:
            raise
        except (Exception, SystemExit) as error:
            raise FunctionError(
                f"function: module {place!r} could not be imported ({type(error).__name__}: {error}); it is looked "
                f"for in {folder} and on Python's path; a file is written 'name.py:function'"
            ) from error


def _require(spec: ModuleSpec | None, trusted: Sequence[Path] | None) -> None:
    """Every place of a module that a spec names; what is built into Python lies in no folder."""
    for place in (places(spec) or [_origin(spec)]) if spec else []:
        require_code(place, trusted)


def _origin(spec: ModuleSpec) -> Path:
    """The module's file, or the first folder of a package without one."""
    return next(iter(places(spec)), Path("/", str(spec.origin)))


def _check_same(found: ModuleSpec, here: ModuleSpec | None) -> None:
    """A module that is loaded already hides one of the same name in the spec's folder."""
    if here is not None and here.has_location and _origin(here) != _origin(found):
        raise FunctionError(
            f"function: module {found.name!r} is loaded from {_origin(found)} already, not from {_origin(here)}; "
            f"write it as a file, '{found.name}.py:function'"
        )


@contextmanager
def _on_path(folder: Path) -> Iterator[None]:
    """The folder first on Python's path, for the time of an import."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
