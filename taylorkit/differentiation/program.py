"""Which program a trace is: what compiled kernels are found by.

Two functions of one program share a kernel, and a function that computes something else now finds another, whichever
objects they are. A program is its equations, with everything in them that decides on what is computed:

| what | how it counts |
|---|---|
| primitives, types, literals, parameters | by value |
| bodies of loops, branches and calls | by their own programs |
| a custom derivative rule | by the program that it makes, down to the order that is differentiated |
| other callables: what a callback calls | by identity; the key keeps them alive |
| arrays of floating-point numbers in a program on whole arrays | by type alone: a kernel takes them as arguments |
| other constants | by content, because it decides on the code: indices, what is folded, what is taken apart |
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary, ref

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn, Literal

from taylorkit.differentiation.series import SMALL
from taylorkit.rewriting import equations, rerun
from taylorkit.series.tidying import without_dead
from taylorkit.trace import Traced

# Constants of more bytes stand in a key by their digest.
WHOLE = 256

Array: TypeAlias = np.ndarray | jax.Array


class Program:
    """A trace up to an order without the values of its arguments; equal to another that computes the same of its own.

    `traced` is what is kept with a kernel; `origin` is the trace itself, as long as somebody else keeps it.
    """

    def __init__(self, traced: Traced, order: int):
        consts = traced.jaxpr.consts
        self.places = _arguments(traced)
        with traced.scope():
            body = _Reading(order).of(traced.jaxpr.jaxpr)
            contents = tuple(_type(c) if place in self.places else content(c) for place, c in enumerate(consts))
        self.key = _Key((traced.variables, str(traced.dtype), traced.shape, contents, body))
        stands = replace(traced, f=None)
        self.traced = self.bound([_unknown(consts[place]) for place in self.places], stands)
        self.origin = ref(traced)

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Program) and self.key == other.key

    def arguments(self, traced: Traced) -> list[Array]:
        """What a trace of this program computes with."""
        return [traced.jaxpr.consts[place] for place in self.places]

    def bound(self, arguments: Sequence[Any], traced: Traced | None = None) -> Traced:
        """The trace with these arguments."""
        traced = traced or self.traced
        consts = list(traced.jaxpr.consts)
        for place, argument in zip(self.places, arguments, strict=True):
            consts[place] = argument
        return replace(traced, jaxpr=ClosedJaxpr(traced.jaxpr.jaxpr, consts))


def program(traced: Traced, order: int) -> Program:
    """The program of a trace up to an order."""
    return traced.remembered(("program", order), lambda: Program(traced, order))


def _arguments(traced: Traced) -> tuple[int, ...]:
    """Which constants a kernel takes as arguments: none where all are so small that a program of single numbers, which
    takes them apart, might hold them."""
    jaxpr, consts = traced.jaxpr.jaxpr, traced.jaxpr.consts
    used = {a for e in jaxpr.eqns for a in e.invars if not isinstance(a, Literal)}
    powers = any(e.primitive.name == "pow" for e in equations(jaxpr))
    floats = [
        place
        for place, (var, c) in enumerate(zip(jaxpr.constvars, consts, strict=True))
        if var in used and _floats_of(c, traced.dtype) and _varies(c, powers)
    ]
    return tuple(floats) if not traced.fixed and any(consts[place].size > SMALL for place in floats) else ()


def _floats_of(constant: Any, dtype: np.dtype) -> bool:
    """Whether it is an array of numbers that a kernel in this precision takes as they are."""
    if isinstance(constant, jax.core.Tracer) or not isinstance(constant, Array) or not constant.ndim:
        return False
    return jnp.issubdtype(constant.dtype, np.floating) and constant.dtype.itemsize <= max(4, dtype.itemsize)


def _varies(constant: Array, powers: bool) -> bool:
    """Whether code is the same for all its values. One number at all entries may be a factor 0, or an exponent."""
    flat = np.asarray(constant).reshape(-1)
    if flat.size <= 1:
        return flat.size == 1 and bool(flat[0] != 0) and not powers
    return bool(flat[0] != flat[-1] or (flat != flat[0]).any())


def _unknown(array: Array) -> np.ndarray:
    """What stands for an argument where its values are not asked for: no memory, and no number that could be folded."""
    return np.broadcast_to(np.array(np.nan, array.dtype), array.shape)


def _type(array: Any) -> tuple[Any, ...]:
    return str(array.dtype), tuple(array.shape)


def content(value: Any) -> Any:
    """A constant by what is in it, if that can be seen; else by itself."""
    if isinstance(value, jax.core.Tracer) or not isinstance(value, Array):
        return _Same(value)
    if jnp.issubdtype(value.dtype, jax.dtypes.extended):
        return str(value.dtype), content(jax.random.key_data(value))
    data = np.asarray(value).tobytes()
    return *_type(value), data if len(data) <= WHOLE else blake2b(data).digest()


class _Key:
    """A value whose hash is computed once."""

    def __init__(self, value: Any):
        self.value, self.hash = value, hash(value)

    def __hash__(self) -> int:
        return self.hash

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, _Key) and self.hash == other.hash and self.value == other.value)


class _Same:
    """A value that is equal to itself alone."""

    def __init__(self, value: Any):
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.value is self.value


# The keys of jaxprs that JAX keeps: those of jitted functions, by the order to which their rules were read.
_read: WeakKeyDictionary[Jaxpr, dict[int, _Key]] = WeakKeyDictionary()


class _Reading:
    """Jaxprs as keys, custom rules read down to an order."""

    def __init__(self, order: int):
        self.order, self.lasting = order, True

    def of(self, jaxpr: Jaxpr) -> _Key:
        """A jaxpr; `lasting` says afterwards whether the key holds nothing but values."""
        known = _read.get(jaxpr, {})
        if self.order in known:
            return known[self.order]
        before, self.lasting = self.lasting, True
        key = _Key(self._equations(jaxpr))
        if self.lasting:
            _read.setdefault(jaxpr, {})[self.order] = key
        self.lasting = self.lasting and before
        return key

    def _equations(self, jaxpr: Jaxpr) -> Any:
        given = [*jaxpr.constvars, *jaxpr.invars]
        number = {var: place for place, var in enumerate(given)}

        def read(atom: Any) -> Any:
            return (atom.aval, np.asarray(atom.val).tobytes()) if isinstance(atom, Literal) else number[atom]

        found = []
        for equation in jaxpr.eqns:
            read_in = tuple(map(read, equation.invars))
            for var in equation.outvars:
                number[var] = len(number)
            found.append((*self._operation(equation), read_in, tuple(v.aval for v in equation.outvars)))
        return tuple(v.aval for v in given), tuple(found), tuple(map(read, jaxpr.outvars))

    def _operation(self, equation: JaxprEqn) -> tuple[Any, Any]:
        name, parameters = equation.primitive.name, equation.params
        if name.startswith(("custom_jvp_call", "custom_vjp_call")):
            bodies = [self.value(p) for p in parameters.values() if isinstance(p, ClosedJaxpr | Jaxpr)]
            return name, (*bodies, self._rule(equation, _pushed if "jvp" in name else _pulled))
        return name, tuple((key, self.value(parameters[key])) for key in sorted(parameters))

    def _rule(self, equation: JaxprEqn, derivative: Callable[[JaxprEqn], tuple[ClosedJaxpr, int]]) -> Any:
        """The program of a custom rule: whole, and what its derivatives rest on one order deeper."""
        if not self.order:
            return None
        try:
            program, values = derivative(equation)
        except Exception:  # whatever a rule raises: compiling says it
            return self.value(_Same(equation))
        changes = ClosedJaxpr(program.jaxpr.replace(outvars=program.jaxpr.outvars[values:]), program.consts)
        deeper = _Reading(self.order - 1)
        found = _Reading(0).value(program), deeper.value(without_dead(changes))
        self.lasting = self.lasting and deeper.lasting
        return found

    def value(self, value: Any) -> Any:
        """What a parameter holds."""
        if isinstance(value, ClosedJaxpr):
            return self.of(value.jaxpr), tuple(map(self.value, value.consts))
        if isinstance(value, Jaxpr):
            return self.of(value)
        if isinstance(value, tuple | list):
            return type(value), tuple(map(self.value, value))
        if isinstance(value, dict):
            return tuple((key, self.value(value[key])) for key in sorted(value, key=str))
        if isinstance(value, Array):
            value = content(value)
        try:
            hash(value)
        except TypeError:
            value = _Same(value)
        if isinstance(value, _Same) or (callable(value) and not isinstance(value, type)):
            self.lasting = False
        return type(value), repr(value) if isinstance(value, float | complex) else value


def _pushed(equation: JaxprEqn) -> tuple[ClosedJaxpr, int]:
    """(inputs, directions) ↦ (outputs, their directions); how many are outputs."""

    def push(values: list[Any], directions: list[Any]) -> Any:
        return jax.jvp(lambda *v: _of_floats(equation, values, v), tuple(_floats(values)), tuple(directions))

    avals = [jax.ShapeDtypeStruct(a.aval.shape, a.aval.dtype) for a in equation.invars]
    return jax.make_jaxpr(push)(avals, _floats(avals)), len(_floats([v.aval for v in equation.outvars]))


def _pulled(equation: JaxprEqn) -> tuple[ClosedJaxpr, int]:
    """(inputs, cotangents of the outputs) ↦ (outputs, cotangents of the inputs); how many are outputs."""

    def pull(values: list[Any], cotangents: list[Any]) -> Any:
        out, back = jax.vjp(lambda *v: _of_floats(equation, values, v), *_floats(values))
        return out, back(cotangents)

    avals = [jax.ShapeDtypeStruct(a.aval.shape, a.aval.dtype) for a in equation.invars]
    outs = _floats([jax.ShapeDtypeStruct(v.aval.shape, v.aval.dtype) for v in equation.outvars])
    return jax.make_jaxpr(pull)(avals, outs), len(outs)


def _of_floats(equation: JaxprEqn, values: list[Any], floats: Sequence[Any]) -> list[Any]:
    """The floating-point outputs of an equation of its floating-point inputs."""
    given = iter(floats)
    return _floats(rerun(equation, [next(given) if _floating(v) else v for v in values]))


def _floats(values: Sequence[Any]) -> list[Any]:
    return [v for v in values if _floating(v)]


def _floating(value: Any) -> bool:
    return bool(jnp.issubdtype(value.dtype, jnp.inexact))
