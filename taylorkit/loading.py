"""From a reference in a spec to a function: a name of the table, `package.module:name`, or `file.py:name`.

Loading runs the file, as running a script does, in the spec's precision: once for each. What the file sets and imports
stays its own: see `surroundings`. Where only some folders are trusted (a deployment), a reference that lies outside of
them is refused before any of its code runs, and so is what it imports: see `guard`.
"""

import importlib
import importlib.util
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import update_wrapper
from hashlib import blake2b
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

import jax
import numpy as np

from taylorkit.errors import FunctionError
from taylorkit.functions import TABLE, Function
from taylorkit.guard import guarded, places
from taylorkit.precision import scope
from taylorkit.surroundings import Surroundings
from taylorkit.trusted import Folders, covers, require_code

FLAGS = "XLA_FLAGS"


@dataclass(frozen=True, eq=False)
class Loaded:
    """A module with its surroundings, the files that it was made of, and its functions as they are called in these."""

    module: ModuleType
    around: Surroundings
    contents: dict[Path, bytes]
    functions: dict[int, Callable] = field(default_factory=dict)

    def entered(self, f: Callable) -> Callable:
        """f, called in its surroundings; the same for the same f."""

        def call(*arguments: Any, **named: Any) -> Any:
            with self.around.entered():
                return f(*arguments, **named)

        call.__name__ = repr(f)
        return self.functions.setdefault(id(f), update_wrapper(call, f, updated=()))


def find_function(reference: str, folder: Path, trusted: Folders = None, dtype: np.dtype | str = "float64") -> Function:
    """The function that `reference` names, looked for from `folder` and loaded in the precision of `dtype`.

    Raises FunctionError where there is none, or where `trusted` folders are given and it lies outside of them.
    """
    if ":" not in reference:
        return _named(reference)
    place, _, name = reference.rpartition(":")
    with guarded(trusted), scope(np.dtype(dtype)):
        loaded = (_file if place.endswith(".py") else _module)(place, folder, trusted, np.dtype(dtype).itemsize == 8)
    found: Any = loaded.module
    for number, part in enumerate(name.split(".")):
        # Not through what the file imports: that lies elsewhere, where nobody may have been trusted.
        found = None if number and isinstance(found, ModuleType) else _attribute(found, part)
    if isinstance(found, Function):
        return replace(found, function=loaded.entered(found.function))
    if not callable(found):
        names = [n for n, v in vars(loaded.module).items() if callable(v) and not n.startswith("_")]
        raise FunctionError(
            f"function = {reference!r}: {place} has no function {name!r}; it has {', '.join(names) or 'none'}"
        )
    return Function(name, loaded.entered(found), "", "", (), f"{place}:{name}")


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


def _file(place: str, folder: Path, trusted: Folders, double: bool) -> Loaded:
    try:
        path = (folder / place).resolve()
        found = path.is_file()
    except (ValueError, OSError) as error:  # a NUL in it, or longer than a system takes
        raise FunctionError(f"function: {place!r} is no path ({error}); it is taken from the spec's folder") from None
    if not found:
        raise FunctionError(f"function: no file {path}; the path is taken from the spec's folder")
    require_code(path, trusted)
    if known := _known((path, "", double)):
        return known
    module, around = ModuleType(f"taylorkit_user_{path.stem}"), Surroundings([path.parent])
    module.__file__ = str(path)
    try:
        with _running(around):
            exec(compile(path.read_bytes(), str(path), "exec"), module.__dict__)
    except FunctionError as error:
        raise FunctionError(f"function: {path} {error}") from None
    except (Exception, SystemExit) as error:
        raise FunctionError(f"function: {path} raised {type(error).__name__}: {error}") from error
    return _keep((path, "", double), module, around)


# By content, of a file and of what it imports from beside it: unchanged ones give the same functions, with their
# compiled kernels, edited ones are loaded anew. The key is a file, or a folder and the module that it was asked for.
_LOADED: dict[tuple[Path, str, bool], Loaded] = {}


def _known(key: tuple[Path, str, bool]) -> Loaded | None:
    known = _LOADED.get(key)
    return known if known and known.contents == _contents(known.contents) else None


def _keep(key: tuple[Path, str, bool], module: ModuleType, around: Surroundings) -> Loaded:
    files = [getattr(m, "__file__", None) for m in (module, *around.modules.values())]
    _LOADED[key] = Loaded(module, around, _contents(Path(file).resolve() for file in files if file))
    return _LOADED[key]


def _contents(paths: Iterable[Path]) -> dict[Path, bytes]:
    return {p: blake2b(p.read_bytes()).digest() if p.is_file() else b"" for p in paths}


@contextmanager
def _running(around: Surroundings) -> Iterator[None]:
    """A file at work. JAX reads its flags when it starts, for the whole process: they are no file's to set."""
    with suppress(RuntimeError):  # without any device: who asks for one is told
        jax.devices()
    with around.entered():
        before = os.environ.get(FLAGS)
        yield
        if os.environ.get(FLAGS) != before:
            raise FunctionError(
                f"sets {FLAGS} = {os.environ.get(FLAGS)!r}, which JAX has read already: set it where the command is "
                "started, and take the line out of the file"
            )


def _module(place: str, folder: Path, trusted: Folders, double: bool) -> Loaded:
    # Of a folder that nobody trusts no name is found: what is loaded may import one that lies there by chance.
    around = Surroundings([folder.resolve()] if covers(trusted, folder) else [])
    package = place.split(".")[0]
    importlib.invalidate_caches()
    here = PathFinder.find_spec(package, [str(folder)])
    _require(here, trusted)
    if known := _known((folder.resolve(), place, double)):
        _require(known.module.__spec__, trusted)
        return known
    try:
        with _running(around):
            spec = importlib.util.find_spec(package)
            if spec is None:
                raise ModuleNotFoundError(f"No module named {place!r}")
            _require(spec, trusted)
            _check_same(spec, here)
            module = importlib.import_module(place)
            _require(module.__spec__, trusted)
    except FunctionError:
        raise
    except (Exception, SystemExit) as error:
        raise FunctionError(
            f"function: module {place!r} could not be imported ({type(error).__name__}: {error}); it is looked "
            f"for in {folder} and on Python's path; a file is written 'name.py:function'"
        ) from error
    return _keep((folder.resolve(), place, double), module, around)


def _require(spec: ModuleSpec | None, trusted: Folders) -> None:
    """Every place of a module that a spec names; what is built into Python lies in no folder."""
    for place in (places(spec) or [_origin(spec)]) if spec else []:
        require_code(place, trusted)


def _origin(spec: ModuleSpec) -> Path:
    """The module's file, or the first folder of a package without one."""
    return next(iter(places(spec)), Path("/", str(spec.origin)))


def _check_same(found: ModuleSpec, here: ModuleSpec | None) -> None:
    """A module of Python's or of a library that is loaded already hides one of the same name in the spec's folder."""
    if here is not None and here.has_location and _origin(here) != _origin(found):
        raise FunctionError(
            f"function: module {found.name!r} is loaded from {_origin(found)} already, not from {_origin(here)}; "
            f"write it as a file, '{found.name}.py:function'"
        )
