"""Numbers of fewer digits in a program of many: constants of float32 in a float64 program, and casts to float32.

They are legal, and mostly a mistake: a table that was made while JAX had 32-bit types, a file that was read as float32.
Every derivative then has their 7 digits, and so has f's own value, with which it is compared.
"""

import inspect
from collections.abc import Callable, Iterator
from functools import partial
from types import FunctionType, MethodType, ModuleType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import ClosedJaxpr, JaxprEqn

from taylorkit.guard import installed
from taylorkit.surroundings import places_of
from taylorkit.trace import Traced, equations, source_line

CAST = "convert_element_type"
ADVICE = "make it {dtype}, or all numbers that it meets have its {digits} digits"


def warnings(traced: Traced, f: Callable | None = None) -> list[str]:
    """A line for each constant of fewer digits than the program's, by name where it has one, and for each cast."""
    found = [*_constants(traced, f), *_casts(traced)]
    return list(dict.fromkeys(found))


def _constants(traced: Traced, f: Callable | None) -> Iterator[str]:
    names: dict[Any, dict[str, None]] = {}
    for key, name in _named(f):
        names.setdefault(key, {})[name] = None
    for value, use in arrays(traced.jaxpr):
        if _narrower(value.dtype, traced.dtype):
            name = " or ".join(names.get(_key(value), ["a constant"]))
            where = f", first used at {_line(use)}" if use else ""
            advice = ADVICE.format(dtype=traced.dtype, digits=jnp.finfo(value.dtype).precision)
            yield f"{name} is {value.dtype}, shape {tuple(value.shape)}, in a {traced.dtype} program{where}: {advice}"


def _casts(traced: Traced) -> Iterator[str]:
    for equation in equations(traced.jaxpr.jaxpr):
        if equation.primitive.name == CAST:
            before, after = equation.invars[0].aval.dtype, equation.outvars[0].aval.dtype
            if before == traced.dtype and _narrower(after, traced.dtype):
                yield f"{before} becomes {after} at {_line(equation)}: digits are lost there"


def _line(equation: JaxprEqn) -> str:
    """Without the folder: artifacts of one run are the same wherever it ran."""
    return source_line(equation).rpartition("/")[2]


def _narrower(dtype: Any, wanted: np.dtype) -> bool:
    return jnp.issubdtype(dtype, jnp.floating) and jnp.dtype(dtype).itemsize < wanted.itemsize


def arrays(program: ClosedJaxpr) -> Iterator[tuple[Any, JaxprEqn | None]]:
    """The array constants of a program and of those that it holds, each with the first equation that uses it."""
    for variable, value in zip(program.jaxpr.constvars, program.consts, strict=True):
        if hasattr(value, "dtype"):
            yield value, next((e for e in program.jaxpr.eqns if any(a is variable for a in e.invars)), None)
    for equation in equations(program.jaxpr):
        for held in jax.tree.leaves(list(equation.params.values()), is_leaf=lambda v: isinstance(v, ClosedJaxpr)):
            if isinstance(held, ClosedJaxpr) and held.consts:
                yield from arrays(held)


def _key(value: Any) -> tuple[Any, ...]:
    keys = jax.dtypes.issubdtype(value.dtype, jax.dtypes.prng_key)
    array = np.asarray(jax.random.key_data(value) if keys else value)
    return array.shape, str(array.dtype), array.tobytes()


def _named(f: Any) -> Iterator[tuple[Any, str]]:
    """The arrays that f's file, what f closes over, and what f is a method of, have names for."""
    for space in _spaces(f):
        for name, value in space.items():
            if isinstance(value, np.ndarray | np.generic | jax.Array) and not isinstance(value, jax.core.Tracer):
                yield _key(value), name


def _spaces(f: Any) -> Iterator[dict[str, Any]]:
    f = inspect.unwrap(f) if callable(f) else f
    if isinstance(f, partial):
        yield {**f.keywords, **{f"argument {i + 1}": value for i, value in enumerate(f.args)}}
        yield from _spaces(f.func)
    elif isinstance(f, MethodType):
        yield getattr(f.__self__, "__dict__", {})
        yield from _spaces(f.__func__)
    elif isinstance(f, FunctionType):
        yield inspect.getclosurevars(f).nonlocals  # type: ignore[misc]
        yield f.__globals__
        for name, value in f.__globals__.items():
            if isinstance(value, ModuleType) and not name.startswith("_") and _is_own(value):
                yield {f"{name}.{inner}": array for inner, array in vars(value).items()}


def _is_own(module: ModuleType) -> bool:
    """A module that the user wrote: libraries hold arrays, too, and too many names."""
    return not any(place.is_relative_to(root) for place in places_of(module) for root in installed())
