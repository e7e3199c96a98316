"""What functions and the like are made of, and whether all of it is JAX's.

Each trace wraps a custom rule in functions of JAX's own anew. These hold the trace that made them and what they have
cached, which says nothing of the rule, beside the rule and its static arguments.
"""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import partial
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

import jax
from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn

JAX = frozenset({"jax", "jaxlib"})
# Whose objects are equal where they do the same.
ARRAYS = JAX | {"numpy", "ml_dtypes"}
# Whose objects hold no code of anybody else's, if they are no functions.
DATA = ARRAYS | {"builtins", "inspect"}
# What JAX's wrappers name what they have cached.
CACHED = frozenset({"cells", "sentinel"})
TRACES_OWN = ("Store", "Trace", "InitialResultPaths")


class Same:
    """A key that is equal for one object alone, which it keeps alive."""

    def __init__(self, value: Any):
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.value is self.value


def ingredients(value: Any) -> list[Any] | None:
    """What makes a function, a container or the like what it is, beside its type; None for other things."""
    if isinstance(value, FunctionType):
        defaults = [value.__defaults__, *(value.__kwdefaults__ or {}).items()]
        return [Same(value.__code__), Same(value.__globals__), *_cells(value), *defaults, vars(value)]
    if isinstance(value, MethodType):
        return [value.__func__, value.__self__]
    if isinstance(value, partial):
        return [value.func, value.args, value.keywords, vars(value)]
    if isinstance(value, jax.custom_jvp | jax.custom_vjp):
        return [(name, part) for name, part in sorted(vars(value).items()) if name != "__doc__"]
    if isinstance(value, JaxprEqn):
        return [Same(value.primitive), *sorted(value.params.items())]
    if is_wrapped(value):
        return [value.f, value.transforms, getattr(value, "params", ())]
    if _is_box(value):
        return [value.val]
    if isinstance(value, tuple):
        return [*value, *getattr(value, "__dict__", {}).items()]
    if type(value) is list:
        return value
    if type(value) is dict:
        return [*value.items()]
    return _fields(value) if is_dataclass(value) and not isinstance(value, type) else None


def _fields(value: Any) -> list[Any] | None:
    """Of a dataclass; None where it may hold more than they and its attributes."""
    if any(base.__module__ == "builtins" and base is not object for base in type(value).__mro__):
        return None
    named = {f.name: getattr(value, f.name) for f in fields(value) if hasattr(value, f.name)}
    return sorted((named | getattr(value, "__dict__", {})).items())


def _cells(function: FunctionType) -> Iterator[Any]:
    """What it closes over, but for what JAX has cached; a cell that isn't filled yet stands for itself."""
    own = _is_jaxs(function)
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        if not (own and name in CACHED):
            try:
                yield cell.cell_contents
            except ValueError:
                yield Same(cell)


def is_wrapped(value: Any) -> bool:
    """Whether it is a function of JAX's with the changes that it goes through."""
    return root(value) in JAX and hasattr(value, "call_wrapped")


def is_traces_own(value: Any) -> bool:
    """Whether it is nothing but what a trace keeps its results in."""
    return root(value) in JAX and type(value).__name__.endswith(TRACES_OWN)


def as_written(function: Any) -> Any:
    """A rule as it was written: JAX wraps it once more each time that it is traced."""
    while is_wrapped(function) and not function.transforms:
        inner = list(_wrapped(function.f))
        if len(inner) != 1 or not is_wrapped(inner[0]):
            break
        function = inner[0]
    return function


def _wrapped(function: Any) -> Iterator[Any]:
    """What a function of JAX's own wraps, and how many operands it leaves out, if any."""
    if isinstance(function, FunctionType) and _is_jaxs(function):
        for content in _cells(function):
            yield from [content] if is_wrapped(content) or (type(content) is int and content) else _wrapped(content)


def is_jax_own(function: Any) -> bool:
    """Whether everything that it is made of, and closes over, is proven JAX's own, or data."""
    waiting, seen = [function], {}
    while waiting:
        value = waiting.pop()
        if id(value) in seen or isinstance(value, Same):
            continue
        seen[id(value)] = value
        parts = _opened(value)
        if not _may_be_own(value, parts is not None):
            return False
        waiting.extend(parts or ())
    return True


def _opened(value: Any) -> list[Any] | None:
    """What it is made of, within JAX's own callable objects also."""
    if root(value) == "jaxlib" and hasattr(value, "__wrapped__"):  # a jitted function
        return [value.__wrapped__]
    parts = ingredients(value)
    if parts is None and root(value) == "jax" and callable(value) and not isinstance(value, type):
        slots = [name for base in type(value).__mro__ for name in getattr(base, "__slots__", ())]
        names = [*getattr(value, "__dict__", ()), *slots]
        return [getattr(value, name, None) for name in names] or None
    return parts


def _may_be_own(value: Any, is_open: bool) -> bool:
    """Whether nothing of it, but for its parts where they are known, is the work of others than JAX."""
    if isinstance(value, FunctionType):
        return _is_jaxs(value)
    if isinstance(value, type):
        return value.__module__.partition(".")[0] in DATA
    if isinstance(value, BuiltinFunctionType):
        return value.__self__ is None or isinstance(value.__self__, ModuleType)
    if isinstance(value, Jaxpr | ClosedJaxpr | JaxprEqn):
        return False
    known = root(value) in DATA or isinstance(value, partial)
    return known and (is_open or not callable(value))


def _is_box(value: Any) -> bool:
    """Whether JAX holds a static argument in it."""
    return root(value) in JAX and list(getattr(type(value), "__slots__", ())) == ["val"]


def _is_jaxs(function: FunctionType) -> bool:
    """Where its code stands: what it says of itself it may have from a function that it wraps."""
    return str(function.__globals__.get("__name__")).partition(".")[0] in JAX


def root(value: Any) -> str:
    """The package of its type."""
    return str(type(value).__module__).partition(".")[0]
