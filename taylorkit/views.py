"""f traced on views of the NumPy arrays that it holds.

JAX converts a NumPy constant once, and finds the result again by the array's identity for as long as any program that
JAX keeps holds it, whatever the precision is by then. The person's own `jax.jit` of f in default precision would hand
its float32 constants to a trace in double precision, and the trace in double precision its constants to the person's
programs: errors about dtypes, or digits lost in silence. So f is traced while each place where it finds a NumPy array
(its closure, its globals, an object's attributes) holds a view: the same numbers in the same memory, under an identity
that ends with the trace. (An array that only compiled code reaches, as what `functools.lru_cache` or an iterator keeps,
is not found: `UNSEEN` says so where it fails.)
"""

import sys
from collections import ChainMap, UserDict, UserList, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache, partial
from itertools import islice
from threading import RLock
from types import CodeType, FunctionType, MappingProxyType, MethodType, ModuleType, SimpleNamespace
from typing import Any

import numpy as np

# Libraries whose own tables are converted by themselves to the precision that is asked for, or are not JAX's at all.
FOREIGN = sys.stdlib_module_names | {"jax", "jaxlib", "numpy", "scipy", "pandas", "xarray", "matplotlib", "taylorkit"}
# Those whose objects hold the person's arrays as their attributes.
HOLDERS = {"scipy", "xarray"}
# So many objects are looked through: those of a model, not those of a data set.
MOST = 20_000

# Of an array that is not found, and was converted in the other precision before: what JAX says, and what to do.
MISMATCH = ("RuntimeProgramInputMismatch", "verifier errors")
UNSEEN = (
    "it may hold a NumPy array where it is not found, as behind functools.lru_cache or an iterator, which JAX has "
    "converted in the other precision before: let f take it from a variable, a list, a dict or an attribute, or "
    "convert it within f by jnp.array"
)

Put = Callable[[Any], None]

# Two traces at once would take each other's views for the person's arrays.
_tracing = RLock()


@contextmanager
def of_arrays(f: Any) -> Iterator[None]:
    """While this is open, f and what it calls see views of their arrays."""
    with _tracing:
        walk = _Walk()
        try:
            walk.through(f)
            walk.by_identity()
            yield
        finally:
            walk.back()


def hint(error: Exception) -> str | None:
    """Where an array that was not found may be, if that is what an error is about."""
    said = str(error)
    if not any(words in said for words in MISMATCH):
        return None
    where = next((line for line in said.splitlines() if "expected parameter" in line), "")
    return f"{UNSEEN}{f' (JAX says: {where.strip()})' if where else ''}"


class _Walk:
    """From a function to the arrays that it can reach; each place of one is given a view."""

    def __init__(self) -> None:
        # By the id of what was looked through: itself, kept alive so that the id stays its own, and what stands for it.
        self.seen: dict[int, tuple[Any, Any]] = {}
        self.modules: set[tuple[ModuleType, frozenset[str]]] = set()
        self.undone: list[tuple[Callable[[], Any], Put, Any, Any]] = []

    def back(self) -> None:
        """Put the arrays where they were; not where f has put something else since, or has removed the place."""
        for get, put, old, new in reversed(self.undone):
            with suppress(Exception):  # whatever a place raises that is gone: the others are put back all the same
                if get() is new:
                    put(old)

    def through(self, value: Any, names: frozenset[str] = frozenset()) -> Any:
        """What stands for `value`: a view of an array, a tuple with views in it, else itself, looked through."""
        if type(value) in PLAIN:
            return value
        if id(value) in self.seen:
            return self.seen[id(value)][1]
        if isinstance(value, np.ndarray) and value.dtype != object:
            return self._view(value)
        if len(self.seen) > MOST:
            return value
        if isinstance(value, ModuleType):  # anew for each function, which names what it takes from there
            if not _foreign(value.__name__) and (value, names) not in self.modules:
                self.modules.add((value, names))
                self._items(vars(value), names, names)
            return value
        self.seen[id(value)] = value, value
        if isinstance(value, tuple):
            self.seen[id(value)] = value, self._tuple(value)
        elif isinstance(value, MappingProxyType):
            self.seen[id(value)] = value, self._proxy(value)
        elif isinstance(value, list | deque | UserList):
            self._items(value, range(min(len(value), MOST)))
        elif isinstance(value, dict | UserDict):
            self._items(value, list(value)[:MOST])
        elif isinstance(value, np.ndarray):  # of objects
            self._items(value, islice(np.ndindex(value.shape), MOST))
        elif isinstance(value, set | frozenset | ChainMap):
            for item in value.maps if isinstance(value, ChainMap) else islice(value, MOST):
                self.through(item)
        elif isinstance(value, FunctionType):
            self._function(value)
        elif isinstance(value, MethodType):
            self.through(value.__self__)
            self.through(value.__func__)
        elif isinstance(value, partial):
            self._partial(value)
        else:
            self._object(value)
        return self.seen[id(value)][1]

    def _view(self, array: np.ndarray) -> np.ndarray:
        # A number is copied: a program holds it as a literal, which must not change with it.
        view = array.view() if array.ndim else array.copy()
        self.seen[id(array)], self.seen[id(view)] = (array, view), (view, view)
        return view

    def _in(self, value: Any, get: Callable[[], Any], put: Put, names: frozenset[str] = frozenset()) -> None:
        """Look through what is in one place, and put there what stands for it."""
        if type(value) in PLAIN:
            return
        new = self.through(value, names)
        if new is not value:
            with suppress(Exception):  # a place that takes nothing keeps its array
                put(new)
                self.undone.append((get, put, value, new))

    def _items(self, table: Any, keys: Iterable, names: frozenset[str] = frozenset()) -> None:
        named = isinstance(table, Mapping)
        for key in keys:
            if not named or key in table:
                self._in(table[key], partial(table.__getitem__, key), partial(table.__setitem__, key), names)

    def _tuple(self, value: tuple) -> tuple:
        items = [self.through(item) for item in value]
        if all(new is old for new, old in zip(items, value, strict=True)):
            return value
        try:
            new = tuple.__new__(type(value), items)
            vars(new).update(vars(value)) if hasattr(value, "__dict__") else None
        except TypeError:  # one of C's own
            return value
        return new

    def _proxy(self, value: MappingProxyType) -> MappingProxyType:
        items = {key: self.through(item) for key, item in islice(value.items(), MOST)}
        kept = len(items) < len(value) or all(items[key] is value[key] for key in items)
        return value if kept else MappingProxyType(items)

    def by_identity(self) -> None:
        """Where a table has an array's identity as a key, have it find that of the view, too."""
        stands = {number: id(new) for number, (old, new) in self.seen.items() if new is not old}
        for table, _ in list(self.seen.values()) if stands else ():
            for key in _numbers(table, stands):
                own, held = stands[key], table[key]
                if own not in table:
                    table[own] = held
                    self.undone.append((partial(table.get, own), partial(_without, table, own), None, held))

    def _function(self, f: FunctionType) -> None:
        if _foreign(f.__module__):
            return
        names = _names(f.__code__)
        for cell in f.__closure__ or ():
            try:
                held = cell.cell_contents
            except ValueError:  # nothing is in it yet
                continue
            self._in(held, partial(getattr, cell, "cell_contents"), partial(setattr, cell, "cell_contents"), names)
        self._items(f.__globals__, names, names)
        self._in(f.__defaults__, lambda: f.__defaults__, partial(setattr, f, "__defaults__"))
        self.through(f.__kwdefaults__)
        self.through(f.__dict__)

    def _partial(self, f: partial) -> None:
        self.through(f.func)
        self.through(f.keywords)

        def put(args: tuple) -> None:
            f.__setstate__((f.func, args, f.keywords, f.__dict__))  # type: ignore[attr-defined]

        self._in(f.args, lambda: f.args, put)

    def _object(self, value: Any) -> None:
        """An object's attributes and its class's; of JAX's own objects those that wrap functions."""
        if isinstance(value, type):
            return self._class(value)
        kind = type(value)
        holds = callable(value) or kind is SimpleNamespace or kind.__module__.partition(".")[0] in HOLDERS
        if _foreign(kind.__module__) and not holds:
            return None
        for base in kind.__mro__:
            self.through(base)
            for slot in _slots(base):
                if hasattr(value, slot):
                    self._in(
                        getattr(value, slot), partial(getattr, value, slot), partial(object.__setattr__, value, slot)
                    )
        table = getattr(value, "__dict__", None)
        if isinstance(table, dict):
            self._items(table, list(table)[:MOST])
        return None

    def _class(self, kind: type) -> None:
        if not _foreign(kind.__module__):
            for name, held in list(vars(kind).items()):
                method = getattr(held, "__func__", held)  # of a static or class method
                self._in(method, partial(vars(kind).__getitem__, name), partial(setattr, kind, name))


def _numbers(table: Any, wanted: dict[int, int]) -> list[int]:
    """The keys of a dict that are among these."""
    keys = islice(table, MOST) if type(table) is dict else ()
    return [key for key in keys if type(key) is int and key in wanted]


def _without(table: dict, key: int, _: object) -> None:
    del table[key]


PLAIN = frozenset({type(None), bool, int, float, complex, str, bytes})


def _foreign(module: Any) -> bool:
    return not isinstance(module, str) or module.partition(".")[0] in FOREIGN


def _slots(kind: type) -> tuple[str, ...]:
    slots = vars(kind).get("__slots__", ())
    return (slots,) if isinstance(slots, str) else tuple(slots)


@lru_cache(maxsize=4096)
def _names(code: CodeType) -> frozenset[str]:
    """The globals and attributes that a function's code names, and the functions inside of it."""
    inner = [_names(c) for c in code.co_consts if isinstance(c, CodeType)]
    return frozenset(code.co_names).union(*inner)
