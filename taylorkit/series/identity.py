"""When two equations do the same: by what they are made of, never by how they are printed.

A primitive is its object, a body its equations, an array its entries, a function its code with what it closes over, and
everything else itself. Each trace wraps a custom rule in functions of JAX's own anew; of these only the code and what
has a value counts: they hold the trace that made them, and what they have cached.
"""

from collections.abc import Hashable
from dataclasses import fields, is_dataclass
from functools import partial
from types import FunctionType, MethodType
from typing import Any

import jax
import numpy as np
from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn, Literal

# Arrays up to so many entries are compared by them, larger ones by being the same.
ENTRIES = 10_000
NUMBERS = (bool, int, float, complex, str, bytes, np.generic, type(None))
NOTHING = ("nothing",)


class Identities:
    """Numbers for equations and what they are made of: equal exactly where they do the same. What is known by its
    place in memory is kept alive, so that nothing else takes that place."""

    def __init__(self) -> None:
        self.numbers: dict[Hashable, int] = {}
        self.kept: dict[int, Any] = {}
        self.bodies: dict[int, int] = {}
        self.open: list[int] = []

    def of_equation(self, equation: JaxprEqn) -> int:
        """The number of a primitive with its parameters."""
        parameters = [(name, self.of(value)) for name, value in sorted(equation.params.items())]
        return self._number((self._itself(equation.primitive), tuple(parameters)))

    def of(self, value: Any, wrapped: bool = False) -> Hashable:
        """What a parameter is; with `wrapped` it is something that a function of JAX's own closes over."""
        if isinstance(value, NUMBERS):
            return type(value), repr(value)
        if isinstance(value, jax.core.Tracer):
            return self._itself(value)
        if isinstance(value, np.ndarray | jax.Array):
            return self._array(value)
        if isinstance(value, tuple | list):
            return tuple(self.of(item, wrapped) for item in value)
        if isinstance(value, Jaxpr | ClosedJaxpr):
            return self._body(value)
        inner = _inner(value)
        return self._object(value, wrapped) if inner is None else self._made_of(value, *inner)

    def _made_of(self, value: Any, parts: list[Any], wrapped: bool) -> Hashable:
        """Something by its parts, which may hold it again."""
        if id(value) in self.open:
            return "again", self.open.index(id(value))
        self.open.append(id(value))
        found = tuple(self.of(part, wrapped) for part in parts)
        self.open.pop()
        return self._number((type(value), found))

    def _object(self, value: Any, wrapped: bool) -> Hashable:
        by_value = type(value).__hash__ not in (object.__hash__, None)
        if by_value:
            try:
                hash(value)
            except TypeError:
                by_value = False
        if by_value:
            return type(value), value
        return NOTHING if wrapped and not callable(value) else self._itself(value)

    def _itself(self, value: Any) -> Hashable:
        self.kept[id(value)] = value
        return "itself", id(value)

    def _array(self, value: Any) -> Hashable:
        if value.size > ENTRIES or value.dtype.kind not in "biufc":
            return self._itself(value)
        return value.shape, str(value.dtype), np.asarray(value).tobytes()

    def _body(self, body: Any) -> int:
        if id(body) in self.bodies:
            return self.bodies[id(body)]
        number = self._number(self._program(body))
        if not self.open:
            self.kept[id(body)] = body
            self.bodies[id(body)] = number
        return number

    def _program(self, body: Any) -> Hashable:
        """A jaxpr: its variables are numbered as they come."""
        constants = tuple(map(self.of, getattr(body, "consts", ())))
        body = getattr(body, "jaxpr", body)
        first = [*body.constvars, *body.invars]
        places = {v: i for i, v in enumerate(first)}

        def atom(a: Any) -> Hashable:
            return self.of(np.asarray(a.val)) if isinstance(a, Literal) else places[a]

        lines = []
        for equation in body.eqns:
            lines.append((self.of_equation(equation), tuple(map(atom, equation.invars)), len(equation.outvars)))
            for v in equation.outvars:
                places[v] = len(places)
        shapes = tuple((v.aval.shape, str(v.aval.dtype)) for v in first)
        return constants, shapes, tuple(lines), tuple(map(atom, body.outvars))

    def _number(self, key: Hashable) -> int:
        return self.numbers.setdefault(key, len(self.numbers))


def _inner(value: Any) -> tuple[list[Any], bool] | None:
    """What a function or the like is made of, and whether it is one of JAX's own functions; None for other things."""
    if isinstance(value, FunctionType):
        cells = [_content(cell) for cell in value.__closure__ or ()]
        defaults = [value.__defaults__, *(value.__kwdefaults__ or {}).items()]
        own = (value.__module__ or "").partition(".")[0] == "jax"
        return [Same(value.__code__), Same(value.__globals__), *cells, *defaults], own
    if isinstance(value, MethodType):
        return [value.__func__, value.__self__], False
    if isinstance(value, partial):
        return [value.func, value.args, *sorted(value.keywords.items())], False
    if isinstance(value, jax.custom_jvp | jax.custom_vjp):
        return [(name, part) for name, part in sorted(vars(value).items()) if name != "__doc__"], False
    if isinstance(value, JaxprEqn):
        return [Same(value.primitive), *sorted(value.params.items())], False
    if hasattr(value, "call_wrapped"):  # a function of JAX's with the changes that it goes through
        return [value.f, value.transforms], True
    if is_dataclass(value) and not isinstance(value, type):
        return [(f.name, getattr(value, f.name, None)) for f in fields(value)], False
    return None


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not filled yet
        return None


def is_jax_own(function: Any) -> bool:
    """Whether every function that it is made of, and closes over, is one of JAX's own."""
    waiting, seen = [function], set()
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, tuple | list):
            waiting.extend(value)
        elif (inner := _inner(value)) is not None and not isinstance(value, JaxprEqn):
            if isinstance(value, FunctionType) and not inner[1]:
                return False
            waiting.extend(inner[0])
    return True


class Same:
    """A key that is equal for one object alone, which it keeps alive."""

    def __init__(self, value: Any):
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.value is self.value
