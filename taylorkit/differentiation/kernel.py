"""What a method and its lowering make of a function, compiled once and found again."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from types import ModuleType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import ClosedJaxpr

from taylorkit import views
from taylorkit.differentiation.blocks import Blocks
from taylorkit.differentiation.culprits import culprits
from taylorkit.differentiation.lines import Lines
from taylorkit.differentiation.methods import METHODS, Method
from taylorkit.differentiation.program import Program, program
from taylorkit.differentiation.tiles import Tiles, over_points
from taylorkit.errors import FunctionError
from taylorkit.lowering import xla
from taylorkit.lowering.memory import aligned
from taylorkit.multi_index import count
from taylorkit.trace import Traced

# What runs a straight line; `xla` runs everything.
KERNELS: dict[str, type[Tiles] | type[Lines]] = {"llvm": Lines, "pallas": Blocks}


def compiled(traced: Traced, order: int, method: Method) -> Tiles | Lines:
    """The kernel that fills (P, *S, N) from points (N, D) and the program's arguments.

    Raises FunctionError where something in f cannot be differentiated or mapped over points.
    """
    return of_program(program(traced, order), order, method)


@lru_cache(maxsize=256)
def of_program(program: Program, order: int, method: Method) -> Tiles | Lines:
    """`compiled`, found again by the program."""
    module, traced = METHODS[method.name], program.traced
    try:
        with (program.origin() or traced).scope():  # custom rules are traced by now
            if method.lowering == "xla":
                types = [jax.ShapeDtypeStruct(a.shape, a.dtype) for a in program.arguments(traced)]
                return Tiles(_packed(program, order, module), traced, method.tile, method.platform, arguments=types)
            kernel = KERNELS[method.lowering.partition("-")[0]]
            return kernel(module.straight(traced, order), traced, method.tile, method.platform)
    except Exception as error:  # whatever a missing rule raises; the cause is kept
        raise _refused(error, program.origin() or traced, order, method) from error


ADVICE = "taylorkit.preflight says which primitive it is, and its line, where they are known"


class NotCompiled(FunctionError):
    """A method that cannot differentiate a function."""


def _refused(error: Exception, traced: Traced, order: int, method: Method) -> NotCompiled:
    first, *_ = str(error).splitlines() or [""]
    own, hint = isinstance(error, FunctionError), views.hint(error)
    named = [] if own or hint else culprits(traced, order, method.name)
    reason = first if own else f"{type(error).__name__}: {first}"
    rule = f"that is {', '.join(named)}: give it a rule with jax.custom_jvp, or write it otherwise"
    return NotCompiled(
        f"the function could not be compiled at order {order} by method {method.name!r}: {reason}; "
        + (rule if named else hint or ADVICE)
    )


def _packed(program: Program, order: int, module: ModuleType) -> Callable[..., list[jax.Array]]:
    """(v, arguments …) ↦ all ∂^α f up to `order`."""

    def derivatives(v: jax.Array, *arguments: jax.Array) -> list[jax.Array]:
        return module.packed(program.bound(arguments), order)(v)

    return derivatives


def fill(out: np.ndarray, traced: Traced, order: int, method: Method, points: np.ndarray) -> None:
    """Write the packed derivatives at `points` (N, D) into `out` (P, *S, N)."""
    arguments = program(traced, order).arguments(traced)
    kernel = compiled(traced, order, method)
    try:
        kernel.fill(out, points, arguments)
    except Exception as error:  # whatever f's own code raises when a kernel calls it
        *_, last = str(error).strip().splitlines() or [""]  # after the traceback of a callback
        raise FunctionError(
            f"the function failed while its derivatives were computed: {type(error).__name__}: {last}"
        ) from error


def evaluate(traced: Traced, order: int, method: Method, points: np.ndarray) -> np.ndarray | jax.Array:
    """The packed derivatives at `points` (N, D): (P, *S, N), in host memory.

    Where f holds values that JAX is tracing they are part of the caller's program, and so are the derivatives.
    """
    if traced.escapes:
        return _inside(traced, order, method, points)
    shape = (count(traced.variables, order), *traced.shape, len(points))
    out = aligned(shape, traced.dtype)
    fill(out, traced, order, method, points)
    return out


def _inside(traced: Traced, order: int, method: Method, points: np.ndarray) -> jax.Array:
    """The packed derivatives as operations of the caller's trace, each of which JAX can differentiate again."""

    def packed(points: jax.Array, consts: list[Any]) -> jax.Array:
        given = replace(traced, jaxpr=ClosedJaxpr(traced.jaxpr.jaxpr, consts))
        return jnp.concatenate(over_points(METHODS[method.name].packed(given, order))(points))

    with xla.one_by_one():
        try:
            return jax.jit(packed)(points.astype(traced.dtype), traced.jaxpr.consts)
        except Exception as error:  # whatever a missing rule raises
            raise _refused(error, traced, order, method) from error
