"""What a user's file finds around it, and what it leaves behind, so that one spec of a process does not see another.

A file may set whatever it likes, as a script may: JAX's configuration, the environment, NumPy's error state, Python's
path. It may import what lies beside it under any name. All of that is its own: it is there again whenever its function
is called, and gone after. What code changes inside of other libraries than these stays.
"""

import importlib
import os
import sys
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import jax
import numpy as np

from taylorkit.guard import installed

# Modules whose functions a file may put others in the place of.
NAMESPACES: tuple[str, ...] = ("builtins", "math", "numpy", "scipy.special", "jax", "jax.numpy", "jax.numpy.linalg")
NAMESPACES += ("jax.lax", "jax.nn", "jax.scipy.special")
ABSENT = object()
# The precision is the spec's: see `precision.scope`.
PRECISION = "jax_enable_x64"

# Compared by value; all else by being the same object.
PLAIN = (str, int, float, tuple, list)

State = dict[Any, Any]


@dataclass(frozen=True)
class Setting:
    """Something of the process that code can set, by names; `write` takes ABSENT for what was not there."""

    read: Callable[[], State]
    write: Callable[[State], None]


def _jax() -> State:
    """The process's configuration; of the precision this thread may see a scope's."""
    with ThreadPoolExecutor(1) as other:
        double = other.submit(lambda: jax.config.jax_enable_x64).result()
    return jax.config.values | {PRECISION: double}


def _write_jax(state: State) -> None:
    for name, value in state.items():
        jax.config.update(name, value)


def _write_environment(state: State) -> None:
    for name, value in state.items():
        if value is ABSENT:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _folder() -> State:
    with suppress(OSError):
        return {"": str(Path.cwd())}
    return {}


def _write_folder(state: State) -> None:
    for place in state.values():
        if place is not ABSENT:
            os.chdir(place)


def _write_errors(state: State) -> None:
    np.seterr(**state)


def _attributes() -> State:
    loaded = ((name, sys.modules[name]) for name in NAMESPACES if name in sys.modules)
    return {(name, attribute): value for name, module in loaded for attribute, value in vars(module).items()}


def _write_attributes(state: State) -> None:
    for (name, attribute), value in state.items():
        if value is not ABSENT:
            setattr(sys.modules[name], attribute, value)


def _digits() -> State:
    return {"prec": sys.modules["mpmath"].mp.prec} if "mpmath" in sys.modules else {}


def _write_digits(state: State) -> None:
    for value in state.values():
        sys.modules["mpmath"].mp.prec = 53 if value is ABSENT else value


def _drawing() -> State:
    if "matplotlib" not in sys.modules:
        return {}
    # Not by its own methods: these look for a screen.
    found = dict.items(sys.modules["matplotlib"].rcParams)
    return {name: value for name, value in found if not name.startswith("backend")}


def _write_drawing(state: State) -> None:
    if ABSENT in state.values():
        sys.modules["matplotlib"].rc_file_defaults()
    elif state:
        sys.modules["matplotlib"].rcParams.update(state)


SETTINGS = (
    Setting(_jax, _write_jax),
    Setting(lambda: dict(os.environ), _write_environment),
    Setting(_folder, _write_folder),
    Setting(lambda: dict(np.geterr()), _write_errors),
    Setting(_attributes, _write_attributes),
    Setting(_digits, _write_digits),
    Setting(_drawing, _write_drawing),
)


def changes(before: State, after: State) -> State:
    """What makes `after` of `before`."""
    maybe = [(name, old, new) for name, new in after.items() if (old := before.get(name, ABSENT)) is not new]
    changed = {name: new for name, old, new in maybe if not (type(old) is type(new) in PLAIN and old == new)}
    return changed | dict.fromkeys(before.keys() - after.keys(), ABSENT)


class Surroundings:
    """Those of one file, or of one module: the folders that it imports from first, its settings and its modules."""

    _alone = threading.RLock()

    def __init__(self, folders: Iterable[Path]):
        self.folders = [str(folder) for folder in folders]
        self.modules: dict[str, ModuleType] = {}
        self._settings: list[State] = [{} for _ in SETTINGS]

    @contextmanager
    def entered(self) -> Iterator[None]:
        """The process as the file has it; after, as it was. What the file changes meanwhile is its own."""
        with self._alone, ExitStack() as after:
            after.enter_context(warnings.catch_warnings())
            after.enter_context(self._own_path())
            after.enter_context(self._own_modules())
            for number, setting in enumerate(SETTINGS):
                after.enter_context(self._own_setting(number, setting))
            yield

    @contextmanager
    def _own_setting(self, number: int, setting: Setting) -> Iterator[None]:
        outside = setting.read()
        setting.write(self._settings[number])
        inside = setting.read()
        try:
            yield
        finally:
            found = setting.read()
            own = {name: value for name, value in changes(inside, found).items() if name != PRECISION}
            self._settings[number].update(own)
            setting.write(changes(found, outside))

    @contextmanager
    def _own_path(self) -> Iterator[None]:
        outside = list(sys.path)
        sys.path[:] = [*self.folders, *(place for place in outside if place not in self.folders)]
        try:
            yield
        finally:
            self.folders += [p for p in sys.path if p not in self.folders and p not in outside]
            sys.path[:] = outside

    @contextmanager
    def _own_modules(self) -> Iterator[None]:
        importlib.invalidate_caches()
        outside = dict(sys.modules)
        for name in _hiding(self.folders):
            del sys.modules[name]
        sys.modules.update(self.modules)
        try:
            yield
        finally:
            for name, module in list(sys.modules.items()):
                if outside.get(name) is not module and _lies_in(module, self.folders):
                    self.modules[name] = module
                    del sys.modules[name]
            sys.modules.update({name: module for name, module in outside.items() if name not in sys.modules})


def _hiding(folders: Iterable[str]) -> list[str]:
    """Loaded modules from elsewhere by names that the folders have, too; none of Python's or of what is installed."""
    mine = {path.stem for folder in folders for path in _entries(folder)}
    found = [(name, module) for name, module in list(sys.modules.items()) if name.partition(".")[0] in mine]
    return [
        name for name, module in found if places_of(module) and not _within(module, [*folders, *map(str, installed())])
    ]


def _entries(folder: str) -> list[Path]:
    try:
        return [path for path in Path(folder).iterdir() if path.suffix == ".py" or path.is_dir()]
    except OSError:
        return []


def _lies_in(module: ModuleType, folders: Iterable[str]) -> bool:
    return _within(module, folders) and not _within(module, map(str, installed()))


def _within(module: ModuleType, folders: Iterable[str]) -> bool:
    roots = [Path(folder).resolve() for folder in folders]
    return any(place.is_relative_to(root) for place in places_of(module)[:1] for root in roots)


def places_of(module: ModuleType) -> list[Path]:
    """The module's file, or the folders of a package without one."""
    named = getattr(module, "__file__", None)
    with suppress(TypeError, ValueError, OSError):
        return [Path(named).resolve()] if named else [Path(p).resolve() for p in getattr(module, "__path__", ())]
    return []
