"""When two equations do the same: by what they are made of, never by how they are printed.

A primitive is its object, a body its equations, an array its entries, a function its code with what it closes over.
Everything else is itself: where it cannot be seen that two do the same, they are two.
"""

from collections.abc import Hashable
from typing import Any

import jax
import numpy as np
from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn, Literal

from taylorkit.series.ingredients import ARRAYS, Same, as_written, ingredients, is_traces_own, root

# Arrays up to so many entries are compared by them, larger ones by being the same.
ENTRIES = 10_000
NUMBERS = frozenset({bool, int, float, complex, str, bytes, type(None)})
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

    def of(self, value: Any) -> Hashable:
        """What a parameter is."""
        if type(value) in NUMBERS:
            return type(value), repr(value)
        if isinstance(value, Same):
            return value
        if isinstance(value, jax.core.Tracer):
            return self._itself(value)
        if isinstance(value, np.generic | np.ndarray | jax.Array):
            return self._array(value)
        if isinstance(value, Jaxpr | ClosedJaxpr):
            return self._body(value)
        if is_traces_own(value):
            return NOTHING
        value = as_written(value)
        parts = ingredients(value)
        return self._object(value) if parts is None else self._made_of(value, parts)

    def _made_of(self, value: Any, parts: list[Any]) -> Hashable:
        """Something by its parts, which may hold it again."""
        if id(value) in self.open:
            return "again", self.open.index(id(value))
        self.open.append(id(value))
        try:
            return self._number((type(value), tuple(map(self.of, parts))))
        finally:
            self.open.pop()

    def _object(self, value: Any) -> Hashable:
        """By its value where JAX or NumPy say when two are equal, else by being the same."""
        if root(value) in ARRAYS and type(value).__hash__ not in (object.__hash__, None):
            try:
                return Same(type(value)), self._number((type(value), value)), repr(value)
            except TypeError:  # something in it has no hash
                pass
        return self._itself(value)

    def _itself(self, value: Any) -> Hashable:
        self.kept[id(value)] = value
        return "itself", id(value)

    def _array(self, value: Any) -> Hashable:
        known = isinstance(value, np.generic | jax.Array) or type(value) is np.ndarray
        if not known or value.size > ENTRIES or getattr(value.dtype, "hasobject", True):
            return self._itself(value)
        weak = getattr(value, "weak_type", False)
        return Same(type(value)), value.shape, str(value.dtype), weak, np.asarray(value).tobytes()

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
