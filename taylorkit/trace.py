"""One look at f: its jaxpr, its output's shape, the primitives it is made of, and where in the source they stand.

Everything that must be known before a derivative is taken is read off here: which method serves f, what it costs, what
cannot be differentiated and in which line.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn, jaxpr_as_fun

from taylorkit import views
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
    """f traced once at one point: a vector (D,) of `dtype` ↦ an array of `shape` and `dtype`.

    `jaxpr` is what f computed then, with the values of its constants; `rewritten` where f itself computes it in other
    words, `fixed` where its arrays stay as they are, as those of a spec's file: they are constants of its kernels, not
    arguments. `f` is None in what outlives it.
    """

    f: Callable[..., Any] | None
    form: Form
    variables: int
    dtype: np.dtype
    jaxpr: ClosedJaxpr
    shape: tuple[int, ...]
    rewritten: bool = False
    fixed: bool = False
    memory: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)

    def remembered(self, what: Any, make: Callable[[], Any]) -> Any:
        """What was worked out about this trace, kept as long as it is."""
        if what not in self.memory:
            self.memory[what] = make()
        return self.memory[what]

    @contextmanager
    def scope(self) -> Iterator[None]:
        """JAX as f needs it, whose custom rules may be traced in here: in its precision, on views of its arrays."""
        with scope(self.dtype), views.of_arrays(self.f):
            yield

    @property
    def function(self) -> Callable[[jax.Array], jax.Array]:
        """f itself, of a vector, as it is when it is called."""
        f = self.f
        if f is None or self.rewritten:
            return self.replay

        def function(v: jax.Array) -> jax.Array:
            with views.of_arrays(f):
                return _of_vector(f, self.form, self.dtype)(v)

        return function

    @property
    def replay(self) -> Callable[[jax.Array], jax.Array]:
        """What f computed when it was traced, as a function."""
        return lambda v: jaxpr_as_fun(self.jaxpr)(v)[0]

    @property
    def escapes(self) -> bool:
        """Whether f holds values that JAX is tracing: a parameter of the caller's, under grad, jit or vmap."""
        return any(isinstance(c, jax.core.Tracer) for c in self.jaxpr.consts)

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
        """Whether f itself calls Python while it runs; its derivatives may where it does not, in custom rules."""
        return calls_python(self.jaxpr)

    @property
    def loops(self) -> bool:
        """Whether f holds a loop, which makes a point dear whatever its size."""
        return loops(self.jaxpr.jaxpr)

    @property
    def primitives(self) -> Counter[str]:
        """How often each primitive stands in the jaxpr, those of nested jaxprs included."""
        return Counter(e.primitive.name for e in equations(self.jaxpr.jaxpr))


def trace(f: Callable, form: Form, variables: int, dtype: np.dtype) -> Traced:
    """Trace f, as it is now, at one point of `variables` numbers.

    An f that holds values of the caller's trace is traced in the caller's precision, of which they are.

    Raises FunctionError where f cannot take such a point, or returns anything but one real array.
    """
    dtype = np.dtype(dtype)
    callers = np.dtype(np.float64 if jax.config.jax_enable_x64 else np.float32)
    with scope(dtype), views.of_arrays(f):
        jaxpr = _traced(f, form, variables, dtype)
        names = {e.primitive.name for e in equations(jaxpr.jaxpr)}
        program = with_jvp_rules(silent(jaxpr)) if names & (PRINTING | VJP_CALLS) else jaxpr
    traced = Traced(f, form, variables, dtype, program, jaxpr.out_avals[0].shape, program is not jaxpr)
    if traced.escapes and callers.itemsize != dtype.itemsize:
        return trace(f, form, variables, callers)
    return traced


def _traced(f: Callable, form: Form, variables: int, dtype: np.dtype) -> ClosedJaxpr:
    try:
        # A function of its own each time: JAX would find the last trace of one that it knows.
        jaxpr = jax.make_jaxpr(_of_vector(f, form, dtype))(jax.ShapeDtypeStruct((variables,), dtype))
    except FunctionError:
        raise
    except (Exception, SystemExit) as error:  # whatever user code raises; the cause is kept
        called = SHAPES[form].format(d=variables)
        raise FunctionError(
            f"{name_of(f)} could not be traced with {called}. It raised "
            f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        ) from error
    # Arrays that nobody else can write to.
    return ClosedJaxpr(jaxpr.jaxpr, [np.array(c) if isinstance(c, np.ndarray) else c for c in jaxpr.consts])


def _of_vector(f: Callable, form: Form, dtype: np.dtype) -> Callable[[jax.Array], jax.Array]:
    plain = of_vector(f, form)

    def function(v: jax.Array) -> jax.Array:
        value = _real_array(plain(v), f)
        # Most are already what is wanted: to ask JAX for that takes as long as one of f's own operations.
        return value if _is_of(value, dtype) else jnp.asarray(value).astype(dtype)

    return function


def _is_of(value: Any, dtype: np.dtype) -> bool:
    return isinstance(value, jax.Array) and value.dtype == dtype and not value.weak_type


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
    return getattr(f, "__name__", None) or repr(f)


def loops(jaxpr: Jaxpr) -> bool:
    """Whether there is a loop in it, or in a jaxpr that it holds."""
    return any(e.primitive.name in ("scan", "while") for e in equations(jaxpr))


def calls_python(program: ClosedJaxpr) -> bool:
    """Whether it calls Python while it runs."""
    return any("callback" in e.primitive.name for e in equations(program.jaxpr))


def scan_split(equation: JaxprEqn) -> tuple[int, int]:
    """How many operands of a scan are constants of its body, and how many are its carry."""
    parameters = equation.params
    if "num_consts" in parameters:
        return parameters["num_consts"], parameters["num_carry"]
    consts, carry, _ = parameters["ft_in"].unpack()  # so from JAX 0.12 on
    return len(list(consts)), len(list(carry))


def refuse_batch(f: Callable, points: Any) -> Traced | None:
    """Raise FunctionError where f treats each entry of one centre by itself, as a scalar function does with a batch.
    Returns f's trace, where it needed one.

    Such an f also takes one scalar, to one scalar, and its second output does not move with its first input. Its
    derivatives would be diagonal tensors, D times D times … of them, where D scalars were meant.
    """
    d = points.variables
    if points.form != "vector" or d < 2:
        return None
    traced = trace(f, points.form, d, points.array.dtype)
    if traced.escapes:  # whose values are not there to be looked at
        return traced
    if traced.shape == (d,) and _takes_a_scalar(f, traced.dtype) and _alone(traced, points.array[0]):
        raise FunctionError(
            f"{name_of(f)} maps each of the {d} entries of the centre by itself: it is a scalar function and "
            f"these are a batch of {d} points, not one centre. Use taylorkit.derivatives(f, points, order) for "
            "all of them, or jax.vmap(jax.grad(f)) by hand"
        )
    return traced


def _takes_a_scalar(f: Callable, dtype: np.dtype) -> bool:
    try:
        return trace(f, "scalar", 1, dtype).shape == ()
    except FunctionError:
        return False


def _alone(traced: Traced, center: np.ndarray) -> bool:
    """Whether the outputs but the first stay as they are when the first input moves."""
    with traced.scope():
        first = jnp.zeros(len(center), traced.dtype).at[0].set(1)
        _, change = jax.jvp(traced.replay, (jnp.asarray(center),), (first,))
        return not bool((change[1:] != 0).any())
