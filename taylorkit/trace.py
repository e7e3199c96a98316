"""One look at f: its jaxpr, its output's shape, the primitives it is made of, and where in the source they stand.

Everything that must be known before a derivative is taken is read off here: which method serves f, what it costs, what
cannot be differentiated and in which line.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn, jaxpr_as_fun

from taylorkit.calling import Form, of_vector
from taylorkit.errors import FunctionError
from taylorkit.precision import scope
from taylorkit.rewriting import equations as equations
from taylorkit.rewriting import rerun as rerun
from taylorkit.rewriting import source_line as source_line
from taylorkit.rewriting import subjaxprs as subjaxprs
from taylorkit.silence import PRINTING, silent
from taylorkit.vjp_rules import VJP_CALLS, with_jvp_rules

SHAPES = {
    "scalar": "one scalar (points of shape (N,)); for a function of one vector give (N, D), "
    "for one of D scalars a tuple of D arrays (N,)",
    "vector": "one vector of {d} entries (points of shape (N, {d})); for a function of {d} scalars "
    "give a tuple of {d} arrays (N,), for one of a single scalar give (N,)",
    "scalars": "{d} scalars (a tuple of {d} arrays (N,)); for a function of one vector give (N, {d})",
}


@dataclass(frozen=True, eq=False)
class Traced:
    """f traced once at one point. `function` maps a vector (D,) of `dtype` to an array of `shape` and `dtype`."""

    function: Callable[[jax.Array], jax.Array]
    form: Form
    variables: int
    dtype: np.dtype
    jaxpr: ClosedJaxpr
    shape: tuple[int, ...]

    @property
    def outputs(self) -> int:
        """|S|, the number of values that f returns."""
        return int(np.prod(self.shape, dtype=int))

    @property
    def largest(self) -> int:
        """The most entries that any array of f has, its constants left out."""
        inner = (v.aval.size for e in equations(self.jaxpr.jaxpr) for v in e.outvars if hasattr(v.aval, "size"))
        return max(self.outputs, self.variables, *inner, 1)

    @property
    def calls_back(self) -> bool:
        """Whether f calls Python while it runs."""
        return any("callback" in e.primitive.name for e in equations(self.jaxpr.jaxpr))

    @property
    def loops(self) -> bool:
        """Whether f holds a loop, which makes a point dear whatever its size."""
        return loops(self.jaxpr.jaxpr)

    @property
    def primitives(self) -> Counter[str]:
        """How often each primitive stands in the jaxpr, those of nested jaxprs included."""
        return Counter(e.primitive.name for e in equations(self.jaxpr.jaxpr))


class Identity:
    """A key for a callable that cannot be hashed: the object itself, kept alive while it is a key."""

    def __init__(self, f: Callable):
        self.f = f

    def __hash__(self) -> int:
        return id(self.f)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Identity) and other.f is self.f


def key(f: Callable) -> Any:
    """f as a dictionary key: by its own equality where it has one (bound methods), else by identity."""
    try:
        hash(f)
    except TypeError:
        return Identity(f)
    return f


def trace(f: Callable, form: Form, variables: int, dtype: np.dtype) -> Traced:
    """Trace f at one point of `variables` numbers.

    Raises FunctionError where f cannot take such a point, or returns anything but one real array.
    """
    return _trace(key(f), form, variables, np.dtype(dtype))


@lru_cache(maxsize=256)
def _trace(f: Any, form: Form, variables: int, dtype: np.dtype) -> Traced:
    plain = of_vector(f.f if isinstance(f, Identity) else f, form)

    def function(v: jax.Array) -> jax.Array:
        return jnp.asarray(_real_array(plain(v), f)).astype(dtype)

    with scope(dtype):
        try:
            jaxpr = jax.make_jaxpr(function)(jax.ShapeDtypeStruct((variables,), dtype))
        except FunctionError:
            raise
        except (Exception, SystemExit) as error:  # whatever user code raises; the cause is kept
            called = SHAPES[form].format(d=variables)
            raise FunctionError(
                f"{name_of(f)} could not be traced with {called}. It raised "
                f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
            ) from error
        shape, names = jaxpr.out_avals[0].shape, {e.primitive.name for e in equations(jaxpr.jaxpr)}
        if not names & (PRINTING | VJP_CALLS):
            return Traced(function, form, variables, dtype, jaxpr, shape)
        program = with_jvp_rules(silent(jaxpr))
    return Traced(lambda v: jaxpr_as_fun(program)(v)[0], form, variables, dtype, program, shape)


def _real_array(value: Any, f: Any) -> Any:
    leaves = jax.tree.leaves(value)
    if len(leaves) != 1 or leaves[0] is not value:
        raise FunctionError(
            f"{name_of(f)} returns {type(value).__name__} with {len(leaves)} arrays: must return one array; "
            "stack them, or differentiate each on its own"
        )
    dtype = jnp.result_type(value)
    if not (jnp.issubdtype(dtype, np.floating) or dtype.kind in "iub"):
        raise FunctionError(
            f"{name_of(f)} returns dtype {dtype}: must be real; stack the real and imaginary parts of a complex value"
        )
    if 0 in (shape := jnp.shape(value)):
        raise FunctionError(f"{name_of(f)} returns an array of shape {shape}, without a number: must return some")
    return value


def name_of(f: Any) -> str:
    """How messages call f."""
    inner = f.f if isinstance(f, Identity) else f
    return getattr(inner, "__name__", None) or repr(inner)


def loops(jaxpr: Jaxpr) -> bool:
    """Whether there is a loop in it, or in a jaxpr that it holds."""
    return any(e.primitive.name in ("scan", "while") for e in equations(jaxpr))


def scan_split(equation: JaxprEqn) -> tuple[int, int]:
    """How many operands of a scan are constants of its body, and how many are its carry."""
    parameters = equation.params
    if "num_consts" in parameters:
        return parameters["num_consts"], parameters["num_carry"]
    consts, carry, _ = parameters["ft_in"].unpack()  # so from JAX 0.12 on
    return len(list(consts)), len(list(carry))


def refuse_batch(f: Callable, points: Any) -> None:
    """Raise FunctionError where f treats each entry of one centre by itself, as a scalar function does with a batch.

    Such an f also takes one scalar, to one scalar, and its second output does not move with its first input. Its
    derivatives would be diagonal tensors, D times D times … of them, where D scalars were meant.
    """
    d = points.variables
    if points.form != "vector" or d < 2:
        return
    traced = trace(f, points.form, d, points.array.dtype)
    if traced.shape == (d,) and _takes_a_scalar(f, traced.dtype) and _alone(traced, points.array[0]):
        raise FunctionError(
            f"{name_of(f)} maps each of the {d} entries of the centre by itself: it is a scalar function and "
            f"these are a batch of {d} points, not one centre. Use taylorkit.derivatives(f, points, order) for "
            "all of them, or jax.vmap(jax.grad(f)) by hand"
        )


def _takes_a_scalar(f: Callable, dtype: np.dtype) -> bool:
    try:
        return trace(f, "scalar", 1, dtype).shape == ()
    except FunctionError:
        return False


def _alone(traced: Traced, center: np.ndarray) -> bool:
    """Whether the outputs but the first stay as they are when the first input moves."""
    with scope(traced.dtype):
        first = jnp.zeros(len(center), traced.dtype).at[0].set(1)
        _, change = jax.jvp(traced.function, (jnp.asarray(center),), (first,))
        return not bool((change[1:] != 0).any())
