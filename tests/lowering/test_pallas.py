"""The kernel of Pallas: interpreted, against the same line through XLA; and what Triton makes of it, GPU or not."""

from contextlib import AbstractContextManager, nullcontext

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import taylorkit as tk
from taylorkit.differentiation import METHODS, resolve
from taylorkit.differentiation.lines import trace_line
from taylorkit.lowering import mathematics, pallas
from taylorkit.lowering.line import Line
from taylorkit.precision import scope
from taylorkit.trace import Traced, trace

# Sums are taken in another order and functions may be inlined: last bits differ, and cancel against each other.
CLOSE = {np.float64: 1e-12, np.float32: 3e-5}
DTYPES = pytest.mark.parametrize("dtype", CLOSE, ids=lambda t: t.__name__)


def surface(x: jax.Array, y: jax.Array) -> jax.Array:
    return jnp.sin(x * y) * jnp.exp(-(x**2 + y**2) / 2) + jnp.tanh(x + 2 * y)


def handing(x: jax.Array, y: jax.Array) -> jax.Array:
    """What the kernel has no function for, twice; a choice between numbers; and two outputs."""
    chosen = jnp.where(x > y, jnp.tanh(x), lax.erfc(y))
    return jnp.stack([lax.erf(x) * y, chosen])


def traced(f: object, variables: int, dtype: type = np.float64) -> Traced:
    return trace(f, "scalars", variables, np.dtype(dtype))


def columns(points: int, dtype: type = np.float64, variables: int = 2) -> tuple[np.ndarray, ...]:
    return tuple(np.random.default_rng(1).uniform(-1, 1, (variables, points)).astype(dtype))


@DTYPES
@pytest.mark.parametrize("method", ["series", "reverse"])
@pytest.mark.parametrize(("f", "order"), [(surface, 5), (handing, 3)], ids=["surface", "handing"])
def test_the_same_numbers_as_xla(f: object, order: int, method: str, dtype: type) -> None:
    points = columns(300, dtype)
    ours, theirs = (np.asarray(tk.derivatives(f, points, order, f"{method}:{w}").packed) for w in ("pallas", "xla"))
    assert ours.dtype == dtype
    scale = np.abs(theirs).max(axis=-1, keepdims=True)
    assert (np.abs(ours - theirs) <= CLOSE[dtype] * scale).all()


@pytest.mark.parametrize("points", [1, 127, 129])
def test_a_point_does_not_depend_on_the_others(points: int) -> None:
    x, y = columns(300)
    many, few = (np.asarray(tk.derivatives(surface, (x[:n], y[:n]), 2, "series:pallas").packed) for n in (300, points))
    np.testing.assert_array_equal(few, many[:, :points])


@DTYPES
def test_points_of_many_blocks(dtype: type) -> None:
    """A line of its own numbers: x₀, what is handed in, and a constant, block by block."""
    line = Line(pallas.FUNCTIONS)
    line.results = [line.input(0), line.put("mul", line.input(2), line.number(2.0)), line.number(-0.0)]
    count = 4 * pallas.BLOCK
    points, handed = np.arange(2 * count, dtype=dtype).reshape(count, 2), np.arange(count, dtype=dtype)[None]
    with scope(np.dtype(dtype)):
        found = np.asarray(pallas.kernel(line, 2, np.dtype(dtype), interpret=True)(points, handed))
    np.testing.assert_array_equal(found, [points[:, 0], 2 * handed[0], np.zeros(count)])
    assert np.signbit(found[2]).all()


HALVES = np.array([-2.5, -1.5, -1.2, -0.5, -0.3, 0.0, 0.3, 0.49999999999999994, 0.5, 1.5, 1.7, 2.5, 4.5e15 + 0.5])


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ("trunc", np.trunc),
        ("roundeven", np.round),
        ("round", lambda x: np.trunc(x + np.copysign(0.49999999999999994, x))),
    ],
)
def test_rounding(operation: str, expected: object) -> None:
    with scope(HALVES.dtype):
        np.testing.assert_array_equal(np.asarray(pallas.COMPOSED[operation](jnp.asarray(HALVES))), expected(HALVES))


def test_it_is_never_taken_unasked() -> None:
    for name in METHODS:
        assert not resolve(name, traced(surface, 2), 3, "gpu").lowering.startswith("pallas")


def test_the_fingerprint_tells_interpreted_from_compiled() -> None:
    assert resolve("series:pallas", traced(surface, 2), 3, "gpu").lowering == "pallas"
    assert resolve("series:pallas", traced(surface, 2), 3, "cpu").lowering == "pallas-interpreted"


def looping(x: jax.Array) -> jax.Array:
    return lax.fori_loop(0, 3 + (x > 100), lambda _, c: jnp.sin(c) * x, x)


@pytest.mark.parametrize(("f", "dtype"), [(looping, np.float64), (jnp.sin, np.float16)], ids=["loop", "half"])
def test_what_is_not_served_says_so(f: object, dtype: type) -> None:
    with pytest.raises(tk.SpecError, match=r"series:pallas.*serves functions of few numbers without loops, in float32"):
        resolve("series:pallas", traced(f, 1, dtype), 3, "cpu")


def test_no_output_at_all() -> None:
    with pytest.raises(tk.FunctionError, match=r"shape \(0,\), without a number"):
        tk.derivatives(lambda x: jnp.stack([x, x])[:0], [0.5, 1.0], 2, "series:pallas")


# What follows lowers for a GPU on any machine: Pallas writes the kernel in Triton's language, unless it cannot.


def some_gpu() -> AbstractContextManager[object]:
    """JAX 0.12 asks which GPU is meant."""
    if jax.__version_info__ < (0, 11) or jax.default_backend() == "gpu":
        return nullcontext()
    device = jax.sharding.AbstractDevice("NVIDIA H100", None, "gpu")
    return jax.sharding.use_abstract_mesh(jax.sharding.AbstractMesh((), (), abstract_device=device))


def in_triton(line: Line, variables: int, handed: int, dtype: type) -> str:
    """The program for a GPU that calls the line's kernel."""
    count = 2 * pallas.BLOCK
    shapes = [(count, variables), *([(handed, count)] if handed else [])]
    with scope(np.dtype(dtype)), some_gpu():
        run = jax.jit(pallas.kernel(line, variables, np.dtype(dtype), interpret=False))
        inputs = [jax.ShapeDtypeStruct(shape, dtype) for shape in shapes]
        return run.trace(*inputs).lower(lowering_platforms=("cuda",)).as_text()


@DTYPES
@pytest.mark.parametrize("f", [surface, handing])
def test_triton_takes_derivatives(f: object, dtype: type) -> None:
    f = traced(f, 2, dtype)
    line, handed = trace_line(METHODS["series"].straight(f, 4), f, pallas.FUNCTIONS)
    text = in_triton(line, 2, len(handed.out_avals), dtype)
    assert text.count("xla.gpu.triton") == 1


@DTYPES
def test_triton_takes_every_instruction(dtype: type) -> None:
    line = Line(pallas.FUNCTIONS)
    x, y = line.input(0), line.input(1)
    truths = [line.put(name, x, y, type="truth") for name in sorted(mathematics.COMPARISONS)]
    truths += [line.put(name, *truths[:2], type="truth") for name in ("and", "or", "xor")]
    truths += [line.put("not", truths[0], type="truth"), line.put("truth", True, type="truth")]
    two = ["add", "sub", "mul", "div", "max", "min", "pow", "atan2"]
    one = {*mathematics.REALS, *pallas.FUNCTIONS, "trunc", "round", "roundeven"} - {*two}
    line.results = [line.put("select", truth, x, y) for truth in truths]
    line.results += [line.put(name, x, y) for name in two] + [line.put(name, x) for name in sorted(one)]
    assert in_triton(line, 2, 0, dtype).count("xla.gpu.triton") == 1


@pytest.mark.parametrize("name", sorted(mathematics.FUNCTIONS - pallas.FUNCTIONS))
def test_what_is_handed_in_is_what_triton_lacks(name: str) -> None:
    line = Line(mathematics.FUNCTIONS)
    line.results = [line.put(name, line.input(0))]
    with pytest.raises(NotImplementedError, match=name):
        in_triton(line, 1, 0, np.float32)
